"""The ledger as a beancount file, https://beancount.github.io: for an accountant's own tools, and to check our sums."""

from collections.abc import Iterator

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from db.kinds import AccountKind
from db.models import LedgerAccount, LedgerEntry
from school.billing.money import Money

_NAMES = {
    AccountKind.PAYER: "Assets:Payers",
    AccountKind.RECEIVABLE: "Assets:Operators:{operator}:Receivable",
    AccountKind.SETTLED: "Assets:Operators:{operator}:Settled",
    AccountKind.SHARE: "Expenses:Operators:{operator}:Share",
    AccountKind.EPAY: "Assets:EPay",
    AccountKind.EASYPAY: "Assets:EasyPay",
    AccountKind.BANK: "Assets:Bank",
    AccountKind.INCOME: "Income:Messages",
    AccountKind.VAT: "Liabilities:VAT",
    AccountKind.REFUNDS: "Expenses:Refunds",
    AccountKind.WRITE_OFFS: "Expenses:WriteOffs",
    AccountKind.NOT_OURS: "Liabilities:NotOurs",
}
AT_ONCE = 5000


def name(kind: AccountKind, operator: str | None = None, payer_id: int | None = None) -> str:
    """An account's name in beancount: `Assets:Payers:P12`, `Assets:Operators:A1:Receivable`."""
    found = _NAMES[kind].format(operator=_component(operator or ""))
    return f"{found}:P{payer_id}" if payer_id is not None else found


def _component(text: str) -> str:
    """beancount's names begin with a capital and have letters, digits and hyphens."""
    kept = "".join(letter if letter.isalnum() else "-" for letter in text)
    return kept[:1].upper() + kept[1:] if kept[:1].isalpha() else f"X{kept}"


def export(session: Session) -> Iterator[str]:
    """The file's lines: every account, then every entry as a transaction of two postings, the oldest first."""
    yield ";; -*- mode: beancount; coding: utf-8; -*-"
    yield 'option "title" "InfoServ e-School"'
    for currency in session.scalars(select(LedgerAccount.currency).distinct().order_by(LedgerAccount.currency)):
        yield f'option "operating_currency" "{currency}"'
    first = session.scalar(select(func.min(LedgerEntry.on_day)))
    if first is None:
        return
    accounts = session.execute(
        select(LedgerAccount.kind, LedgerAccount.operator, LedgerAccount.payer_id)
        .distinct()
        .order_by(LedgerAccount.kind, LedgerAccount.operator, LedgerAccount.payer_id)
    )
    for account in accounts.yield_per(AT_ONCE):
        yield f"{first} open {name(account.kind, account.operator, account.payer_id)}"
    debit, credit = aliased(LedgerAccount), aliased(LedgerAccount)
    rows = session.execute(
        select(LedgerEntry, debit, credit)
        .join(debit, debit.id == LedgerEntry.debit_id)
        .join(credit, credit.id == LedgerEntry.credit_id)
        .order_by(LedgerEntry.on_day, LedgerEntry.id)
        .execution_options(yield_per=AT_ONCE)
    )
    for entry, to, of in rows:
        amount = Money(entry.cents, entry.currency).decimal
        yield ""
        yield f'{entry.on_day} * "{entry.cause}" "{entry.reference}"'
        yield f"  {name(to.kind, to.operator, to.payer_id)}  {amount} {entry.currency}"
        yield f"  {name(of.kind, of.operator, of.payer_id)}  -{amount} {entry.currency}"
