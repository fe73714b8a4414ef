"""What payers owe in the books: a month that is due, one that is given up, and one that is tried again after that."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.kinds import LedgerCause
from db.models import Charge, LedgerEntry, Payer
from school.billing import ledger, notices
from school.billing.consents import trust_until
from school.billing.ledger import Entry
from school.billing.money import Money, Taxed
from school.billing.states import Happening, move

Month = tuple[int, date]
"""A payer's month: the payer's id and the month's first day."""
MOST_TRIES = 12
"""Tries of a month that are looked for."""


def name(month: Month, attempt: int | None = None) -> str:
    """How the books name a payer's month, or a try of it: `12:2026-03`, `12:2026-03:2`."""
    payer_id, first = month
    return f"{payer_id}:{first:%Y-%m}" + (f":{attempt}" if attempt else "")


def owe(session: Session, months: Mapping[Month, Taxed], now: datetime) -> None:
    """Enter that these months are owed, each once; what of them was written off is owed again."""
    known = _entered(session, LedgerCause.MONTH_DUE, [name(month) for month in months])
    entries: list[Entry] = []
    for month, amount in months.items():
        if name(month) not in known:
            entries += ledger.month_due(month[0], name(month), amount)
    ledger.book(session, entries, now)
    if known:
        reinstate(session, [month for month in months if name(month) in known], now)


def reinstate(session: Session, months: Collection[Month], now: datetime) -> None:
    """What was written off of these months is owed again."""
    ledger.book(
        session,
        [
            Entry(LedgerCause.CORRECTION, reference, 1, ledger.of_payer(payer_id), ledger.WRITE_OFFS, amount)
            for payer_id, reference, amount in _written_off(session, months)
        ],
        now,
    )


def give_up(session: Session, months: Sequence[Month], happening: Happening, now: datetime) -> None:
    """Charge these months no more: they are written off, and the payer is suspended, or (FORGIVEN) goes on."""
    if not months:
        return
    write_off(session, months, now)
    if happening is Happening.FORGIVEN:
        for first in {first for _, first in months}:
            of_month = [payer_id for payer_id, one in months if one == first]
            trust(session, move(session, of_month, happening, retry_on=None), first)
        return
    ids = [payer_id for payer_id, _ in months]
    notices.tell_of_silence(session, move(session, ids, happening, trusted_until=None, retry_on=None), now)


def write_off(session: Session, months: Collection[Month], now: datetime) -> None:
    """Write off what is owed of these months and not written off yet."""
    wanted = set(months)
    gone = {reference.rpartition(":")[0] for _, reference, _ in _written_off(session, wanted)}
    owed = _entered(session, LedgerCause.MONTH_DUE, [name(month) for month in wanted])
    last: dict[Month, Charge] = {}
    for charge in session.scalars(
        select(Charge)
        .where(
            Charge.payer_id.in_({payer_id for payer_id, _ in wanted}),
            Charge.month.in_({first for _, first in wanted}),
            Charge.attempt > 0,
        )
        .order_by(Charge.attempt)
    ):
        last[charge.payer_id, charge.month] = charge
    ledger.book(
        session,
        [
            Entry(
                LedgerCause.WRITE_OFF,
                name(month, charge.attempt),
                1,
                ledger.WRITE_OFFS,
                ledger.of_payer(charge.payer_id),
                Money(charge.cents, charge.currency),
            )
            for month, charge in last.items()
            if month in wanted and name(month) in owed and name(month) not in gone
        ],
        now,
    )


def trust(session: Session, payer_ids: Collection[int], month: date) -> None:
    """A month is dealt with: the families are told on trust until the next one is."""
    if payer_ids:
        session.execute(
            update(Payer)
            .where(Payer.id.in_(payer_ids))
            .values(trusted_until=trust_until(month))
            .execution_options(synchronize_session=False)
        )


def _entered(session: Session, cause: LedgerCause, names: Collection[str]) -> set[str]:
    return set(
        session.scalars(
            select(LedgerEntry.reference).where(LedgerEntry.cause == cause, LedgerEntry.reference.in_(names))
        )
    )


def _written_off(session: Session, months: Collection[Month]) -> list[tuple[int, str, Money]]:
    """(payer, reference, amount) of what was written off of these months and not reinstated."""
    names = {name(month, attempt): month[0] for month in months for attempt in range(1, MOST_TRIES)}
    rows = session.execute(
        select(LedgerEntry.cause, LedgerEntry.reference, LedgerEntry.cents, LedgerEntry.currency).where(
            LedgerEntry.cause.in_((LedgerCause.WRITE_OFF, LedgerCause.CORRECTION)), LedgerEntry.reference.in_(names)
        )
    ).all()
    reinstated = {row.reference for row in rows if row.cause is LedgerCause.CORRECTION}
    return [
        (names[row.reference], row.reference, Money(row.cents, row.currency))
        for row in rows
        if row.cause is LedgerCause.WRITE_OFF and row.reference not in reinstated
    ]
