"""An apology to exactly those whom a stopped campaign had reached by mistake: once, in the school's own words.

Whom it reached: whoever's telephone was answered, by a person or a machine, or whose call nobody saw the end of, and
whoever's SMS an operator took. Reached mobiles get an SMS, which disturbs nobody; a family that was reached by a fixed
line alone is called. Who asked not to be called any more is left alone, and is shown as such.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, func, insert, select, union
from sqlalchemy.orm import Session

from db.kinds import CallResult, CampaignKind, CampaignState, Channel, FamilyState, MessagePurpose, MessageState
from db.models import (
    CallAttempt,
    Campaign,
    CampaignChild,
    CampaignFamily,
    CampaignOptOut,
    CampaignTelephone,
    Message,
    School,
)
from errors import ForbiddenError, InputError
from school import outbox
from school.calling.hours import CallingHours
from school.campaigns import invitation, outcomes
from school.campaigns.lifecycle import ATTEMPTS, LASTS, audited, own_campaign
from school.classbook import rules
from school.outbox import wake
from school.security import destinations

TITLE = "Извинение"
_WENT_OUT = (MessageState.SENT, MessageState.DELIVERED, MessageState.UNKNOWN)


@dataclass(slots=True)
class _Reached:
    """By which telephones a family was reached, in the order in which it was called."""

    phones: dict[str, int | None] = field(default_factory=dict)


def number_reached(session: Session, campaign_id: int) -> int:
    """How many families a campaign has reached, by telephone or SMS."""
    by_call = (
        select(CallAttempt.family_id)
        .join(CampaignFamily, CampaignFamily.id == CallAttempt.family_id)
        .where(_heard(campaign_id))
    )
    families: CompoundSelect[Any] = union(by_call, _written(campaign_id))
    return session.scalar(select(func.count()).select_from(families.subquery())) or 0


def apologise(session: Session, *, by: int, campaign_id: int, text: str, now: datetime) -> int:
    """Apologise for a stopped campaign to those it reached; gives the id of the campaign that does so.

    For the school's leaders. Raises InputError when it was not stopped, when calls of it still go on, when nobody was
    reached, when there was an apology already, or for words that are none or too many.
    """
    author, campaign = own_campaign(session, by, campaign_id)
    if not author.leads:
        raise ForbiddenError("Only the school's leaders apologise for a campaign.")
    if campaign.state is not CampaignState.STOPPED:
        raise InputError("An apology is only for a campaign that was stopped: stop it first.")
    said = " ".join(text.split())
    if not said:
        raise InputError("Write the words of the apology.")
    if len(said) > rules.LONGEST_TEXT:
        raise InputError("The apology is longer than {longest} characters: shorten it.", longest=rules.LONGEST_TEXT)
    if session.scalar(select(Campaign.id).where(Campaign.apology_for_id == campaign_id)) is not None:
        raise InputError("An apology for this campaign was made already.")
    if _goes_on(session, campaign_id):
        raise InputError("Calls or SMS of this campaign are still under way: try again in a few minutes.")
    reached = _reached(session, campaign_id)
    if not reached:
        raise InputError("This campaign reached nobody: there is nobody to apologise to.")
    made = _campaign(session, campaign, by, said, now)
    _tell(session, made, reached, now)
    audited(session, author, "campaign.apologised", campaign_id, now, apology=made.id, families=len(reached))
    wake.notify(session, Channel.CALL)
    return made.id


def _goes_on(session: Session, campaign_id: int) -> bool:
    of_it = CampaignFamily.campaign_id == campaign_id
    calling = select(CampaignFamily.id).where(of_it, CampaignFamily.state == FamilyState.CALLING)
    sending = (
        select(CampaignFamily.id)
        .join(Message, Message.id == CampaignFamily.message_id)
        .where(of_it, Message.state.in_((MessageState.READY, MessageState.CLAIMED)))
    )
    return session.scalar(select(union(calling, sending).subquery().c.id).limit(1)) is not None


def _campaign(session: Session, of: Campaign, by: int, said: str, now: datetime) -> Campaign:
    school = session.get_one(School, of.school_id)
    made = Campaign(
        school_id=of.school_id,
        staff_id=by,
        kind=CampaignKind.ANNOUNCEMENT,
        class_id=of.class_id,
        level=of.level,
        title=TITLE,
        text=said,
        state=CampaignState.RUNNING,
        starts_at=now,
        ends_at=now + LASTS,
        from_hour=school.from_hour,
        until_hour=school.until_hour,
        weekdays=school.call_weekdays,
        attempts=ATTEMPTS,
        sms_fallback=False,
        apology_for_id=of.id,
        created_at=now,
    )
    session.add(made)
    session.flush()
    return made


def _tell(session: Session, made: Campaign, reached: dict[int, _Reached], now: datetime) -> None:
    """A family of the apology for each that was reached, with the telephones by which it was."""
    said = invitation.read(session, made.id)
    children = _children(session, reached)
    spoken_of = outcomes.called_for(session, list(reached))
    no_calls = set(session.scalars(select(CampaignOptOut.phone).where(CampaignOptOut.school_id == made.school_id)))
    allowed = destinations.current()
    first = CallingHours(made.from_hour, made.until_hour, made.weekdays).first_from(now)
    for family_id, one in reached.items():
        wanted = [phone for phone in one.phones if phone not in no_calls]
        reachable = [phone for phone in wanted if allowed.reaches(phone)]
        written = [phone for phone in reachable if allowed.reaches(phone, Channel.SMS)]
        state = (
            FamilyState.OPTED_OUT
            if not wanted
            else FamilyState.NOT_ALLOWED
            if not reachable
            else FamilyState.WRITTEN
            if written
            else FamilyState.WAITING
        )
        waits = state is FamilyState.WAITING
        messages = [_write(session, made, phone, invitation.sms(said, spoken_of[family_id]), now) for phone in written]
        family = CampaignFamily(
            school_id=made.school_id,
            campaign_id=made.id,
            state=state,
            due_at=first if waits else None,
            ended_at=None if waits else now,
            position=1,
            message_id=messages[0] if messages else None,
        )
        session.add(family)
        session.flush()
        for position, phone in enumerate(reachable if waits else one.phones, start=1):
            session.add(
                CampaignTelephone(
                    family_id=family.id,
                    position=position,
                    phone=phone,
                    guardian_id=one.phones[phone],
                    attempts=0,
                    due_at=first if waits and position == 1 else None,
                )
            )
        session.execute(
            insert(CampaignChild),
            [
                {"school_id": made.school_id, "family_id": family.id, "student_id": student_id}
                for student_id in children[family_id]
            ],
        )
    session.flush()


def _write(session: Session, made: Campaign, phone: str, text: str, now: datetime) -> int:
    """Of service, not of a campaign: the brake that stopped the mistake does not stop the apology."""
    return outbox.enqueue(
        session,
        channel=Channel.SMS,
        address=phone,
        text=text,
        purpose=MessagePurpose.SERVICE,
        now=now,
        school_id=made.school_id,
        hours=(made.from_hour, made.until_hour),
        keep_for=timedelta(days=2),
    )


def _reached(session: Session, campaign_id: int) -> dict[int, _Reached]:
    found: dict[int, _Reached] = defaultdict(_Reached)
    for row in session.execute(
        select(CallAttempt.family_id, CallAttempt.phone, CampaignTelephone.guardian_id)
        .join(CampaignFamily, CampaignFamily.id == CallAttempt.family_id)
        .outerjoin(
            CampaignTelephone,
            (CampaignTelephone.family_id == CallAttempt.family_id) & (CampaignTelephone.phone == CallAttempt.phone),
        )
        .where(_heard(campaign_id))
        .order_by(CallAttempt.id)
    ):
        assert row.family_id is not None
        found[row.family_id].phones.setdefault(row.phone, row.guardian_id)
    for family_id, phone in session.execute(_written(campaign_id).add_columns(Message.address)):
        found[family_id].phones.setdefault(phone, None)
    return dict(found)


def _heard(campaign_id: int) -> ColumnElement[bool]:
    """The telephone was taken, or nobody saw what became of the call."""
    return (CampaignFamily.campaign_id == campaign_id) & (
        CallAttempt.answered_at.is_not(None) | (CallAttempt.result == CallResult.UNKNOWN)
    )


def _written(campaign_id: int) -> Select[int]:
    """Families whose SMS an operator took."""
    return (
        select(CampaignFamily.id.label("family_id"))
        .join(Message, Message.id == CampaignFamily.message_id)
        .where(CampaignFamily.campaign_id == campaign_id, Message.state.in_(_WENT_OUT))
    )


def _children(session: Session, family_ids: Iterable[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {family_id: [] for family_id in family_ids}
    for family_id, student_id in session.execute(
        select(CampaignChild.family_id, CampaignChild.student_id)
        .where(CampaignChild.family_id.in_(list(found)))
        .order_by(CampaignChild.student_id)
    ):
        found[family_id].append(student_id)
    return found
