"""Orders that parents pay, what ePay.bg and cash desks told of them, and how payers are known on the payment pages."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id
from db.columns import one_of
from db.kinds import Language, OrderState, PaymentWay


class PaymentOrder(Base):
    """So many months at a price that a payer wants to pay. What was asked for is what a payment is compared with."""

    __tablename__ = "payment_order"
    __table_args__ = (
        Index(None, "payer_id", "created_at"),
        Index(
            "ix_payment_order_waiting",
            "expires_at",
            sqlite_where=text("state = 'waiting'"),
            postgresql_where=text("state = 'waiting'"),
        ),
        CheckConstraint("cents > 1", name="cents"),
        CheckConstraint("months > 0", name="months"),
        CheckConstraint("(state = 'waiting') = (ended_at IS NULL)", name="ended"),
        CheckConstraint("(state = 'paid') = (paid_cents IS NOT NULL)", name="paid"),
        CheckConstraint("code IS NULL OR way = 'easypay'", name="code"),
    )

    id: Mapped[Id]
    invoice: Mapped[str] = mapped_column(String(20), unique=True)
    """Digits; ePay.bg takes each once."""
    payer_id: Mapped[int] = mapped_column(ForeignKey("payer.id"))
    way: Mapped[PaymentWay] = mapped_column(one_of(PaymentWay, "way"))
    months: Mapped[int] = mapped_column(SmallInteger)
    cents: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    language: Mapped[Language] = mapped_column(one_of(Language, "language"))
    state: Mapped[OrderState] = mapped_column(one_of(OrderState, "state"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    code: Mapped[str | None] = mapped_column(String(10))
    """For EasyPay's cash desks."""
    outside_name: Mapped[str | None] = mapped_column(String(100))
    """What the other side calls the payment: ePay.bg's name of a payment by a stored card, a cash desk's TID."""
    paid_cents: Mapped[int | None]
    """Other than `cents` only where a bank's discount was given."""
    paid_at: Mapped[datetime | None]
    """As the other side says."""
    stan: Mapped[str | None] = mapped_column(String(20))
    bcode: Mapped[str | None] = mapped_column(String(20))
    bin: Mapped[str | None] = mapped_column(String(20))
    """The first digits of the cards that a discount was for."""


class PaymentNotice(Base):
    """What ePay.bg told of an invoice, and what it was answered first: a repeat gets the same."""

    __tablename__ = "payment_notice"
    __table_args__ = (Index(None, "last_at"), CheckConstraint("times > 0", name="times"))

    invoice: Mapped[str] = mapped_column(String(30), primary_key=True)
    status: Mapped[str] = mapped_column(String(10), primary_key=True)
    answer: Mapped[str] = mapped_column(String(3))
    """OK or NO."""
    times: Mapped[int]
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]


class DeskPayment(Base):
    """A payment that a cash desk told of by ePay Billing; the same `tid` is answered the same and changes nothing."""

    __tablename__ = "desk_payment"
    __table_args__ = (Index(None, "at"),)

    tid: Mapped[str] = mapped_column(String(26), primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("payment_order.id"))
    at: Mapped[datetime]


class PayerNumber(Base):
    """абонатен номер: what a payer says at a cash desk. Random, with a check digit."""

    __tablename__ = "payer_number"

    payer_id: Mapped[int] = mapped_column(ForeignKey("payer.id"), primary_key=True)
    number: Mapped[str] = mapped_column(String(10), unique=True)
    issued_at: Mapped[datetime]


class PayerCode(Base):
    """The last code that a telephone asked for on the payment pages, known number or not."""

    __tablename__ = "payer_code"
    __table_args__ = (Index(None, "asked_at"), CheckConstraint("tries >= 0", name="tries"))

    number_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    code_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    """None: the number is nobody's, or the code was used."""
    tries: Mapped[int] = mapped_column(SmallInteger)
    asked_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class PayerCodeSend(Base):
    """A code was asked for: by these a number and the platform get only so many."""

    __tablename__ = "payer_code_send"
    __table_args__ = (Index(None, "number_hash", "at"), Index(None, "at"))

    id: Mapped[Id]
    number_hash: Mapped[bytes] = mapped_column(LargeBinary)
    is_sent: Mapped[bool]
    """False: the number is nobody's, so no SMS went out."""
    at: Mapped[datetime]


class StoredCard(Base):
    """A card that a payer lets us charge: the token that ePay.bg gave for it, never its number."""

    __tablename__ = "stored_card"
    __table_args__ = (Index(None, "subscriber_id"),)

    id: Mapped[Id]
    payer_id: Mapped[int] = mapped_column(ForeignKey("payer.id"), unique=True)
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id", ondelete="CASCADE"))
    device: Mapped[str] = mapped_column(String(60))
    """The name by which ePay.bg knows us as this payer's device."""
    token_encrypted: Mapped[bytes] = mapped_column(LargeBinary, info={"encrypted": "card token"})
    instrument_encrypted: Mapped[bytes] = mapped_column(LargeBinary, info={"encrypted": "card token"})
    shown: Mapped[str] = mapped_column(String(40))
    """„Visa***1111“."""
    expires: Mapped[str] = mapped_column(String(7))
    """MM/YYYY."""
    failures: Mapped[int] = mapped_column(SmallInteger, server_default=text("0"))
    """Charges that failed in a row; after three the card is forgotten."""
    tried_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
