"""The names on pages of campaigns' states, results and answers.

By their type too: a family and a call that are `reached` are one text to a dictionary, and two things to a reader.
"""

from typing import Any

from admin_web.translations import _l
from db.kinds import CallResult, CampaignState, Channel, FamilyState, MeetingAnswer

_NAMES: dict[tuple[type, Any], Any] = {
    (CampaignState, CampaignState.DRAFT): _l("чернова"),
    (CampaignState, CampaignState.SCHEDULED): _l("чака часа си"),
    (CampaignState, CampaignState.RUNNING): _l("звъни се"),
    (CampaignState, CampaignState.PAUSED): _l("на пауза"),
    (CampaignState, CampaignState.STOPPED): _l("спряна"),
    (CampaignState, CampaignState.FINISHED): _l("приключила"),
    (FamilyState, FamilyState.WAITING): _l("чакат обаждане"),
    (FamilyState, FamilyState.CALLING): _l("в разговор"),
    (FamilyState, FamilyState.REACHED): _l("чули са"),
    (FamilyState, FamilyState.MACHINE): _l("телефонен секретар"),
    (FamilyState, FamilyState.NOT_REACHED): _l("не са намерени"),
    (FamilyState, FamilyState.OPTED_OUT): _l("не желаят обаждания"),
    (FamilyState, FamilyState.SKIPPED): _l("не са търсени"),
    (FamilyState, FamilyState.UNKNOWN): _l("неизвестно"),
    (FamilyState, FamilyState.NOT_ALLOWED): _l("номерът не е разрешен"),
    (FamilyState, FamilyState.WRITTEN): _l("изпратен SMS"),
    (MeetingAnswer, MeetingAnswer.COMES): _l("ще дойде"),
    (MeetingAnswer, MeetingAnswer.COMES_NOT): _l("няма да дойде"),
    (CallResult, CallResult.REACHED): _l("разговор"),
    (CallResult, CallResult.MACHINE): _l("телефонен секретар"),
    (CallResult, CallResult.CUT_SHORT): _l("затворено веднага"),
    (CallResult, CallResult.BUSY): _l("заето"),
    (CallResult, CallResult.NO_ANSWER): _l("не вдига"),
    (CallResult, CallResult.REJECTED): _l("отказано"),
    (CallResult, CallResult.BAD_NUMBER): _l("няма такъв номер"),
    (CallResult, CallResult.TRUNK): _l("линията не работи"),
    (CallResult, CallResult.FAILED): _l("наша грешка"),
    (CallResult, CallResult.UNKNOWN): _l("неизвестно"),
    (CallResult, CallResult.NOT_ALLOWED): _l("номерът не е разрешен"),
    (Channel, Channel.CALL): _l("по телефона"),
    (Channel, Channel.SMS): _l("със SMS"),
    (Channel, Channel.EMAIL): _l("по имейл"),
}


def named(kind: Any) -> str:
    """A state, result, answer or channel in the reader's language."""
    return str(_NAMES[type(kind), kind])
