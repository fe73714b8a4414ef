"""The books: entries that only ever are added, each of which takes from one account and gives to another.

A debit adds to what an account has, a credit takes from it, as in any double-entry book. Payers' accounts show what
they owe. Nothing is entered twice for the same cause and reference: the database refuses it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import case, func, insert, or_, select
from sqlalchemy.orm import Session

from db import upsert
from db.kinds import AccountKind, LedgerCause
from db.models import LedgerAccount, LedgerEntry
from runtime.localtime import today
from school.billing.money import Money, Taxed


@dataclass(frozen=True, slots=True)
class Account:
    """An account, whatever the currency."""

    kind: AccountKind
    payer_id: int | None = None
    operator: str | None = None

    @property
    def code(self) -> str:
        """Its name: `payer:12`, `operator:a1:receivable`, `vat`."""
        if self.payer_id is not None:
            return f"payer:{self.payer_id}"
        if self.operator is not None:
            return f"operator:{self.operator}:{self.kind.value.removeprefix('operator_')}"
        return self.kind.value


def of_payer(payer_id: int) -> Account:
    """What a payer owes."""
    return Account(AccountKind.PAYER, payer_id=payer_id)


def receivable(operator: str) -> Account:
    """What an operator charged for us and has not paid out."""
    return Account(AccountKind.RECEIVABLE, operator=operator)


INCOME, VAT, REFUNDS = Account(AccountKind.INCOME), Account(AccountKind.VAT), Account(AccountKind.REFUNDS)
WRITE_OFFS, NOT_OURS = Account(AccountKind.WRITE_OFFS), Account(AccountKind.NOT_OURS)


@dataclass(frozen=True, slots=True)
class Entry:
    """So much to one account from another, because of something that `reference` names."""

    cause: LedgerCause
    reference: str
    line: int
    debit: Account
    credit: Account
    amount: Money


def book(session: Session, entries: Iterable[Entry], now: datetime) -> None:
    """Add entries; those of no amount are left out. A few statements, however many there are.

    Raises IntegrityError for what was entered before.
    """
    wanted = [entry for entry in entries if entry.amount.cents]
    if not wanted:
        return
    ids = _accounts(session, wanted)
    day = today(now)
    session.connection().execute(
        insert(LedgerEntry.metadata.tables["ledger_entry"]),
        [
            {
                "cause": entry.cause,
                "reference": entry.reference,
                "line": entry.line,
                "debit_id": ids[entry.debit.code, entry.amount.currency],
                "credit_id": ids[entry.credit.code, entry.amount.currency],
                "cents": entry.amount.cents,
                "currency": entry.amount.currency,
                "on_day": day,
                "at": now,
            }
            for entry in wanted
        ],
    )


def _accounts(session: Session, entries: Sequence[Entry]) -> dict[tuple[str, str], int]:
    wanted = {
        (account.code, entry.amount.currency): account for entry in entries for account in (entry.debit, entry.credit)
    }
    found = _known(session, wanted)
    missing = [key for key in wanted if key not in found]
    if missing:
        session.connection().execute(
            upsert.insert(session.get_bind().dialect.name, LedgerAccount).on_conflict_do_nothing(),
            [
                {
                    "code": code,
                    "currency": currency,
                    "kind": wanted[code, currency].kind,
                    "payer_id": wanted[code, currency].payer_id,
                    "operator": wanted[code, currency].operator,
                }
                for code, currency in sorted(missing)
            ],
        )
        found |= _known(session, missing)
    return found


def _known(session: Session, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    codes = sorted({code for code, _ in keys})
    found: dict[tuple[str, str], int] = {}
    for start in range(0, len(codes), 5000):
        for row in session.execute(
            select(LedgerAccount.id, LedgerAccount.code, LedgerAccount.currency).where(
                LedgerAccount.code.in_(codes[start : start + 5000])
            )
        ):
            found[row.code, row.currency] = row.id
    return found


def month_due(payer_id: int, reference: str, price: Taxed) -> list[Entry]:
    """A payer owes a month, part of it VAT. `reference`: the month, or the payment that pays for it."""
    payer = of_payer(payer_id)
    return [
        Entry(LedgerCause.MONTH_DUE, reference, 1, payer, INCOME, price.net),
        Entry(LedgerCause.MONTH_DUE, reference, 2, payer, VAT, price.vat),
    ]


@dataclass(frozen=True, slots=True)
class Balance:
    """What an account has in a currency; negative: it gave more than it got."""

    code: str
    kind: AccountKind
    operator: str | None
    amount: Money


def balances(session: Session, *, kinds: Sequence[AccountKind] = (), payer_id: int | None = None) -> list[Balance]:
    """The balance of each account with entries, by name and currency; payers' accounts are one unless asked for."""
    signed = case((LedgerEntry.debit_id == LedgerAccount.id, LedgerEntry.cents), else_=-LedgerEntry.cents)
    code = case((LedgerAccount.kind == AccountKind.PAYER, "payer"), else_=LedgerAccount.code)
    statement = select(
        (LedgerAccount.code if payer_id is not None else code).label("name"),
        LedgerAccount.kind,
        LedgerAccount.operator,
        LedgerAccount.currency,
        func.sum(signed).label("cents"),
    ).join(LedgerEntry, or_(LedgerEntry.debit_id == LedgerAccount.id, LedgerEntry.credit_id == LedgerAccount.id))
    if kinds:
        statement = statement.where(LedgerAccount.kind.in_(kinds))
    if payer_id is not None:
        statement = statement.where(LedgerAccount.payer_id == payer_id)
    names = ("name", LedgerAccount.kind, LedgerAccount.operator, LedgerAccount.currency)
    rows = session.execute(statement.group_by(*names).order_by("name", LedgerAccount.currency))
    return [Balance(row.name, row.kind, row.operator, Money(int(row.cents), row.currency)) for row in rows]


def owed(session: Session, payer_id: int) -> list[Money]:
    """What a payer owes, in each currency in which it is something."""
    return [one.amount for one in balances(session, payer_id=payer_id) if one.amount.cents]
