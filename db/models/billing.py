"""Who pays for whom, at what price, what was agreed to, and every attempt to charge."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import WIDE, Base, Id, SchoolId, WideId, of_same_school, unique_where
from db.columns import one_of
from db.kinds import ChargeOutcome, ChargeState, ConsentWay, PayerState

Currency = String(3)
LIVE_STATES = (ChargeState.PLANNED, ChargeState.SENT, ChargeState.UNKNOWN, ChargeState.CHARGED)
"""An attempt that charged, or may have."""
LIVE = f"state IN {tuple(map(str, LIVE_STATES))}"
"""The same in the conditions of indexes."""


def in_cents(condition: str = "cents > 0") -> CheckConstraint:
    """An amount in minor units."""
    return CheckConstraint(condition, name="cents")


class Price(Base):
    """The price of a calendar month from a day on, VAT included; history is never converted."""

    __tablename__ = "price"
    __table_args__ = (
        UniqueConstraint("valid_from"),
        CheckConstraint("first_cents > 0 AND further_cents >= 0", name="cents"),
        CheckConstraint("vat_percent BETWEEN 0 AND 99", name="vat_percent"),
        CheckConstraint("length(currency) = 3", name="currency"),
    )

    id: Mapped[Id]
    valid_from: Mapped[date]
    first_cents: Mapped[int]
    """Of the first child."""
    further_cents: Mapped[int] = mapped_column(server_default=text("0"))
    """Of each further child of the same payer; 0: all for the price of one."""
    currency: Mapped[str] = mapped_column(Currency)
    vat_percent: Mapped[int] = mapped_column(SmallInteger)
    leva_cents: Mapped[int | None]
    """What the first child's price was in leva before the euro, to be shown beside it; nothing is reckoned with it."""
    announced_at: Mapped[datetime | None]
    """When payers began to be told of it; none: it holds from the beginning, or nobody was told yet."""


class Payer(Base):
    """A subscriber who pays for children. An erased subscriber's accounts stay, with nobody's name."""

    __tablename__ = "payer"
    __table_args__ = (
        UniqueConstraint("subscriber_id"),
        Index("ix_payer_due", "billed_month", "day", "state"),
        Index(None, "retry_on"),
        Index(None, "state", "trial_until"),
        CheckConstraint("day BETWEEN 1 AND 7", name="day"),
    )

    id: Mapped[Id]
    subscriber_id: Mapped[int | None] = mapped_column(ForeignKey("subscriber.id", ondelete="SET NULL"))
    state: Mapped[PayerState] = mapped_column(one_of(PayerState, "state"))
    day: Mapped[int] = mapped_column(SmallInteger)
    """Of the month, on which the month before is charged: the last try, three weeks later, is in the same month."""
    paid_until: Mapped[date | None]
    """The last day that is paid for, or free."""
    trusted_until: Mapped[date | None]
    """The last day until which the family is told before it has paid; none: only as far as it has paid."""
    trial_until: Mapped[date | None]
    billed_month: Mapped[date]
    """The first day of the last month that is dealt with: charged, found empty, free or paid ahead."""
    retry_on: Mapped[date | None]
    """When the charge that failed is tried again."""
    asked_at: Mapped[datetime | None]
    """When consent was asked for last."""
    silence_told_at: Mapped[datetime | None]
    """When the payer was told why no SMS comes; once for each time."""
    reminded_on: Mapped[date | None]
    """When the payer was told the price and СТОП last."""
    created_at: Mapped[datetime]


class Cover(Base):
    """A payer pays for a child, and whoever follows the child is told. One payer for a child at a time."""

    __tablename__ = "cover"
    __table_args__ = (
        of_same_school("student_id", "student"),
        unique_where("uq_cover_present", "ended_at IS NULL", "school_id", "student_id"),
        Index(None, "payer_id"),
        Index(None, "school_id", "student_id"),
    )

    id: Mapped[Id]
    payer_id: Mapped[int] = mapped_column(ForeignKey("payer.id"))
    school_id: Mapped[SchoolId]
    student_id: Mapped[int]
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Consent(Base):
    """A payer agreed to a price: the words that were shown, the price, and when. At most one of a payer's holds."""

    __tablename__ = "consent"
    __table_args__ = (
        Index(None, "payer_id"),
        unique_where("uq_consent_present", "withdrawn_at IS NULL", "payer_id"),
        in_cents(),
    )

    id: Mapped[Id]
    payer_id: Mapped[int] = mapped_column(ForeignKey("payer.id"))
    price_id: Mapped[int] = mapped_column(ForeignKey("price.id"))
    way: Mapped[ConsentWay] = mapped_column(one_of(ConsentWay, "way"))
    shown: Mapped[str] = mapped_column(String(1000))
    """Without names: what was written to the payer."""
    cents: Mapped[int]
    currency: Mapped[str] = mapped_column(Currency)
    operator: Mapped[str | None] = mapped_column(String(32))
    agreed_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Charge(Base):
    """An attempt to charge a payer's telephone for a month, stored before anything leaves."""

    __tablename__ = "charge"
    __table_args__ = (
        UniqueConstraint("payer_id", "month", "attempt"),
        unique_where("uq_charge_of_month", LIVE, "payer_id", "month"),
        unique_where("uq_charge_in_month", LIVE, "payer_id", "made_in"),
        Index("ix_charge_open", "state", "planned_at"),
        Index(None, "message_id"),
        Index(None, "operator", "smsc_id"),
        Index(None, "made_in", "operator", "state"),
        Index(None, "month", "operator", "state"),
        Index(None, "ended_at"),
        CheckConstraint("(state = 'passive') = (cents = 0)", name="passive"),
        CheckConstraint("(state = 'passive') = (attempt = 0)", name="attempt"),
        CheckConstraint("state = 'passive' OR operator IS NOT NULL", name="operator"),
        CheckConstraint("cents >= 0", name="cents"),
    )

    id: Mapped[WideId]
    payer_id: Mapped[int] = mapped_column(ForeignKey("payer.id"))
    month: Mapped[date]
    """The first day of the month that is paid for."""
    attempt: Mapped[int] = mapped_column(SmallInteger)
    """From 1; 0 where nothing was owed."""
    made_in: Mapped[date]
    """The first day of the month in which it was made: one month has one charge of a payer at the most."""
    state: Mapped[ChargeState] = mapped_column(one_of(ChargeState, "state"))
    outcome: Mapped[ChargeOutcome | None] = mapped_column(one_of(ChargeOutcome, "outcome"))
    operator: Mapped[str | None] = mapped_column(String(32))
    price_id: Mapped[int] = mapped_column(ForeignKey("price.id"))
    children: Mapped[int] = mapped_column(SmallInteger)
    """For how many children the school entered something in the month."""
    cents: Mapped[int]
    currency: Mapped[str] = mapped_column(Currency)
    message_id: Mapped[int | None] = mapped_column(WIDE, ForeignKey("message.id", ondelete="SET NULL"))
    smsc_id: Mapped[str | None] = mapped_column(String(65))
    """The operator's name for its SMS, normalised; kept here for longer than the SMS is."""
    planned_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(200))
    reported_at: Mapped[datetime | None]
    """When an operator's file had it."""
    settled_on: Mapped[date | None]


class Payment(Base):
    """What a payer paid ahead, by a way that names each payment."""

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("method", "reference"),
        Index(None, "payer_id"),
        in_cents(),
        CheckConstraint("months > 0", name="months"),
    )

    id: Mapped[Id]
    payer_id: Mapped[int] = mapped_column(ForeignKey("payer.id"))
    method: Mapped[str] = mapped_column(String(20))
    reference: Mapped[str] = mapped_column(String(80))
    months: Mapped[int] = mapped_column(SmallInteger)
    until: Mapped[date]
    """The last day that it pays for."""
    cents: Mapped[int]
    currency: Mapped[str] = mapped_column(Currency)
    vat_percent: Mapped[int] = mapped_column(SmallInteger)
    at: Mapped[datetime]


class Refund(Base):
    """Money that goes back to a payer: one person asks for it, another one decides."""

    __tablename__ = "refund"
    __table_args__ = (
        Index(None, "payer_id"),
        Index(None, "decided_at"),
        in_cents(),
        CheckConstraint("(charge_id IS NULL) <> (payment_id IS NULL)", name="of_one"),
        CheckConstraint("(decided_at IS NULL) = (granted IS NULL)", name="decided"),
        CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name="four_eyes"),
    )

    id: Mapped[Id]
    payer_id: Mapped[int] = mapped_column(ForeignKey("payer.id"))
    charge_id: Mapped[int | None] = mapped_column(WIDE, ForeignKey("charge.id"))
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payment.id"))
    cents: Mapped[int]
    currency: Mapped[str] = mapped_column(Currency)
    reason: Mapped[str] = mapped_column(String(300))
    asked_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[datetime | None]
    granted: Mapped[bool | None]
