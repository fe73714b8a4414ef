"""Who follows which student, and by which channels."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Email, Id, Phone, SchoolId, of_same_school, pointed_at_by_school
from db.columns import one_of
from db.kinds import EndReason, FollowWay, Language, SubscriptionStatus


class Subscriber(Base):
    """абонат: a phone number, an e-mail address or both. It may follow students of several schools."""

    __tablename__ = "subscriber"
    __table_args__ = (
        CheckConstraint("phone IS NOT NULL OR email IS NOT NULL", name="reachable"),
        CheckConstraint("phone IS NULL OR (phone LIKE '+%' AND length(phone) >= 8)", name="phone_e164"),
        Index(
            "ix_subscriber_slow_speech",
            "slow_speech",
            sqlite_where=text("slow_speech = 1"),
            postgresql_where=text("slow_speech"),
        ),
    )

    id: Mapped[Id]
    phone: Mapped[Phone | None] = mapped_column(unique=True)
    email: Mapped[Email | None] = mapped_column(unique=True)
    language: Mapped[Language] = mapped_column(one_of(Language, "language"), server_default=Language.BULGARIAN)
    operator: Mapped[str | None] = mapped_column(String(32))
    """The mobile operator by whose link the number last wrote to us; numbers move and keep their prefix."""
    text_only: Mapped[bool] = mapped_column(server_default=false())
    """Is never rung unasked, hard of hearing perhaps: what calls would tell goes by SMS."""
    slow_speech: Mapped[bool] = mapped_column(server_default=false())
    """Calls with this subscriber are spoken slowly. The index is asked whether there is anybody like that."""
    friday_summary: Mapped[bool] = mapped_column(server_default=true())
    """Wants the week's summary by e-mail."""
    summarised_on: Mapped[date | None]
    """The Friday whose summary was put into the outbox last."""
    created_at: Mapped[datetime]


class Subscription(Base):
    """абонамент: a subscriber follows a student."""

    __tablename__ = "subscription"
    __table_args__ = (
        of_same_school("student_id", "student"),
        UniqueConstraint("school_id", "student_id", "subscriber_id"),
        pointed_at_by_school(),
        Index(None, "subscriber_id"),
        CheckConstraint("status <> 'active' OR following_since IS NOT NULL", name="active_since"),
        CheckConstraint("(status = 'stopped') = (stopped_at IS NOT NULL)", name="stopped_at"),
        CheckConstraint("ended_why IS NULL OR status <> 'active'", name="ended_why_not_active"),
    )

    id: Mapped[Id]
    school_id: Mapped[SchoolId]
    student_id: Mapped[int]
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id"))
    status: Mapped[SubscriptionStatus] = mapped_column(one_of(SubscriptionStatus, "status"))
    pin_hash: Mapped[str | None] = mapped_column(String(100))
    sms_enabled: Mapped[bool] = mapped_column(server_default=true())
    calls_enabled: Mapped[bool] = mapped_column(server_default=true())
    """Whether we may ring the subscriber; they may always ring us."""
    email_enabled: Mapped[bool] = mapped_column(server_default=true())
    created_at: Mapped[datetime]
    following_since: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    came_by: Mapped[FollowWay | None] = mapped_column(one_of(FollowWay, "came_by"))
    """None: it is older than this column, and counts as come by the ID-code."""
    removal_number: Mapped[str | None] = mapped_column(String(4))
    """What the family's first subscriber texts behind МАХНИ to end it, as the warning told it."""
    ended_why: Mapped[EndReason | None] = mapped_column(one_of(EndReason, "ended_why"))
    """Why it was ended by somebody else. It stays until the class teacher lets the subscriber follow again."""


class EmailRequest(Base):
    """A request for letters to an address, until its owner opens the link that was sent there.

    Either to follow a student, or whoever has the code that was typed (looked up only when the link is opened), or to
    be told by e-mail too of whom a subscriber with a telephone follows.
    """

    __tablename__ = "email_request"
    __table_args__ = (
        of_same_school("student_id", "student"),
        Index(None, "school_id"),
        Index(None, "email", "created_at"),
        Index(None, "expires_at"),
        CheckConstraint("(student_id IS NULL) = (school_id IS NULL)", name="student_of_school"),
        CheckConstraint(
            "CASE WHEN student_id IS NULL THEN 0 ELSE 1 END + CASE WHEN subscriber_id IS NULL THEN 0 ELSE 1 END"
            " + CASE WHEN code_encrypted IS NULL THEN 0 ELSE 1 END = 1",
            name="one_wish",
        ),
    )

    token_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    email: Mapped[Email]
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    student_id: Mapped[int | None]
    subscriber_id: Mapped[int | None] = mapped_column(ForeignKey("subscriber.id", ondelete="CASCADE"))
    code_encrypted: Mapped[bytes | None] = mapped_column(LargeBinary, info={"encrypted": "typed code"})
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
