"""Families of campaigns that are to be called now; what may have changed since is checked right before the call.

So is what our lines are for: which numbers they reach (`school.security.destinations`), what the school may still use
today and whether its campaigns were stopped (`school.lines`), and how often a telephone was rung lately.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, func, or_, select, union_all, update
from sqlalchemy.orm import Session, aliased

import settings
from db.kinds import CallResult, CampaignKind, CampaignState, Channel, FamilyState, SubscriptionStatus
from db.models import (
    CallAttempt,
    Campaign,
    CampaignChild,
    CampaignFamily,
    CampaignOptOut,
    CampaignTelephone,
    SchoolEvent,
    Subscriber,
    Subscription,
)
from runtime.localtime import today
from school.calling.hours import CallingHours
from school.calling.policy import CLIPS_TAKE, LINE_BUSY, IsSpoken, everything_is_spoken
from school.campaigns import outcomes
from school.campaigns.states import is_in, is_waiting
from school.campaigns.telephones import not_theirs
from school.campaigns.unspoken import unspoken
from school.lines import Holds, holds
from school.security import destinations
from school.security.destinations import Destinations

DID_NOT_RING = (CallResult.TRUNK, CallResult.BUSY, CallResult.BAD_NUMBER, CallResult.NOT_ALLOWED)
"""Calls that disturbed nobody: they do not count among those that one telephone may get."""
_QUIETLY = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class DueFamily:
    """A family to ring at its telephone `position` (1..), `phone` in E.164."""

    family_id: int
    position: int
    phone: str
    school_id: int


def next_at(session: Session, now: datetime) -> datetime | None:
    """When a family is to be rung next, or a campaign begins; None: nobody waits, or nobody who may be rung today."""
    moments = (
        session.scalar(
            select(func.min(CampaignFamily.due_at))
            .join(Campaign, Campaign.id == CampaignFamily.campaign_id)
            .where(is_waiting(), is_in(CampaignState.RUNNING), *_not_held(holds(session, now)))
        ),
        session.scalar(select(func.min(Campaign.starts_at)).where(is_in(CampaignState.SCHEDULED))),
    )
    return min((moment for moment in moments if moment is not None), default=None)


def choose(
    session: Session,
    limit: int,
    now: datetime,
    taken: frozenset[str],
    held: Holds,
    scale: float = 1.0,
    is_spoken: IsSpoken = everything_is_spoken,
) -> list[DueFamily]:
    """Choose at most `limit` due families that may be rung now, each with the telephone whose turn it is.

    They are marked as being called. `taken`: telephones (E.164) that are being rung already; `held`: what the lines may
    not be used for; `scale`: times the hour and the day of `limits_of_number`, as of all pauses. Families whose message
    is not `is_spoken` yet wait a little. Whoever wants texts and no calls is written to when it is their turn.
    """
    if limit <= 0:
        return []
    due = _due(session, limit, now, held)
    if not due:
        return []
    no_calls = _want_no_calls(session, due)
    reached = _reached_otherwise(session, due, now)
    rests = _resting(session, [row.phone for row in due], now, scale)
    allowed = destinations.current()
    silent = unspoken(session, {row.id: row.campaign_id for row in due}, today(now), is_spoken)
    later: list[dict[str, Any]] = []
    chosen: list[DueFamily] = []
    phones = set(taken)
    for row in due:
        hours = CallingHours(row.from_hour, row.until_hour, row.weekdays)
        over = row.ends_at <= now or (
            row.kind is CampaignKind.MEETING and (row.meets_at is None or row.meets_at <= now)
        )
        if over:
            later.append(_later(row.id, row.position, now + LINE_BUSY))  # `maintenance` ends it
        elif not hours.allow(now):
            later.append(_later(row.id, row.position, hours.first_from(now)))
        elif row.id in reached:
            outcomes.finish(session, _campaign(session, row), [row.id], FamilyState.SKIPPED, now)
        elif row.text_only and (row.id, row.phone) not in no_calls and allowed.reaches(row.phone, Channel.SMS):
            outcomes.write_instead(session, _campaign(session, row), row.id, row.phone, now)
        elif row.text_only or (row.id, row.phone) in no_calls or not allowed.reaches(row.phone):
            _pass_over(session, row, no_calls, allowed, now)
        elif row.id in silent:
            later.append(_later(row.id, row.position, now + CLIPS_TAKE))
        elif row.phone in phones:
            later.append(_later(row.id, row.position, now + LINE_BUSY))
        elif (rest := rests.get(row.phone)) is not None:
            later.append(_later(row.id, row.position, hours.first_from(rest)))
        elif held.take(row.school_id, Channel.CALL, campaign=True):
            phones.add(row.phone)
            chosen.append(DueFamily(row.id, row.position, row.phone, row.school_id))
    _postpone(session, later)
    if chosen:
        session.execute(
            update(CampaignFamily)
            .where(CampaignFamily.id.in_([family.family_id for family in chosen]))
            .values(state=FamilyState.CALLING, due_at=None)
            .execution_options(**_QUIETLY)
        )
    return chosen


def _due(session: Session, limit: int, now: datetime, held: Holds) -> Sequence[Row[*tuple[Any, ...]]]:
    """Who waits longest, locked for this transaction; families that another dialer holds are left to it."""
    return session.execute(
        select(
            CampaignFamily.id,
            CampaignFamily.position,
            CampaignFamily.school_id,
            CampaignTelephone.phone,
            Campaign.id.label("campaign_id"),
            Campaign.kind,
            Campaign.event_id,
            Campaign.ends_at,
            Campaign.from_hour,
            Campaign.until_hour,
            Campaign.weekdays,
            SchoolEvent.starts_at.label("meets_at"),
            Subscriber.text_only,
        )
        .join(Campaign, Campaign.id == CampaignFamily.campaign_id)
        .join(
            CampaignTelephone,
            (CampaignTelephone.family_id == CampaignFamily.id)
            & (CampaignTelephone.position == CampaignFamily.position),
        )
        .join(SchoolEvent, SchoolEvent.id == Campaign.event_id, isouter=True)
        .join(Subscriber, Subscriber.phone == CampaignTelephone.phone, isouter=True)
        .where(is_waiting(), is_in(CampaignState.RUNNING), CampaignFamily.due_at <= now, *_not_held(held))
        .order_by(CampaignFamily.due_at, CampaignFamily.id)
        .limit(limit)
        .with_for_update(of=CampaignFamily, skip_locked=True)
    ).all()


def _want_no_calls(session: Session, due: Sequence[Row[*tuple[Any, ...]]]) -> set[tuple[int, str]]:
    """(family, telephone) of those who pressed 0 in a campaign of the school, or switched our calls off for a child.

    Also of those who may not be told any more: somebody ended them since the campaign was made.
    """
    ids = [row.id for row in due]
    opted_out = (
        select(CampaignTelephone.family_id, CampaignTelephone.phone)
        .join(CampaignFamily, CampaignFamily.id == CampaignTelephone.family_id)
        .join(
            CampaignOptOut,
            (CampaignOptOut.school_id == CampaignFamily.school_id) & (CampaignOptOut.phone == CampaignTelephone.phone),
        )
        .where(CampaignTelephone.family_id.in_(ids))
    )
    switched_off = (
        select(CampaignTelephone.family_id, CampaignTelephone.phone)
        .join(CampaignChild, CampaignChild.family_id == CampaignTelephone.family_id)
        .join(Subscriber, Subscriber.phone == CampaignTelephone.phone)
        .join(
            Subscription,
            (Subscription.subscriber_id == Subscriber.id) & (Subscription.student_id == CampaignChild.student_id),
        )
        .where(
            CampaignTelephone.family_id.in_(ids),
            Subscription.status == SubscriptionStatus.ACTIVE,
            Subscription.calls_enabled.is_(False),
        )
    )
    found = session.execute(union_all(opted_out, switched_off, not_theirs(ids)))
    return {(row.family_id, row.phone) for row in found}


def _not_held(held: Holds) -> list[ColumnElement[bool]]:
    """Not of schools whose campaigns may not call today, nor of those that are stopped; an apology is not stopped."""
    conditions: list[ColumnElement[bool]] = []
    if held.all_stopped:
        conditions.append(Campaign.apology_for_id.is_not(None))
    elif held.stopped:
        conditions.append(Campaign.school_id.not_in(held.stopped) | Campaign.apology_for_id.is_not(None))
    if used_up := held.no_campaign_calls:
        conditions.append(Campaign.school_id.not_in(used_up))
    return conditions


def _resting(session: Session, phones: Sequence[str], now: datetime, scale: float) -> dict[str, datetime]:
    """Until when these telephones are not rung, having been rung by campaigns as often as one may be. One statement."""
    config = settings.current()
    hour, day = timedelta(hours=1) * scale, timedelta(days=1) * scale
    rung: dict[str, list[datetime]] = defaultdict(list)
    for phone, dialled_at in session.execute(
        select(CallAttempt.phone, CallAttempt.dialled_at)
        .where(
            CallAttempt.family_id.is_not(None),
            CallAttempt.phone.in_(set(phones)),
            CallAttempt.dialled_at > now - day,
            CallAttempt.result.is_(None) | CallAttempt.result.not_in(DID_NOT_RING),
        )
        .order_by(CallAttempt.dialled_at)
    ):
        rung[phone].append(dialled_at)
    rests: dict[str, datetime] = {}
    for phone, times in rung.items():
        for most, within in ((config.number_calls_an_hour, hour), (config.number_calls_a_day, day)):
            if len(times) >= most and (free_at := times[-most] + within) > now:
                rests[phone] = max(rests.get(phone, free_at), free_at)
    return rests


def _reached_otherwise(session: Session, due: Sequence[Row[*tuple[Any, ...]]], now: datetime) -> set[int]:
    """Families that another campaign for the same has reached, by way of a brother or sister or of the same telephone:
    for the same meeting, or with the same announcement of the school within a day."""
    found = _told_the_same(session, due, now)
    events = {row.event_id for row in due if row.event_id is not None}
    if not events:
        return found
    other, theirs = aliased(CampaignFamily), aliased(CampaignTelephone)
    same = aliased(Campaign)
    return found | set(
        session.scalars(
            select(CampaignFamily.id)
            .join(Campaign, Campaign.id == CampaignFamily.campaign_id)
            .join(CampaignTelephone, CampaignTelephone.family_id == CampaignFamily.id)
            .join(theirs, theirs.phone == CampaignTelephone.phone)
            .join(other, (other.id == theirs.family_id) & (other.id != CampaignFamily.id))
            .join(same, (same.id == other.campaign_id) & (same.event_id == Campaign.event_id))
            .where(
                CampaignFamily.id.in_([row.id for row in due]),
                or_(other.state == FamilyState.REACHED, other.answer.is_not(None)),
            )
        )
    )


def _told_the_same(session: Session, due: Sequence[Row[*tuple[Any, ...]]], now: datetime) -> set[int]:
    announced = [row.id for row in due if row.kind is CampaignKind.ANNOUNCEMENT]
    if not announced:
        return set()
    other, theirs, same = aliased(CampaignFamily), aliased(CampaignTelephone), aliased(Campaign)
    return set(
        session.scalars(
            select(CampaignFamily.id)
            .join(Campaign, Campaign.id == CampaignFamily.campaign_id)
            .join(CampaignTelephone, CampaignTelephone.family_id == CampaignFamily.id)
            .join(theirs, theirs.phone == CampaignTelephone.phone)
            .join(other, (other.id == theirs.family_id) & (other.campaign_id != CampaignFamily.campaign_id))
            .join(same, same.id == other.campaign_id)
            .where(
                CampaignFamily.id.in_(announced),
                same.school_id == Campaign.school_id,
                same.kind == CampaignKind.ANNOUNCEMENT,
                same.title == Campaign.title,
                same.text == Campaign.text,
                other.state == FamilyState.REACHED,
                other.ended_at > now - timedelta(days=1),
            )
        )
    )


def _pass_over(
    session: Session,
    row: Row[*tuple[Any, ...]],
    no_calls: set[tuple[int, str]],
    allowed: Destinations,
    now: datetime,
) -> None:
    """The telephone whose turn it is may not be rung: the family's next one gets the turn, if there is any."""
    others = session.execute(
        select(CampaignTelephone.position, CampaignTelephone.phone)
        .where(
            CampaignTelephone.family_id == row.id,
            CampaignTelephone.position != row.position,
            CampaignTelephone.last_result.is_(None) | CampaignTelephone.due_at.is_not(None),
        )
        .order_by(CampaignTelephone.position)
    ).all()
    refused = {} if allowed.reaches(row.phone) else {"last_result": CallResult.NOT_ALLOWED}
    session.execute(
        update(CampaignTelephone)
        .where(CampaignTelephone.family_id == row.id, CampaignTelephone.position == row.position)
        .values(due_at=None, **refused)
        .execution_options(**_QUIETLY)
    )
    may_follow = (one for one in others if (row.id, one.phone) not in no_calls and allowed.reaches(one.phone))
    following = next(may_follow, None)
    if following is None:
        state = FamilyState.NOT_ALLOWED if refused else FamilyState.OPTED_OUT
        outcomes.finish(session, _campaign(session, row), [row.id], state, now)
        return
    session.execute(
        update(CampaignFamily)
        .where(CampaignFamily.id == row.id)
        .values(position=following.position)
        .execution_options(**_QUIETLY)
    )
    _postpone(session, [_later(row.id, following.position, now)])


def _later(family_id: int, position: int, until: datetime) -> dict[str, Any]:
    return {"of_family": family_id, "at_position": position, "until": until}


def _postpone(session: Session, later: Sequence[dict[str, Any]]) -> None:
    """Two statements, however many wait."""
    if later:
        session.connection().execute(_FAMILY_LATER, later)
        session.connection().execute(_TELEPHONE_LATER, later)


_FAMILY_LATER = (
    update(CampaignFamily)
    .where(CampaignFamily.id == bindparam("of_family"))
    .values(due_at=bindparam("until", type_=CampaignFamily.due_at.type))
)
_TELEPHONE_LATER = (
    update(CampaignTelephone)
    .where(
        CampaignTelephone.family_id == bindparam("of_family"), CampaignTelephone.position == bindparam("at_position")
    )
    .values(due_at=bindparam("until", type_=CampaignTelephone.due_at.type))
)


def _campaign(session: Session, row: Row[*tuple[Any, ...]]) -> Campaign:
    return session.scalars(select(Campaign).where(Campaign.id == row.campaign_id)).one()
