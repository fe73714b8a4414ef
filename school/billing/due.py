"""Whose month is due: one query for many payers, with what the school entered in the month for their children."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, ScalarSelect, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session

from db import lists
from db.kinds import ChargeOutcome, ChargeState, SubscriptionStatus
from db.models import STUDENT_EVENT_TABLES, Charge, Cover, Payer, Sanction, Subscriber, Subscription
from db.models.billing import LIVE_STATES
from runtime.localtime import month_of, today
from school.billing.months import bounds, last_day, moved
from school.billing.states import may_be_charged

_ENTERED = (*STUDENT_EVENT_TABLES.values(), Sanction)


@dataclass(frozen=True, slots=True)
class Due:
    """A payer whose month is to be dealt with. `children`: for how many the school entered something in it."""

    payer_id: int
    month: date
    children: int
    is_paid: bool
    """Paid ahead."""
    phone: str | None
    operator: str | None
    subscriber_id: int | None
    attempt: int = 1
    first_try: date | None = None
    is_our_fault: bool = False
    """The last try never left, or the operator could not."""


def months_due(session: Session, now: datetime, limit: int, after: int = 0) -> list[Due]:
    """Payers whose day of the month has come, locked, with the month before; older months are not made up for.

    `after`: the last payer of the batch before, so that nobody is looked at again for each batch.
    """
    month = moved(month_of(today(now)), -1)
    rows = session.execute(
        select(Payer.id, Payer.paid_until, _children(month).label("children"), Subscriber.phone)
        .add_columns(Subscriber.operator, Payer.subscriber_id)
        .outerjoin(Subscriber, Subscriber.id == Payer.subscriber_id)
        .where(
            Payer.id > after,
            may_be_charged(),
            Payer.billed_month < month,
            Payer.day <= today(now).day,
            Payer.retry_on.is_(None),
            ~charged_in(month_of(today(now))),
        )
        .order_by(Payer.id)
        .limit(limit)
        .with_for_update(of=Payer, skip_locked=True)
    ).all()
    last = last_day(month)
    return [
        Due(
            row.id,
            month,
            row.children,
            row.paid_until is not None and row.paid_until >= last,
            row.phone,
            row.operator,
            row.subscriber_id,
        )
        for row in rows
    ]


def count_due(session: Session, now: datetime) -> int:
    """How many payers' months are due."""
    return session.scalars(
        select(func.count())
        .select_from(Payer)
        .where(
            may_be_charged(),
            Payer.billed_month < moved(month_of(today(now)), -1),
            Payer.day <= today(now).day,
        )
    ).one()


def retries_due(
    session: Session, now: datetime, limit: int, payer_id: int | None = None, held: Collection[str] = ()
) -> list[Due]:
    """Payers whose charge is to be tried again today, locked, with the month of the last try; or just this payer.

    Those of operators that are `held` wait, and take nobody else's place in the batch.
    """
    which = Payer.retry_on <= today(now) if payer_id is None else Payer.id == payer_id
    payers = session.execute(
        select(Payer.id, Subscriber.phone, Subscriber.operator, Payer.subscriber_id)
        .outerjoin(Subscriber, Subscriber.id == Payer.subscriber_id)
        .where(which, or_(Subscriber.operator.is_(None), Subscriber.operator.not_in(held)))
        .order_by(Payer.id)
        .limit(limit)
        .with_for_update(of=Payer, skip_locked=True)
    ).all()
    newest = (
        select(func.max(Charge.id))
        .where(lists.among_these(Charge.payer_id, [row.id for row in payers]), Charge.attempt > 0)
        .group_by(Charge.payer_id)
    )
    charges = session.execute(
        select(Charge.payer_id, Charge.month, Charge.attempt, Charge.children, Charge.state, Charge.outcome).where(
            Charge.id.in_(newest)
        )
    )
    last = {row.payer_id: row for row in charges}
    first = first_tries(session, [(one.payer_id, one.month) for one in last.values()])
    return [
        Due(
            row.id,
            last[row.id].month,
            last[row.id].children,
            False,
            row.phone,
            row.operator,
            row.subscriber_id,
            last[row.id].attempt + 1,
            first[row.id, last[row.id].month],
            last[row.id].state is ChargeState.CANCELLED or last[row.id].outcome is ChargeOutcome.TEMPORARY,
        )
        for row in payers
        if row.id in last
    ]


def tried_again(session: Session, payer_id: int) -> list[tuple[int, date]]:
    """The payer's month that is to be tried again, if there is one, as (payer, month)."""
    month = session.scalar(
        select(Charge.month)
        .join(Payer, Payer.id == Charge.payer_id)
        .where(Payer.id == payer_id, Payer.retry_on.is_not(None), Charge.attempt > 0)
        .order_by(Charge.id.desc())
        .limit(1)
    )
    return [] if month is None else [(payer_id, month)]


def first_tries(session: Session, of: Sequence[tuple[int, date]]) -> dict[tuple[int, date], date]:
    """The day of the first try, also of one that never left, for each of these (payer, month)."""
    rows = session.execute(
        select(Charge.payer_id, Charge.month, func.min(Charge.planned_at).label("at"))
        .where(lists.among_these(Charge.payer_id, {payer_id for payer_id, _ in of}), Charge.attempt > 0)
        .group_by(Charge.payer_id, Charge.month)
    )
    return {(row.payer_id, row.month): today(row.at) for row in rows}


def entered_for(session: Session, payer_id: int, month: date) -> int:
    """For how many children of a payer the school entered something in a month, so far."""
    return session.scalars(select(_children(month)).select_from(Payer).where(Payer.id == payer_id)).one()


def charged_in(month: date) -> ColumnElement[bool]:
    """Whether a charge that was made in this calendar month charged the payer, or may have; in a query of payers."""
    # Written into the statement: only so can the database see that the partial index answers it.
    live = Charge.state.in_(bindparam("live", LIVE_STATES, expanding=True, literal_execute=True))
    # The offset keeps it a look into the index for each payer. PostgreSQL's statistics do not know a month that has
    # just begun: it took the month's charges for three rows, and compared all of them with each payer.
    return exists(select(Charge.id).where(Charge.payer_id == Payer.id, Charge.made_in == month, live).offset(0))


def _children(month: date) -> ScalarSelect[int]:
    """Children whom the payer follows and pays for, and for whom something was entered while it did."""
    start, end = bounds(month)
    entered = or_(
        *(
            exists(
                select(table.id).where(
                    table.school_id == Cover.school_id,
                    table.student_id == Cover.student_id,
                    table.recorded_at >= start,
                    table.recorded_at < end,
                    table.recorded_at >= Cover.began_at,
                )
            )
            for table in _ENTERED
        )
    )
    followed = exists(
        select(Subscription.id)
        .where(
            Subscription.school_id == Cover.school_id,
            Subscription.student_id == Cover.student_id,
            Subscription.subscriber_id == Payer.subscriber_id,
            Subscription.status == SubscriptionStatus.ACTIVE,
        )
        .correlate(Cover, Payer)  # by itself it would ask whether any payer follows the child
    )
    return (
        select(func.count())
        .select_from(Cover)
        .where(Cover.payer_id == Payer.id, Cover.ended_at.is_(None), Cover.began_at < end, followed, entered)
        .correlate(Payer)
        .scalar_subquery()
    )
