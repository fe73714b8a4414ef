"""The monthly run: each payer's month is charged, or free, or found paid; a charge is stored before its SMS can leave.

The attempt, its SMS in the outbox and the debt in the books are one transaction, and the database allows one attempt
that may charge for each payer and month, and one in each calendar month. So a crash at any moment, or a second run at
the same time, charges nobody twice.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

import settings
from db import bulk, lists
from db.kinds import ChargeState, MessagePurpose
from db.models import Charge, Payer
from db.models.billing import LIVE_STATES
from runtime.localtime import SOFIA, month_of, today
from school import outbox
from school.billing import consents, debts, due, holds, notices, operators, wording
from school.billing.due import Due
from school.billing.months import last_day, month_at, moved
from school.billing.prices import PriceOfMonth, price_on
from school.billing.states import Happening, move
from school.outbox import Sms
from school.outbox import hours as opening_hours

AT_ONCE = 2000
"""Payers in one transaction."""


@dataclass(slots=True)
class Pace:
    """Spreads the SMS of a run over what is left of the day's hours, within each operator's rate."""

    now: datetime
    expected: int
    after: int = 0
    """The last payer whose month was dealt with."""
    _next: dict[str, datetime] = field(default_factory=dict)
    _steps: dict[str, timedelta] = field(default_factory=dict)

    def slot(self, operator: str) -> datetime:
        """When the operator's next SMS is to leave."""
        if operator not in self._steps:
            self._begin(operator)
        at = self._next[operator]
        self._next[operator] = at + self._steps[operator]
        return at

    def _begin(self, operator: str) -> None:
        start = opening_hours.allowed_from(self.now, *charging_hours())
        end = datetime.combine(today(start), time(charging_hours()[1] - 1, 59), SOFIA)
        spread = max((end - start).total_seconds(), 60.0) / max(self.expected, 1)
        seconds = max(spread, 1 / operators.of(operator).per_second)
        self._next[operator] = start
        self._steps[operator] = timedelta(seconds=min(seconds, 3600.0))


def charging_hours() -> tuple[int, int]:
    """Hours of the day between which telephones are charged."""
    first, _, last = settings.current().billing_hours.partition("-")
    return int(first), int(last)


def may_charge_at(now: datetime) -> bool:
    """Whether charges may be planned now: what is planned leaves within the same day's hours."""
    return opening_hours.is_allowed(now, *charging_hours())


def plan(session: Session, pace: Pace, now: datetime, limit: int = AT_ONCE) -> int:
    """Deal with the month before of up to so many payers whose day has come; gives how many it were."""
    room = _room(session, now)
    if not room:
        return 0
    found = due.months_due(session, now, min(limit, room), pace.after)
    if not found:
        return 0
    pace.after = found[-1].payer_id
    agreed = consents.present(session, [one.payer_id for one in found])
    price = price_on(session, found[0].month)
    empty = [one for one in found if not one.children]
    paid = [one for one in found if one.children and one.is_paid]
    owing = [one for one in found if one.children and not one.is_paid]
    covered = [one for one in owing if (own := agreed.get(one.payer_id)) and own.covers(price.of(one.children))]
    charging = frozenset(operators.charging())
    reached = [one for one in covered if _is_reached(one, charging)]
    charged = {one.payer_id for one in reached}
    asked = [one for one in owing if one.payer_id not in charged]
    _end_month(session, [one.payer_id for one in found], found[0].month)
    _pass_empty(session, empty, price, set(agreed), now)
    debts.trust(session, [one.payer_id for one in paid if one.payer_id in agreed], found[0].month)
    _ask(session, asked, now)
    _charge(session, reached, price, pace, now)
    return len(found)


def plan_retries(session: Session, pace: Pace, now: datetime, limit: int = AT_ONCE) -> int:
    """Try again to charge up to so many payers whose charge failed, or was held; gives how many it were."""
    room = _room(session, now)
    if not room:
        return 0
    held = {hold.scope for hold in holds.standing(session)}
    found = due.retries_due(session, now, min(limit, room), held=held)
    if not found:
        return 0
    charging = frozenset(operators.charging())
    in_time = [one for one in found if one.first_try and month_of(one.first_try) == month_at(now)]
    tried = [one for one in in_time if _is_reached(one, charging)]
    timely = {one.payer_id for one in in_time}
    late = [one for one in found if one.payer_id not in timely or not _is_reached(one, charging)]
    ids = [one.payer_id for one in (*tried, *late)]
    session.execute(
        update(Payer)
        .where(lists.among_these(Payer.id, ids))
        .values(retry_on=None)
        .execution_options(synchronize_session=False)
    )
    for happening in (Happening.GIVEN_UP, Happening.FORGIVEN):
        ended = [one for one in late if one.is_our_fault is (happening is Happening.FORGIVEN)]
        debts.give_up(session, [(one.payer_id, one.month) for one in ended], happening, now)
    by_month: dict[date, list[Due]] = {}
    for one in tried:
        by_month.setdefault(one.month, []).append(one)
    for month, some in by_month.items():
        _charge(session, some, price_on(session, month), pace, now)
    return len(ids)


def charge_now(session: Session, payer_id: int, now: datetime) -> bool:
    """Charge a suspended payer who agreed again for the month that was given up; gives whether a charge is on its way.

    Not while it is held, nor where the number had all its tries of a day. A charge of the month that left already is
    on its way; after one of which nobody knows how it ended, or in a calendar month that was charged, none is made.
    After the hours of charging it is the calendar month of the next morning that counts.
    """
    charging = frozenset(operators.charging())
    found = [one for one in due.retries_due(session, now, 1, payer_id) if _is_reached(one, charging)]
    if not found:
        return False
    (one,) = found
    live = _live_charges(session, one, now)
    if live:
        return (one.month, ChargeState.PLANNED) in live or (one.month, ChargeState.SENT) in live
    if not _room(session, now):
        return False
    return _charge(session, [one], price_on(session, one.month), Pace(now, 1), now, again=True) == 1


def _live_charges(session: Session, one: Due, now: datetime) -> set[tuple[date, ChargeState]]:
    """The charges of the month, or of the calendar month in which one would leave now, that charged or may have."""
    leaves = opening_hours.allowed_from(now, *charging_hours())
    rows = session.execute(
        select(Charge.month, Charge.state).where(
            Charge.payer_id == one.payer_id,
            or_(Charge.made_in == month_at(leaves), Charge.month == one.month),
            Charge.state.in_(LIVE_STATES),
        )
    )
    return {(row.month, row.state) for row in rows}


def _is_reached(one: Due, charging: Collection[str]) -> bool:
    return one.phone is not None and one.operator in charging


def _room(session: Session, now: datetime) -> int:
    """How many may be charged yet today, 0 while all is held; a hold begins once the platform's are used up."""
    if holds.all_is_held(session):
        return 0
    midnight = datetime.combine(today(now), time(), SOFIA)
    made = session.scalars(
        select(func.count())
        .select_from(Charge)
        # What was planned today leaves in this month or, late on its last day, in the next: of both there is an index.
        .where(Charge.made_in >= month_at(now), Charge.planned_at >= midnight, Charge.attempt > 0)
    ).one()
    if made < settings.current().billing_charges_a_day:
        return settings.current().billing_charges_a_day - made
    holds.hold(session, holds.ALL, f"{made} {holds.CEILING}", now)
    return 0


def _end_month(session: Session, payer_ids: Sequence[int], month: date) -> None:
    session.execute(
        update(Payer)
        .where(lists.among_these(Payer.id, payer_ids))
        .values(billed_month=month)
        .execution_options(synchronize_session=False)
    )


def _pass_empty(session: Session, empty: Sequence[Due], price: PriceOfMonth, agreed: set[int], now: datetime) -> None:
    """Nothing is owed for an empty month; of who paid ahead it is made up for by another month."""
    if not empty:
        return
    month = empty[0].month
    bulk.insert_rows(
        session,
        Charge.metadata.tables["charge"],
        [
            {
                "payer_id": one.payer_id,
                "month": month,
                "attempt": 0,
                "made_in": month_at(now),
                "state": ChargeState.PASSIVE,
                "price_id": price.price_id,
                "children": 0,
                "cents": 0,
                "currency": price.first.currency,
                "planned_at": now,
                "ended_at": now,
            }
            for one in empty
        ],
    )
    moved_on = move(session, [one.payer_id for one in empty if one.payer_id in agreed], Happening.EMPTY_MONTH)
    debts.trust(session, moved_on, month)
    ahead = {one.payer_id for one in empty if one.is_paid}
    ends = session.scalars(select(Payer.paid_until).where(lists.among_these(Payer.id, ahead)).distinct()).all()
    for until in sorted(filter(None, ends), reverse=True):  # the latest first: none is moved on twice
        if until >= last_day(month):
            session.execute(
                update(Payer)
                .where(lists.among_these(Payer.id, ahead), Payer.paid_until == until)
                .values(paid_until=last_day(moved(month_of(until), 1)))
                .execution_options(synchronize_session=False)
            )


def _ask(session: Session, asked: Sequence[Due], now: datetime) -> None:
    """Who has not agreed, or has no telephone of our operators, is told nothing more until they pay another way."""
    silent = move(session, [one.payer_id for one in asked], Happening.NOT_AGREED, trusted_until=None)
    notices.ask_for_consent(session, silent, now)


def _charge(
    session: Session, wanted: Sequence[Due], price: PriceOfMonth, pace: Pace, now: datetime, *, again: bool = False
) -> int:
    """Store these charges and their SMS; gives how many. Those that are held come later, unless asked for (`again`)."""
    held = {one.scope for one in holds.standing(session)}
    often = _tried_often(session, wanted, now)
    some = [one for one in wanted if one.operator not in held and one.payer_id not in often]
    later = [one for one in wanted if one.operator in held or one.payer_id in often]
    if later and not again:
        _plan_later(session, later, price, now)
    if not some:
        return 0
    numbers = notices.numbers()
    words = {
        (children, month): wording.charge_text(price.of(children), month, numbers)
        for children, month in {(one.children, one.month) for one in some}
    }
    texts = [Sms(one.subscriber_id, one.phone or "", words[one.children, one.month], one.operator) for one in some]
    slots = [pace.slot(one.operator or "") for one in some]
    message_ids = outbox.enqueue_sms(
        session,
        texts,
        MessagePurpose.CHARGE,
        now,
        due_at=slots,
        hours=charging_hours(),
        keep_for=timedelta(hours=20),
        charged=True,
    )
    bulk.insert_rows(
        session,
        Charge.metadata.tables["charge"],
        [
            _row(one, price, now) | {"made_in": month_at(slot), "state": ChargeState.PLANNED, "message_id": message_id}
            for one, slot, message_id in zip(some, slots, message_ids, strict=True)
        ],
    )
    debts.owe(session, {(one.payer_id, one.month): price.taxed(one.children) for one in some}, now)
    return len(some)


def _row(one: Due, price: PriceOfMonth, now: datetime) -> dict[str, object]:
    amount = price.of(one.children)
    return {
        "payer_id": one.payer_id,
        "month": one.month,
        "attempt": one.attempt,
        "made_in": month_at(now),
        "operator": one.operator,
        "price_id": price.price_id,
        "children": one.children,
        "cents": amount.cents,
        "currency": amount.currency,
        "planned_at": now,
    }


def _plan_later(session: Session, some: Sequence[Due], price: PriceOfMonth, now: datetime) -> None:
    """Operators that are held, and numbers tried today: an attempt that never left is stored, and comes again."""
    bulk.insert_rows(
        session,
        Charge.metadata.tables["charge"],
        [
            _row(one, price, now) | {"state": ChargeState.CANCELLED, "ended_at": now, "error": "held or tried today"}
            for one in some
        ],
    )
    session.execute(
        update(Payer)
        .where(Payer.id.in_([one.payer_id for one in some]))
        .values(retry_on=today(now) + timedelta(days=1))
        .execution_options(synchronize_session=False)
    )


def _tried_often(session: Session, wanted: Sequence[Due], now: datetime) -> set[int]:
    """Payers whose numbers had all their tries of a day already."""
    midnight = datetime.combine(today(now), time(), SOFIA)
    again = [one.payer_id for one in wanted if one.attempt > 1]
    if not again:
        return set()
    tried = (
        select(Charge.payer_id)
        .where(
            Charge.payer_id.in_(again),
            Charge.planned_at >= midnight,
            Charge.attempt > 0,
            Charge.state != ChargeState.CANCELLED,
        )
        .group_by(Charge.payer_id)
        .having(func.count() >= settings.current().billing_number_a_day)
    )
    return set(session.scalars(tried))
