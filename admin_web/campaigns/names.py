"""What campaigns' states, results and answers are called on pages."""

from typing import Any

from admin_web.translations import _l
from db.kinds import CallResult, CampaignState, Channel, FamilyState, MeetingAnswer

NAMES: dict[Any, Any] = {
    CampaignState.DRAFT: _l("чернова"),
    CampaignState.SCHEDULED: _l("чака часа си"),
    CampaignState.RUNNING: _l("звъни се"),
    CampaignState.PAUSED: _l("на пауза"),
    CampaignState.STOPPED: _l("спряна"),
    CampaignState.FINISHED: _l("приключила"),
    FamilyState.WAITING: _l("чакат обаждане"),
    FamilyState.CALLING: _l("в разговор"),
    FamilyState.REACHED: _l("чули са"),
    FamilyState.MACHINE: _l("телефонен секретар"),
    FamilyState.NOT_REACHED: _l("не са намерени"),
    FamilyState.OPTED_OUT: _l("не желаят обаждания"),
    FamilyState.SKIPPED: _l("не са търсени"),
    FamilyState.UNKNOWN: _l("неизвестно"),
    MeetingAnswer.COMES: _l("ще дойде"),
    MeetingAnswer.COMES_NOT: _l("няма да дойде"),
    CallResult.REACHED: _l("разговор"),
    CallResult.MACHINE: _l("телефонен секретар"),
    CallResult.CUT_SHORT: _l("затворено веднага"),
    CallResult.BUSY: _l("заето"),
    CallResult.NO_ANSWER: _l("не вдига"),
    CallResult.REJECTED: _l("отказано"),
    CallResult.BAD_NUMBER: _l("няма такъв номер"),
    CallResult.TRUNK: _l("линията не работи"),
    CallResult.FAILED: _l("наша грешка"),
    CallResult.UNKNOWN: _l("неизвестно"),
    Channel.CALL: _l("по телефона"),
    Channel.SMS: _l("със SMS"),
    Channel.EMAIL: _l("по имейл"),
}


def named(kind: Any) -> str:
    """A state, result, answer or channel in the reader's language."""
    return str(NAMES[kind])
