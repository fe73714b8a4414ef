"""The ledger: what was owed and paid, in rows that nothing changes; and operators' files, by which it is checked."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from db.base import WIDE, Base, Id, WideId, unique_where
from db.columns import one_of
from db.kinds import AccountKind, LedgerCause, LineVerdict
from db.models.billing import Currency


class LedgerAccount(Base):
    """An account in one currency, such as `payer:12` or `operator:a1:receivable`."""

    __tablename__ = "ledger_account"
    __table_args__ = (
        UniqueConstraint("code", "currency"),
        UniqueConstraint("id", "currency"),
        Index(None, "payer_id"),
        CheckConstraint("(kind = 'payer') = (payer_id IS NOT NULL)", name="payer"),
        CheckConstraint("length(currency) = 3", name="currency"),
    )

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(80))
    kind: Mapped[AccountKind] = mapped_column(one_of(AccountKind))
    payer_id: Mapped[int | None] = mapped_column(ForeignKey("payer.id"))
    operator: Mapped[str | None] = mapped_column(String(32))
    currency: Mapped[str] = mapped_column(Currency)


class LedgerEntry(Base):
    """So much was taken from one account's balance and added to another's: each row balances by its form.

    Triggers refuse to change or delete one: a mistake is mended by another entry.
    """

    __tablename__ = "ledger_entry"
    __table_args__ = (
        ForeignKeyConstraint(["debit_id", "currency"], ["ledger_account.id", "ledger_account.currency"]),
        ForeignKeyConstraint(["credit_id", "currency"], ["ledger_account.id", "ledger_account.currency"]),
        UniqueConstraint("cause", "reference", "line"),
        Index(None, "debit_id"),
        Index(None, "credit_id"),
        Index(None, "on_day"),
        CheckConstraint("cents > 0", name="cents"),
        CheckConstraint("debit_id <> credit_id", name="two_accounts"),
    )

    id: Mapped[WideId]
    cause: Mapped[LedgerCause] = mapped_column(one_of(LedgerCause, "cause"))
    reference: Mapped[str] = mapped_column(String(120))
    """What it was caused by: an attempt, a payment, a line of a file. Nothing is entered twice for the same."""
    line: Mapped[int] = mapped_column(SmallInteger)
    """Which of the entries of its cause, from 1."""
    debit_id: Mapped[int]
    credit_id: Mapped[int]
    cents: Mapped[int]
    currency: Mapped[str] = mapped_column(Currency)
    on_day: Mapped[date]
    """Sofia time."""
    at: Mapped[datetime]


class BillingFile(Base):
    """A file in which an operator says what it charged."""

    __tablename__ = "billing_file"
    __table_args__ = (UniqueConstraint("operator", "digest"), Index(None, "month"))

    id: Mapped[Id]
    operator: Mapped[str] = mapped_column(String(32))
    month: Mapped[date]
    """The first day of the month in which its charges were made."""
    name: Mapped[str] = mapped_column(String(200))
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    settled_on: Mapped[date | None]
    share_cents: Mapped[int | None]
    """What the operator keeps of it."""
    currency: Mapped[str | None] = mapped_column(Currency)
    imported_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    """When its month was declared complete: what is not in it was not charged."""


class BillingLine(Base):
    """One line of such a file. A charge has one line, in however many files it stands."""

    __tablename__ = "billing_line"
    __table_args__ = (
        UniqueConstraint("operator", "reference"),
        unique_where("uq_billing_line_charge", "charge_id IS NOT NULL", "charge_id"),
        Index(None, "file_id", "verdict"),
        CheckConstraint("cents >= 0", name="cents"),
        CheckConstraint("charge_id IS NOT NULL OR verdict IN ('theirs_only', 'not_charged')", name="charge"),
    )

    id: Mapped[WideId]
    file_id: Mapped[int] = mapped_column(ForeignKey("billing_file.id"))
    operator: Mapped[str] = mapped_column(String(32))
    number: Mapped[int]
    """Of the line, from 1."""
    reference: Mapped[str] = mapped_column(String(80))
    """What identifies the charge in the file: the operator's name for its SMS, or a keyed hash of number and day."""
    on_day: Mapped[date | None]
    cents: Mapped[int]
    currency: Mapped[str] = mapped_column(Currency)
    verdict: Mapped[LineVerdict] = mapped_column(one_of(LineVerdict, "verdict"))
    charge_id: Mapped[int | None] = mapped_column(WIDE, ForeignKey("charge.id"))


class BillingHold(Base):
    """Nothing is charged by an operator, or (none) by any, until it is lifted."""

    __tablename__ = "billing_hold"
    __table_args__ = (unique_where("uq_billing_hold_open", "lifted_at IS NULL", "scope"),)

    id: Mapped[Id]
    scope: Mapped[str] = mapped_column(String(32))
    """The operator's name, or `all`."""
    reason: Mapped[str] = mapped_column(String(200))
    began_at: Mapped[datetime]
    began_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    """None: by a command, or by the ceiling of the day."""
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
