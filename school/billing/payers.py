"""Payers and the children they pay for: one payer for a child at a time, and all who follow the child are told."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, func, select, update
from sqlalchemy.orm import Session

import settings
from db import lists
from db.kinds import PayerState, SubscriptionStatus
from db.models import Cover, Payer, Subscriber, Subscription
from db.upsert import insert
from errors import MissingError
from runtime.localtime import month_of, today
from school import audit
from school.billing.months import last_day, moved
from school.billing.states import Happening, has_left, left, move

DAYS = 7
"""Payers are charged on the first days of a month: the last try, three weeks later, is in the same month."""


@dataclass(frozen=True, slots=True)
class PayerNow:
    """A payer as it is now. `subscriber_id` None: the person was erased."""

    id: int
    subscriber_id: int | None
    state: PayerState
    day: int
    paid_until: date | None
    trusted_until: date | None
    trial_until: date | None


_COLUMNS = (
    Payer.id,
    Payer.subscriber_id,
    Payer.state,
    Payer.day,
    Payer.paid_until,
    Payer.trusted_until,
    Payer.trial_until,
)


def payer_of(session: Session, subscriber_id: int, now: datetime, *, free: bool = True) -> PayerNow:
    """The subscriber as a payer; who is none yet becomes one, free at first as the settings say. Locked.

    `free` False: without free time, where somebody had it for the same child.
    """
    found = _of(session, subscriber_id)
    if found is None:
        _add(session, [subscriber_id], now, free=free)
        found = _of(session, subscriber_id)
        assert found is not None
    return PayerNow(*found)


def find(session: Session, subscriber_id: int) -> PayerNow | None:
    """The subscriber as a payer, if it is one."""
    row = session.execute(select(*_COLUMNS).where(Payer.subscriber_id == subscriber_id)).one_or_none()
    return PayerNow(*row) if row else None


def by_phone(session: Session, phone: str) -> PayerNow | None:
    """The payer with this telephone number (E.164), if there is one."""
    subscriber = select(Subscriber.id).where(Subscriber.phone == phone).scalar_subquery()
    row = session.execute(select(*_COLUMNS).where(Payer.subscriber_id == subscriber)).one_or_none()
    return PayerNow(*row) if row else None


def by_id(session: Session, payer_id: int) -> PayerNow:
    """A payer, locked. Raises MissingError."""
    row = session.execute(select(*_COLUMNS).where(Payer.id == payer_id).with_for_update()).one_or_none()
    if row is None:
        raise MissingError("There is no such payer.")
    return PayerNow(*row)


def _of(session: Session, subscriber_id: int) -> Row[*tuple[Any, ...]] | None:
    return session.execute(
        select(*_COLUMNS).where(Payer.subscriber_id == subscriber_id).with_for_update()
    ).one_or_none()


def trial_end(now: datetime) -> date | None:
    """The last free day of who becomes a payer now: the end of the month in which the free months end."""
    months = settings.current().billing_free_months
    if months == 0:
        return None
    same_day = last_day(moved(month_of(today(now)), months))
    day = min(today(now).day, same_day.day)
    return last_day(same_day.replace(day=day) - timedelta(days=1))


def _add(session: Session, subscriber_ids: Sequence[int], now: datetime, *, free: bool = True) -> None:
    until = trial_end(now) if free else None
    # The month in which the free time ends is free whole; without any, the present month is the first to be paid.
    billed = month_of(until) if until else moved(month_of(today(now)), -1)
    session.connection().execute(
        insert(session.get_bind().dialect.name, Payer).on_conflict_do_nothing(index_elements=[Payer.subscriber_id]),
        [
            {
                "subscriber_id": subscriber_id,
                "state": PayerState.TRIAL if until else PayerState.AWAITING_CONSENT,
                "day": 1 + subscriber_id % DAYS,
                "paid_until": until,
                "trial_until": until,
                "billed_month": billed,
                "created_at": now,
            }
            for subscriber_id in subscriber_ids
        ],
    )


def cover(session: Session, payer_id: int, school_id: int, student_id: int, now: datetime) -> bool:
    """Let a payer pay for a child that nobody pays for; gives whether it does so now."""
    session.execute(
        insert(session.get_bind().dialect.name, Cover)
        .values(payer_id=payer_id, school_id=school_id, student_id=student_id, began_at=now)
        .on_conflict_do_nothing(
            index_elements=[Cover.school_id, Cover.student_id], index_where=Cover.ended_at.is_(None)
        )
    )
    return payer_for(session, school_id, student_id) == payer_id


def payer_for(session: Session, school_id: int, student_id: int) -> int | None:
    """Who pays for a child."""
    return session.scalar(
        select(Cover.payer_id).where(
            Cover.school_id == school_id, Cover.student_id == student_id, Cover.ended_at.is_(None)
        )
    )


def take_over(session: Session, payer_id: int, school_id: int, student_id: int, now: datetime) -> None:
    """Let another payer pay for a child from now on; what the one before paid ahead stays theirs."""
    session.execute(
        update(Cover)
        .where(
            Cover.school_id == school_id,
            Cover.student_id == student_id,
            Cover.ended_at.is_(None),
            Cover.payer_id != payer_id,
        )
        .values(ended_at=now)
    )
    if cover(session, payer_id, school_id, student_id, now):
        audit.write(session, "cover.changed", "payer", payer_id, now, school_id=school_id, student_id=student_id)


def children(session: Session, payer_id: int) -> list[tuple[int, int]]:
    """(school, student) of those whom the payer pays for."""
    rows = session.execute(
        select(Cover.school_id, Cover.student_id)
        .where(Cover.payer_id == payer_id, Cover.ended_at.is_(None))
        .order_by(Cover.id)
    )
    return [(row.school_id, row.student_id) for row in rows]


def count_children(session: Session, payer_ids: Collection[int]) -> dict[int, int]:
    """For how many children each of these payers pays; one statement. Who pays for none is left out."""
    rows = session.execute(
        select(Cover.payer_id, func.count().label("children"))
        .where(lists.among_these(Cover.payer_id, payer_ids), Cover.ended_at.is_(None))
        .group_by(Cover.payer_id)
    )
    return {row.payer_id: row.children for row in rows}


def follows(session: Session, subscriber_id: int, school_id: int, student_id: int, now: datetime) -> PayerNow | None:
    """A subscription began: its subscriber pays for the child, unless somebody pays for it. Gives the new payer."""
    paying = payer_for(session, school_id, student_id)
    if paying is not None:
        own = find(session, subscriber_id)
        if own is None or own.id != paying:
            return None
    payer = payer_of(session, subscriber_id, now, free=not _was_covered(session, school_id, student_id))
    if has_left(payer.state):
        move(session, [payer.id], Happening.RETURNED, silence_told_at=None, billed_month=_before(now))
    cover(session, payer.id, school_id, student_id, now)
    return payer_of(session, subscriber_id, now)


def _was_covered(session: Session, school_id: int, student_id: int) -> bool:
    found = select(Cover.id).where(Cover.school_id == school_id, Cover.student_id == student_id)
    return session.scalars(found.limit(1)).first() is not None


def _before(now: datetime) -> date:
    return moved(month_of(today(now)), -1)


def cover_followed(session: Session, now: datetime, limit: int = 5000) -> int:
    """Give every followed child that nobody pays for the payer who has followed it longest; gives how many.

    For followers of before billing was switched on, and of children whose payer left.
    """
    paid_for = (
        select(Cover.id)
        .where(
            Cover.school_id == Subscription.school_id,
            Cover.student_id == Subscription.student_id,
            Cover.ended_at.is_(None),
        )
        .exists()
    )
    had = (
        select(Cover.id)
        .where(Cover.school_id == Subscription.school_id, Cover.student_id == Subscription.student_id)
        .exists()
    )
    gone = select(Payer.id).where(Payer.subscriber_id == Subscription.subscriber_id, left()).exists()
    rows = session.execute(
        select(Subscription.school_id, Subscription.student_id, func.min(Subscription.id).label("eldest"))
        .add_columns(had.label("had_payer"))
        .where(Subscription.status == SubscriptionStatus.ACTIVE, ~paid_for, ~gone)
        .group_by(Subscription.school_id, Subscription.student_id)
        .limit(limit)
    ).all()
    if not rows:
        return 0
    eldest = select(Subscription.id, Subscription.subscriber_id).where(
        Subscription.id.in_([row.eldest for row in rows])
    )
    of: dict[int, int] = {row[0]: row[1] for row in session.execute(eldest)}
    again = {of[row.eldest] for row in rows if row.had_payer}
    for free, some in ((True, set(of.values()) - again), (False, again)):
        if some:
            _add(session, sorted(some), now, free=free)
    new = select(Payer.subscriber_id, Payer.id).where(Payer.subscriber_id.in_(set(of.values())))
    payer_ids = {row[0]: row[1] for row in session.execute(new)}
    session.connection().execute(
        insert(session.get_bind().dialect.name, Cover).on_conflict_do_nothing(),
        [
            {
                "payer_id": payer_ids[of[row.eldest]],
                "school_id": row.school_id,
                "student_id": row.student_id,
                "began_at": now,
            }
            for row in rows
        ],
    )
    return len(rows)


def shown(session: Session, payer_id: int) -> PayerNow | None:
    """A payer, to be looked at; None: there is none."""
    row = session.execute(select(*_COLUMNS).where(Payer.id == payer_id)).one_or_none()
    return PayerNow(*row) if row else None
