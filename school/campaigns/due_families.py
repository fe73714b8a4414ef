"""Families of campaigns that are to be called now; what may have changed since is checked right before the call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, or_, select, union_all, update
from sqlalchemy.orm import Session, aliased

from db.kinds import CampaignKind, CampaignState, FamilyState, SubscriptionStatus
from db.models import (
    Campaign,
    CampaignChild,
    CampaignFamily,
    CampaignOptOut,
    CampaignTelephone,
    SchoolEvent,
    Subscriber,
    Subscription,
)
from school.calling.hours import CallingHours
from school.calling.policy import LINE_BUSY
from school.campaigns import outcomes
from school.campaigns.states import is_in, is_waiting
from school.campaigns.telephones import not_theirs

_QUIETLY = {"synchronize_session": False}


@dataclass(frozen=True, slots=True)
class DueFamily:
    """A family to ring at its telephone `position` (1..), `phone` in E.164."""

    family_id: int
    position: int
    phone: str


def next_at(session: Session) -> datetime | None:
    """When a family is to be rung next, or a campaign begins; None: nobody waits."""
    moments = (
        session.scalar(
            select(func.min(CampaignFamily.due_at))
            .join(Campaign, Campaign.id == CampaignFamily.campaign_id)
            .where(is_waiting(), is_in(CampaignState.RUNNING))
        ),
        session.scalar(select(func.min(Campaign.starts_at)).where(is_in(CampaignState.SCHEDULED))),
    )
    return min((moment for moment in moments if moment is not None), default=None)


def choose(session: Session, limit: int, now: datetime, taken: frozenset[str]) -> list[DueFamily]:
    """Choose at most `limit` due families that may be rung now, each with the telephone whose turn it is.

    They are marked as being called. `taken`: telephones (E.164) that are being rung already.
    """
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
    chosen: list[DueFamily] = []
    phones = set(taken)
    for row in due:
        hours = CallingHours(row.from_hour, row.until_hour, row.weekdays)
        over = row.ends_at <= now or (
            row.kind is CampaignKind.MEETING and (row.meets_at is None or row.meets_at <= now)
        )
        if over:
            _postpone(session, row.id, row.position, now + LINE_BUSY)  # `maintenance` ends it
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
            chosen.append(DueFamily(row.id, row.position, row.phone))
    if chosen:
        session.execute(
            update(CampaignFamily)
            .where(CampaignFamily.id.in_([family.family_id for family in chosen]))
            .values(state=FamilyState.CALLING, due_at=None)
            .execution_options(**_QUIETLY)
        )
    return chosen


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
