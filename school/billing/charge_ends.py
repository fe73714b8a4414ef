"""What follows from the end of charges: in the books, for their payers, and whether they are tried again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache

from sqlalchemy import and_, case, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from db import bulk, lists
from db.kinds import ChargeOutcome, ChargeState, LedgerCause
from db.models import Charge, Payer
from db.models.billing import LIVE_STATES
from runtime.localtime import month_of, today
from school.billing import debts, due, ledger, notices, receipts, wording
from school.billing.debts import Month
from school.billing.ledger import Entry
from school.billing.money import Money
from school.billing.months import last_day, moved
from school.billing.outcomes import POLICIES, next_try
from school.billing.states import Happening, is_suspended, may_be_charged, move

_IN_ORDER = (ChargeState.FAILED, ChargeState.CANCELLED, ChargeState.UNKNOWN, ChargeState.CHARGED)
"""What charged nothing ends first: the database lets one attempt of a month charge."""


@dataclass(frozen=True, slots=True)
class Ended:
    """A charge and what became of it."""

    charge_id: int
    payer_id: int
    month: date
    operator: str
    amount: Money
    state: ChargeState
    outcome: ChargeOutcome | None
    at: datetime
    error: str | None = None
    taken_at: datetime | None = None
    smsc_id: str | None = None


def settle(session: Session, ended: Sequence[Ended], now: datetime, *, told_from: date | None = None) -> None:
    """Do what follows from the end of charges, locked by the caller: books, payers, receipts, the next try.

    `told_from`: for a month before it nobody gets a receipt.
    """
    by_state = {state: [one for one in ended if one.state is state] for state in _IN_ORDER}
    for some in by_state.values():
        _store(session, some, now)
    _charged(session, by_state[ChargeState.CHARGED], now, told_from)
    _not_charged(session, by_state[ChargeState.FAILED], now)
    _trust(session, by_state[ChargeState.UNKNOWN])


def _store(session: Session, ended: Sequence[Ended], now: datetime) -> None:
    if not ended:
        return
    bulk.update_rows(
        session,
        Charge.metadata.tables["charge"],
        [
            {
                "id": one.charge_id,
                "state": one.state,
                "outcome": one.outcome,
                "ended_at": one.at,
                "error": one.error,
                "sent_at": one.taken_at,
                "smsc_id": one.smsc_id,
            }
            for one in ended
        ],
        keep=("sent_at", "smsc_id"),
    )


def _trust(session: Session, unknown: Sequence[Ended]) -> None:
    """They may have paid: their families are told as if they had."""
    for month in {one.month for one in unknown}:
        of_month = [one.payer_id for one in unknown if one.month == month]
        may = session.scalars(select(Payer.id).where(lists.among_these(Payer.id, of_month), may_be_charged())).all()
        debts.trust(session, may, month)


def _newest(session: Session, ended: Sequence[Ended]) -> set[int]:
    """Those of the charges after which their payers had none: only they say how a payer stands now.

    An attempt that charged nothing says nothing, where another of its month did.
    """
    other = aliased(Charge)
    outdone = exists(
        select(other.id).where(
            other.payer_id == Charge.payer_id, other.month == Charge.month, other.state.in_(LIVE_STATES)
        )
    )
    newest = (
        select(func.max(Charge.id))
        .where(
            lists.among_these(Charge.payer_id, [one.payer_id for one in ended]),
            Charge.attempt > 0,
            or_(Charge.state.in_(LIVE_STATES), ~outdone),
        )
        .group_by(Charge.payer_id)
    )
    return set(session.scalars(newest))


def _without_outdone(session: Session, failed: Sequence[Ended]) -> list[Ended]:
    """Those of whose month no other attempt charged, or may have."""
    rows = session.execute(
        select(Charge.payer_id, Charge.month).where(
            lists.among_these(Charge.payer_id, {one.payer_id for one in failed}),
            Charge.month.in_({one.month for one in failed}),
            Charge.state.in_(LIVE_STATES),
        )
    )
    live = {(row.payer_id, row.month) for row in rows}
    return [one for one in failed if (one.payer_id, one.month) not in live]


def _paid_ahead(session: Session, failed: Sequence[Ended], now: datetime) -> set[int]:
    """Payers who paid for the present month while one before it was being charged: they owe nothing of that."""
    return set(
        session.scalars(
            select(Payer.id).where(
                lists.among_these(Payer.id, {one.payer_id for one in failed}),
                Payer.paid_until >= last_day(month_of(today(now))),
            )
        )
    )


def _charged(session: Session, charged: Sequence[Ended], now: datetime, told_from: date | None) -> None:
    if not charged:
        return
    debts.reinstate(session, [(one.payer_id, one.month) for one in charged], now)
    ledger.book(
        session,
        [
            Entry(
                LedgerCause.CHARGED,
                f"charge:{one.charge_id}",
                1,
                ledger.receivable(one.operator),
                ledger.of_payer(one.payer_id),
                one.amount,
            )
            for one in charged
        ],
        now,
    )
    before = moved(month_of(today(now)), -1)
    newest = _newest(session, charged)
    for month in {one.month for one in charged}:
        ids = [one.payer_id for one in charged if one.month == month]
        last = last_day(month)
        session.execute(
            update(Payer)
            .where(lists.among_these(Payer.id, ids), or_(Payer.paid_until.is_(None), Payer.paid_until < last))
            .values(paid_until=last)
            .execution_options(synchronize_session=False)
        )
        # A month that was not told while a payer was suspended is never charged afterwards. Of all others it stays due.
        billed = case((and_(is_suspended(), Payer.billed_month < before), before), else_=Payer.billed_month)
        current = [one.payer_id for one in charged if one.month == month and one.charge_id in newest]
        moved_on = move(session, current, Happening.CHARGED, retry_on=None, silence_told_at=None, billed_month=billed)
        debts.trust(session, moved_on, max(month, before))
    of = {one.payer_id: one for one in charged if told_from is None or one.month >= told_from}
    numbers = notices.numbers()
    words = cache(lambda language, amount, month: wording.charged(language, amount, month, numbers))
    receipts.send(
        session,
        list(of),
        lambda payer_id, language: words(language, of[payer_id].amount, of[payer_id].month),
        now,
    )


def _not_charged(session: Session, failed: Sequence[Ended], now: datetime) -> None:
    failed = _without_outdone(session, failed)
    if not failed:
        return
    paid = _paid_ahead(session, failed, now)
    debts.write_off(session, [(one.payer_id, one.month) for one in failed if one.payer_id in paid], now)
    failed = [one for one in failed if one.payer_id not in paid]
    newest = _newest(session, failed)
    # An operator's file may tell of a month after the next was tried: that one says when the payer is tried again.
    debts.write_off(session, [(one.payer_id, one.month) for one in failed if one.charge_id not in newest], now)
    first = due.first_tries(session, [(one.payer_id, one.month) for one in failed])
    again: dict[date, list[Month]] = {}
    given_up: dict[Happening, list[Month]] = {}
    for one in failed:
        if one.charge_id not in newest:
            continue
        assert one.outcome is not None
        day = next_try(one.outcome, first[one.payer_id, one.month], today(now))
        if day is not None and month_of(day) == month_of(today(now)):
            again.setdefault(day, []).append((one.payer_id, one.month))
        else:
            given_up.setdefault(POLICIES[one.outcome].last, []).append((one.payer_id, one.month))
    for day, months in again.items():
        waiting = set(move(session, [payer_id for payer_id, _ in months], Happening.FAILED, retry_on=day))
        # Who stopped while the charge was on its way is not tried again, nor is a suspended payer who had asked for it.
        debts.give_up(session, [month for month in months if month[0] not in waiting], Happening.GIVEN_UP, now)
    for happening, months in given_up.items():
        debts.give_up(session, months, happening, now)
