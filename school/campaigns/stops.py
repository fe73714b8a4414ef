"""Campaigns that the brake stopped (`school.lines`): telling the platform's operators, and what they decide.

Also the budgets of schools, which the same people set. `by` is the operator's account, None: by a command.
"""

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

import logs
from db.kinds import CampaignState, Channel, MessagePurpose, MessageState, Role
from db.models import Campaign, CampaignStop, Message, School, Staff, StaffRole
from errors import InputError, MissingError
from school import audit, lines
from school.campaigns import lifecycle
from school.campaigns.states import is_in
from school.lines import Budget
from school.outbox import enqueue, wake
from school.outbox.states import is_in as is_message_in
from school.staff.leaders import check_operates
from school.wording.translation import SOURCE, gettext

log = logs.get(__name__)

UNDER_WAY = (CampaignState.RUNNING, CampaignState.PAUSED)
"""What a confirmed stop ends; a campaign whose hour has not come is not what used the lines."""
KEEP_ALARM = timedelta(days=3)


def release(session: Session, stop_id: int, *, by: int | None, now: datetime) -> None:
    """Let the campaigns go on; today they are stopped anew when as much again was used.

    Raises InputError when it was decided, MissingError when there is no such stop, ForbiddenError for who may not.
    """
    stop = _decide(session, stop_id, by, released=True, now=now)
    held = update(Message).where(
        is_message_in(MessageState.READY), Message.purpose == MessagePurpose.CAMPAIGN, Message.due_at > now
    )
    if stop.school_id is not None:
        held = held.where(Message.school_id == stop.school_id)
    session.execute(held.values(due_at=now).execution_options(synchronize_session=False))
    wake.notify(session, Channel.SMS)
    wake.notify(session, Channel.CALL)


def confirm(session: Session, stop_id: int, *, by: int | None, now: datetime) -> int:
    """End the campaigns under way for good; gives how many. Raises as `release` does."""
    stop = _decide(session, stop_id, by, released=False, now=now)
    under_way = select(Campaign.id).where(is_in(*UNDER_WAY), Campaign.apology_for_id.is_(None))
    if stop.school_id is not None:
        under_way = under_way.where(Campaign.school_id == stop.school_id)
    ended = session.scalars(under_way.order_by(Campaign.id).with_for_update()).all()
    session.execute(
        update(Campaign)
        .where(Campaign.id.in_(ended))
        .values(state=CampaignState.STOPPED, ended_at=now)
        .execution_options(synchronize_session=False)
    )
    lifecycle.end_for_good(session, ended, now)
    return len(ended)


def change_budget(session: Session, school_id: int, own: Budget, *, by: int | None, now: datetime) -> None:
    """Give a school figures of its own. Raises InputError for one that cannot be, ForbiddenError for who may not."""
    if by is not None:
        check_operates(session, by)
    if session.get(School, school_id) is None:
        raise MissingError("There is no such school.")
    before = lines.budget(session, school_id)
    lines.set_budget(session, school_id, own)
    audit.write(
        session,
        "budget.changed",
        "school",
        school_id,
        now,
        school_id=school_id,
        by=by,
        calls=[before.calls, own.calls],
        minutes=[before.minutes, own.minutes],
        sms_parts=[before.sms_parts, own.sms_parts],
    )


def tell_operators(session: Session, now: datetime) -> int:
    """Write to the platform's operators of stops that they were not told of; gives how many stops. To be repeated."""
    stops = session.scalars(
        select(CampaignStop)
        .where(CampaignStop.decided_at.is_(None), CampaignStop.told_at.is_(None))
        .with_for_update(skip_locked=True)
    ).all()
    if not stops:
        return 0
    operators = session.scalars(
        select(Staff.email)
        .join(StaffRole, StaffRole.staff_id == Staff.id)
        .where(StaffRole.role == Role.PLATFORM_OPERATOR, Staff.is_active)
        .order_by(Staff.id)
    ).all()
    for stop in stops:
        school = None if stop.school_id is None else session.get_one(School, stop.school_id).name
        text = gettext(
            SOURCE,
            "Кампании са спрени\n\nЗдравейте!\n\n{school}: кампаниите за днес вече са {used} обаждания и SMS, а "
            "обичайното е до {most}. Новите обаждания и SMS на кампании са спрени; отговорите и известията за децата "
            "продължават.\n\nОтворете страница „Платформа“ и решете: да продължат, или да бъдат прекратени.",
            school=school or gettext(SOURCE, "Всички училища"),
            used=stop.used,
            most=stop.most,
        )
        for email in operators:
            enqueue(
                session,
                channel=Channel.EMAIL,
                address=email,
                text=text,
                purpose=MessagePurpose.SERVICE,
                now=now,
                keep_for=KEEP_ALARM,
            )
        stop.told_at = now
    session.flush()
    return len(stops)


def _decide(session: Session, stop_id: int, by: int | None, *, released: bool, now: datetime) -> CampaignStop:
    if by is not None:
        check_operates(session, by)
    stop = session.scalars(select(CampaignStop).where(CampaignStop.id == stop_id).with_for_update()).one_or_none()
    if stop is None:
        raise MissingError("There is no such stop.")
    if stop.decided_at is not None:
        raise InputError("This stop was decided on already.")
    stop.decided_at, stop.decided_by, stop.released = now, by, released
    session.flush()
    audit.write(
        session,
        "campaign.released" if released else "campaign.ended",
        "campaign_stop",
        stop.id,
        now,
        school_id=stop.school_id,
        by=by,
        used=stop.used,
        most=stop.most,
    )
    log.warning("campaigns.stop_decided", school_id=stop.school_id, released=released)
    return stop
