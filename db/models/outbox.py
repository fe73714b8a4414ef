"""The outbox: what subscribers are to be told (notifications), and the messages that tell them, on every channel."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from db.base import EVENT_IDS, WIDE, Base, SchoolId, WideId, of_same_school, unique_where
from db.columns import one_of
from db.kinds import Channel, EventChange, EventKind, MessagePurpose, MessageState, NotificationState, PartState


def _hours() -> CheckConstraint:
    return CheckConstraint("from_hour >= 0 AND from_hour < until_hour AND until_hour <= 24", name="hours")


def _index_where(name: str, condition: str, *columns: str) -> Index:
    """An index over the few rows that fulfil a condition: it stays small however many are done."""
    return Index(name, *columns, sqlite_where=text(condition), postgresql_where=text(condition))


class Notification(Base):
    """известие: one event, for one subscription, on one channel. Pending until it is bundled into a message."""

    __tablename__ = "notification"
    __table_args__ = (
        of_same_school("subscription_id", "subscription"),
        Index(None, "school_id", "kind", "event_id"),
        Index(None, "message_id"),
        _index_where("ix_notification_due", "state = 'pending'", "channel", "due_at", "subscriber_id"),
        _index_where("ix_notification_pending", "state = 'pending'", "subscriber_id", "channel"),
        unique_where("uq_notification_pending", "state = 'pending'", "subscription_id", "channel", "kind", "event_id"),
        CheckConstraint("(state = 'bundled') = (message_id IS NOT NULL)", name="bundled"),
        _hours(),
        EVENT_IDS,
    )

    id: Mapped[WideId]
    school_id: Mapped[SchoolId]
    subscription_id: Mapped[int]
    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id"))
    channel: Mapped[Channel] = mapped_column(one_of(Channel, "channel"))
    kind: Mapped[EventKind] = mapped_column(one_of(EventKind))
    event_id: Mapped[int] = mapped_column(WIDE)
    change: Mapped[EventChange] = mapped_column(one_of(EventChange, "change"))
    state: Mapped[NotificationState] = mapped_column(one_of(NotificationState, "state"))
    line: Mapped[str] = mapped_column(String(1500))
    """What is told, without the child's name, in the subscriber's language."""
    due_at: Mapped[datetime]
    from_hour: Mapped[int] = mapped_column(SmallInteger)
    until_hour: Mapped[int] = mapped_column(SmallInteger)
    """Hours of the day, Sofia time, between which it may be told: from 8 up to, not including, 20."""
    created_at: Mapped[datetime]
    message_id: Mapped[int | None] = mapped_column(WIDE, ForeignKey("message.id"))


class Message(Base):
    """What is sent to one address on one channel: bundled notifications, or an answer."""

    __tablename__ = "message"
    __table_args__ = (
        _index_where("ix_message_ready", "state = 'ready'", "channel", "urgent", "due_at"),
        _index_where("ix_message_claimed", "state = 'claimed'", "lease_until"),
        _index_where("ix_message_troubled", "state IN ('failed', 'unknown')", "created_at"),
        Index(None, "address", "created_at"),
        Index(None, "subscriber_id", "created_at"),
        _index_where("ix_message_school_ready", "state = 'ready'", "school_id", "purpose"),
        _index_where("ix_message_call_back", "channel = 'call' AND purpose = 'answer'", "school_id", "created_at"),
        CheckConstraint("(state = 'claimed') = (lease_until IS NOT NULL)", name="lease"),
        CheckConstraint("(lease_until IS NULL) = (lease_owner IS NULL)", name="lease_owner"),
        CheckConstraint("attempts >= 0", name="attempts"),
        _hours(),
        EVENT_IDS,
    )

    id: Mapped[WideId]
    channel: Mapped[Channel] = mapped_column(one_of(Channel, "channel"))
    purpose: Mapped[MessagePurpose] = mapped_column(one_of(MessagePurpose, "purpose"))
    subscriber_id: Mapped[int | None] = mapped_column(ForeignKey("subscriber.id", ondelete="SET NULL"))
    school_id: Mapped[int | None] = mapped_column(ForeignKey("school.id"))
    """Whose day it counts in: the school of the news or of the campaign; none: an answer, or about a subscription."""
    address: Mapped[str] = mapped_column(String(254))
    """E.164 or e-mail address."""
    operator: Mapped[str | None] = mapped_column(String(32))
    """By whose link it is to go, or went: the operator the number last wrote by, if it ever did."""
    text: Mapped[str] = mapped_column(String(4000))
    """`{pin}` stands where the PIN goes."""
    pin_encrypted: Mapped[bytes | None] = mapped_column(LargeBinary, info={"encrypted": "message pin"})
    """Only until it is sent: afterwards nobody can read it anywhere."""
    latin: Mapped[bool] = mapped_column(server_default=false())
    charged: Mapped[bool] = mapped_column(server_default=false())
    """The subscriber pays for it: it is never sent again after an unknown outcome."""
    urgent: Mapped[bool] = mapped_column(server_default=false())
    """Goes before what is not: somebody waits for it."""
    state: Mapped[MessageState] = mapped_column(one_of(MessageState, "state"))
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    from_hour: Mapped[int] = mapped_column(SmallInteger)
    until_hour: Mapped[int] = mapped_column(SmallInteger)
    attempts: Mapped[int] = mapped_column(SmallInteger)
    lease_until: Mapped[datetime | None]
    lease_owner: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When it came to the state it is in, if that is an end or may be one."""
    error: Mapped[str | None] = mapped_column(String(200))
    """Why the last attempt failed; for people, without personal data."""
    refusal: Mapped[str | None] = mapped_column(String(20))
    """What the operator's refusal of a charge means, by its own table: a `ChargeOutcome`."""


class MessagePart(Base):
    """One part of a (long) SMS as an operator took it."""

    __tablename__ = "message_part"
    __table_args__ = (Index(None, "smsc_id", "operator"),)

    message_id: Mapped[int] = mapped_column(WIDE, ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    total: Mapped[int] = mapped_column(SmallInteger)
    operator: Mapped[str] = mapped_column(String(32))
    smsc_id: Mapped[str | None] = mapped_column(String(65))
    """The SMSC's name for it, normalised; none: the SMSC gave none, or its answer never came."""
    state: Mapped[PartState] = mapped_column(one_of(PartState, "state"))
    sent_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(String(200))


class EarlyReceipt(Base):
    """A delivery receipt for a part that is not known yet: its submit_sm_resp is still on its way, or was lost."""

    __tablename__ = "early_receipt"
    __table_args__ = (Index(None, "received_at"),)

    operator: Mapped[str] = mapped_column(String(32), primary_key=True)
    smsc_id: Mapped[str] = mapped_column(String(65), primary_key=True)
    state: Mapped[PartState] = mapped_column(one_of(PartState, "state"))
    error: Mapped[str | None] = mapped_column(String(200))
    received_at: Mapped[datetime]


class NotificationSwitch(Base):
    """A kind of event that a subscriber does not want to be told of on a channel. No row: it is told."""

    __tablename__ = "notification_switch"

    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id", ondelete="CASCADE"), primary_key=True)
    channel: Mapped[Channel] = mapped_column(one_of(Channel, "channel"), primary_key=True)
    kind: Mapped[EventKind] = mapped_column(one_of(EventKind), primary_key=True)


class ChannelTiming(Base):
    """When a subscriber wants a channel's messages: at once, or a day's together. No row: the channel's default."""

    __tablename__ = "channel_timing"
    __table_args__ = (CheckConstraint("daily_hour BETWEEN 0 AND 23", name="daily_hour"),)

    subscriber_id: Mapped[int] = mapped_column(ForeignKey("subscriber.id", ondelete="CASCADE"), primary_key=True)
    channel: Mapped[Channel] = mapped_column(one_of(Channel, "channel"), primary_key=True)
    daily_hour: Mapped[int | None] = mapped_column(SmallInteger)
    """Sofia time; none: at once."""
