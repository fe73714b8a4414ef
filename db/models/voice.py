"""Calls, what was heard in them, and lock-outs."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import WIDE, Base, Phone, SchoolId, WideId, of_same_school
from db.columns import one_of
from db.kinds import CallDirection, CallOutcome, Door, EventKind, InputKind, LockoutKind


class Call(Base):
    """A telephone call. School, student and subscription are known once the caller was admitted to a child."""

    __tablename__ = "call"
    __table_args__ = (
        of_same_school("student_id", "student"),
        of_same_school("subscription_id", "subscription"),
        Index(None, "school_id", "started_at"),
        Index(None, "started_at"),
        CheckConstraint("ended_at >= started_at", name="ends_after_start"),
        CheckConstraint("student_id IS NULL OR school_id IS NOT NULL", name="student_of_school"),
        CheckConstraint("subscription_id IS NULL OR school_id IS NOT NULL", name="subscription_of_school"),
    )

    id: Mapped[WideId]
    call_id: Mapped[UUID] = mapped_column(unique=True)
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    student_id: Mapped[int | None]
    subscription_id: Mapped[int | None]
    direction: Mapped[CallDirection] = mapped_column(one_of(CallDirection, "direction"))
    caller: Mapped[Phone | None]
    """Masked, `+359…56`: enough to follow one call, too little to know whose it is; empty: hidden."""
    started_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    ended_at: Mapped[datetime]
    outcome: Mapped[CallOutcome] = mapped_column(one_of(CallOutcome, "outcome"))


class CallStep(Base):
    """One state the dialogue was in and the kind of input it got; never the digits."""

    __tablename__ = "call_step"

    call_id: Mapped[int] = mapped_column(WIDE, ForeignKey("call.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(40))
    input_kind: Mapped[InputKind] = mapped_column(one_of(InputKind, "input_kind"))


class HeardEvent(Base):
    """A subscriber has heard an event; teachers see it."""

    __tablename__ = "heard_event"
    __table_args__ = (Index(None, "school_id", "kind", "event_id"),)

    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[EventKind] = mapped_column(one_of(EventKind), primary_key=True)
    event_id: Mapped[int] = mapped_column(WIDE, primary_key=True)
    school_id: Mapped[SchoolId]
    first_heard_at: Mapped[datetime]


class Lockout(Base):
    """Failed attempts of one caller, against one code or account, from one address: keyed hashes of what was seen."""

    __tablename__ = "lockout"
    __table_args__ = (
        Index(None, "forgotten_at"),
        Index(None, "owner_hash"),
        CheckConstraint("failures >= 0", name="failures"),
    )

    kind: Mapped[LockoutKind] = mapped_column(one_of(LockoutKind), primary_key=True)
    subject_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    owner_hash: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Of the account or code whose counts are lifted together; None: the count stands alone."""
    failures: Mapped[int]
    locked_until: Mapped[datetime | None]
    forgotten_at: Mapped[datetime]
    """When the count starts anew unless another try fails before."""


class WrongCodes(Base):
    """How many ID-codes and PINs were wrong at a door, whoever typed them, in each five minutes."""

    __tablename__ = "wrong_codes"
    __table_args__ = (CheckConstraint("count > 0", name="count"),)

    door: Mapped[Door] = mapped_column(one_of(Door, "door"), primary_key=True)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    count: Mapped[int]
