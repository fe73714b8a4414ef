"""Whom to ring now. What may have changed since somebody became due is asked again here, right before the dial.

Choosing and the attempts' rows are one transaction: whoever is chosen is dialled, or is known to have been about to be.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, insert, or_, select, update
from sqlalchemy.orm import Session, aliased

from db.kinds import CampaignKind, CampaignState, Channel, FamilyState, SubscriptionStatus
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
from school import outbox
from school.calling.hours import CallingHours
from school.campaigns import outcomes
from school.campaigns.states import is_in, is_waiting
from school.dialling import messages

LINE_BUSY = timedelta(minutes=1)
"""How long a family waits while we are already talking to its telephone."""
_QUIETLY = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class Dial:
    """A telephone to ring at once: its attempt is stored. `phone` is E.164, `channel_id` the channel's name to be."""

    channel_id: str
    phone: str
    message_id: int | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How many calls may begin now, and of them how many for the outbox before campaigns get their turn."""

    calls: int
    messages_first: int


def choose(session: Session, dialer: str, limits: Limits, now: datetime) -> list[Dial]:
    """Choose whom to ring now and store the attempts; the caller dials as soon as this transaction is committed."""
    busy = frozenset(session.scalars(select(CallAttempt.phone).where(CallAttempt.result.is_(None))))
    claimed = messages.claim(session, dialer, limits.messages_first, now, busy) if limits.messages_first else []
    taken = busy | {message.address for message in claimed}
    families = _families(session, limits.calls - len(claimed), now, taken)
    if not families and len(claimed) == limits.messages_first < limits.calls:
        claimed += messages.claim(session, dialer, limits.calls - len(claimed), now, taken)
    rows: list[dict[str, Any]] = [
        _attempt(dialer, message.address, now, message_id=message.message_id) for message in claimed
    ]
    rows += [_attempt(dialer, row.phone, now, family_id=row.id, position=row.position) for row in families]
    if not rows:
        return []
    session.connection().execute(insert(CallAttempt), rows)
    session.execute(
        update(CampaignFamily)
        .where(CampaignFamily.id.in_([row.id for row in families]))
        .values(state=FamilyState.CALLING, due_at=None)
        .execution_options(**_QUIETLY)
    )
    return [Dial(row["channel_id"], row["phone"], row["message_id"]) for row in rows]


def next_at(session: Session, now: datetime) -> datetime | None:
    """When somebody is to be rung next (past: now); None: nobody waits."""
    moments = [
        session.scalar(
            select(func.min(CampaignFamily.due_at))
            .join(Campaign, Campaign.id == CampaignFamily.campaign_id)
            .where(is_waiting(), is_in(CampaignState.RUNNING))
        ),
        session.scalar(select(func.min(Campaign.starts_at)).where(is_in(CampaignState.SCHEDULED))),
        outbox.next_due(session, Channel.CALL, now),
    ]
    return min((moment for moment in moments if moment is not None), default=None)


def _families(session: Session, limit: int, now: datetime, taken: frozenset[str]) -> list[Row[*tuple[Any, ...]]]:
    """Due families that may be rung now, locked, each with the telephone whose turn it is."""
    if limit <= 0:
        return []
    due = session.execute(
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
        )
        .join(Campaign, Campaign.id == CampaignFamily.campaign_id)
        .join(
            CampaignTelephone,
            (CampaignTelephone.family_id == CampaignFamily.id)
            & (CampaignTelephone.position == CampaignFamily.position),
        )
        .join(SchoolEvent, SchoolEvent.id == Campaign.event_id, isouter=True)
        .where(is_waiting(), is_in(CampaignState.RUNNING), CampaignFamily.due_at <= now)
        .order_by(CampaignFamily.due_at, CampaignFamily.id)
        .limit(limit)
        .with_for_update(of=CampaignFamily, skip_locked=True)
    ).all()
    if not due:
        return []
    no_calls = _want_no_calls(session, due)
    reached = _reached_otherwise(session, due)
    chosen: list[Row[*tuple[Any, ...]]] = []
    phones = set(taken)
    for row in due:
        hours = CallingHours(row.from_hour, row.until_hour, row.weekdays)
        over = row.ends_at <= now or (
            row.kind is CampaignKind.MEETING and (row.meets_at is None or row.meets_at <= now)
        )
        if over:
            _postpone(session, row.id, row.position, now + LINE_BUSY)  # `keeping` ends it
        elif not hours.allow(now):
            _postpone(session, row.id, row.position, hours.first_from(now))
        elif row.id in reached:
            outcomes.finish(session, _campaign(session, row), [row.id], FamilyState.SKIPPED, now)
        elif (row.id, row.phone) in no_calls:
            _pass_over(session, row, no_calls, now)
        elif row.phone in phones:
            _postpone(session, row.id, row.position, now + LINE_BUSY)
        else:
            phones.add(row.phone)
            chosen.append(row)
    return chosen


def _want_no_calls(session: Session, due: Sequence[Row[*tuple[Any, ...]]]) -> set[tuple[int, str]]:
    """(family, telephone) of those who pressed 0 in a campaign of the school, or switched our calls off for a child."""
    ids = [row.id for row in due]
    opted_out = session.execute(
        select(CampaignTelephone.family_id, CampaignTelephone.phone)
        .join(CampaignFamily, CampaignFamily.id == CampaignTelephone.family_id)
        .join(
            CampaignOptOut,
            (CampaignOptOut.school_id == CampaignFamily.school_id) & (CampaignOptOut.phone == CampaignTelephone.phone),
        )
        .where(CampaignTelephone.family_id.in_(ids))
    )
    switched_off = session.execute(
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
    return {(row.family_id, row.phone) for rows in (opted_out, switched_off) for row in rows}


def _reached_otherwise(session: Session, due: Sequence[Row[*tuple[Any, ...]]]) -> set[int]:
    """Families that another campaign for the same meeting has reached, by way of a brother or sister."""
    events = {row.event_id for row in due if row.event_id is not None}
    if not events:
        return set()
    other, theirs = aliased(CampaignFamily), aliased(CampaignTelephone)
    same = aliased(Campaign)
    return set(
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


def _pass_over(session: Session, row: Row[*tuple[Any, ...]], no_calls: set[tuple[int, str]], now: datetime) -> None:
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
    session.execute(
        update(CampaignTelephone)
        .where(CampaignTelephone.family_id == row.id, CampaignTelephone.position == row.position)
        .values(due_at=None)
        .execution_options(**_QUIETLY)
    )
    following = next((one for one in others if (row.id, one.phone) not in no_calls), None)
    if following is None:
        outcomes.finish(session, _campaign(session, row), [row.id], FamilyState.OPTED_OUT, now)
        return
    session.execute(
        update(CampaignFamily)
        .where(CampaignFamily.id == row.id)
        .values(position=following.position)
        .execution_options(**_QUIETLY)
    )
    _postpone(session, row.id, following.position, now)


def _postpone(session: Session, family_id: int, position: int, until: datetime) -> None:
    for table, of in (
        (CampaignFamily, CampaignFamily.id == family_id),
        (CampaignTelephone, (CampaignTelephone.family_id == family_id) & (CampaignTelephone.position == position)),
    ):
        session.execute(update(table).where(of).values(due_at=until).execution_options(**_QUIETLY))


def _campaign(session: Session, row: Row[*tuple[Any, ...]]) -> Campaign:
    return session.scalars(select(Campaign).where(Campaign.id == row.campaign_id)).one()


def _attempt(
    dialer: str,
    phone: str,
    now: datetime,
    *,
    family_id: int | None = None,
    message_id: int | None = None,
    position: int = 1,
) -> dict[str, Any]:
    return {
        "channel_id": f"eschool-{secrets.token_hex(12)}",
        "family_id": family_id,
        "message_id": message_id,
        "position": position,
        "phone": phone,
        "dialer": dialer,
        "dialled_at": now,
    }
