"""Rows for the outbox, made by the database itself: a million take half a minute."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, Select, String, cast, func, insert, literal, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from db.kinds import (
    Channel,
    EventChange,
    EventKind,
    MessagePurpose,
    MessageState,
    NotificationState,
    PartState,
    SubscriptionStatus,
)
from db.models import Message, MessagePart, Notification, School, Student, Subscriber, Subscription

FIRST_ID = 10_000_000
"""Beyond what a run of the product itself gives out."""

LINE = "Математика – Отличен (6), контролна работа"
OPERATOR = "op"


def add_parents(session: Session, first: int, count: int, now: datetime) -> None:
    """Parents number `first` on, each of whom follows a student of the demonstration school."""
    school, student, students = _places(session)
    since = now - timedelta(days=60)
    number = _numbers(first, count)
    phone = "+35988" + func.substr(cast(number + 10_000_000, String), 2)
    _insert(
        session,
        {
            Subscriber.id: number + FIRST_ID,
            Subscriber.phone: phone,
            Subscriber.created_at: _literal(Subscriber.created_at, since),
        },
    )
    number = _numbers(first, count)
    _insert(
        session,
        {
            Subscription.id: number + FIRST_ID,
            Subscription.school_id: literal(school),
            Subscription.student_id: number % students + student,
            Subscription.subscriber_id: number + FIRST_ID,
            Subscription.status: _literal(Subscription.status, SubscriptionStatus.ACTIVE),
            Subscription.created_at: _literal(Subscription.created_at, since),
            Subscription.following_since: _literal(Subscription.following_since, since),
        },
    )


def add_pending(session: Session, first: int, count: int, now: datetime) -> None:
    """A notification of a grade, due now, for each parent from number `first` on."""
    school, _, _ = _places(session)
    number = _numbers(first, count)
    _insert(
        session,
        _notification(school, number, now)
        | {Notification.state: _literal(Notification.state, NotificationState.PENDING)},
    )


def add_delivered(session: Session, first: int, count: int, now: datetime) -> None:
    """What was told to each parent from number `first` on a month ago: notification, message, part."""
    school, _, _ = _places(session)
    at = now - timedelta(days=30)
    number = _numbers(first, count)
    values: dict[InstrumentedAttribute[Any], Any] = {
        Message.channel: Channel.SMS,
        Message.purpose: MessagePurpose.NOTIFICATION,
        Message.text: f"Мария: {LINE}",
        Message.state: MessageState.DELIVERED,
        Message.due_at: at,
        Message.expires_at: at + timedelta(days=2),
        Message.from_hour: 0,
        Message.until_hour: 24,
        Message.attempts: 1,
        Message.created_at: at,
        Message.sent_at: at,
        Message.ended_at: at,
        Message.operator: OPERATOR,
    }
    _insert(
        session,
        {
            Message.id: number + FIRST_ID,
            Message.subscriber_id: number + FIRST_ID,
            Message.address: "+35988" + func.substr(cast(number + 10_000_000, String), 2),
            **{column: _literal(column, value) for column, value in values.items()},
        },
    )
    number = _numbers(first, count)
    _insert(
        session,
        {
            MessagePart.message_id: number + FIRST_ID,
            MessagePart.number: literal(1),
            MessagePart.total: literal(1),
            MessagePart.operator: literal(OPERATOR),
            MessagePart.smsc_id: cast(number + FIRST_ID, String),
            MessagePart.state: _literal(MessagePart.state, PartState.DELIVERED),
            MessagePart.sent_at: _literal(MessagePart.sent_at, at),
            MessagePart.ended_at: _literal(MessagePart.ended_at, at),
        },
    )
    number = _numbers(first, count)
    _insert(
        session,
        _notification(school, number, at)
        | {
            Notification.state: _literal(Notification.state, NotificationState.BUNDLED),
            Notification.message_id: number + FIRST_ID,
            Notification.event_id: number + 2 * FIRST_ID,
        },
    )


def _notification(school: int, number: Any, at: datetime) -> dict[InstrumentedAttribute[Any], Any]:
    values: dict[InstrumentedAttribute[Any], Any] = {
        Notification.school_id: school,
        Notification.channel: Channel.SMS,
        Notification.kind: EventKind.GRADE,
        Notification.change: EventChange.RECORDED,
        Notification.line: LINE,
        Notification.due_at: at,
        Notification.from_hour: 0,
        Notification.until_hour: 24,
        Notification.created_at: at,
    }
    return {
        Notification.subscription_id: number + FIRST_ID,
        Notification.subscriber_id: number + FIRST_ID,
        Notification.event_id: number + FIRST_ID,
        **{column: _literal(column, value) for column, value in values.items()},
    }


def _places(session: Session) -> tuple[int, int, int]:
    """The school, its first student's id and how many students have ids from there on."""
    school = session.scalars(select(School.id)).one()
    first, last = session.execute(select(func.min(Student.id), func.max(Student.id))).one()
    return school, first, last - first + 1


def _numbers(first: int, count: int) -> Any:
    """A column of numbers."""
    start = select(literal(first, BigInteger).label("number")).cte("numbers", recursive=True)
    numbers = start.union_all(select(start.c.number + 1).where(start.c.number < first + count - 1))
    return numbers.c.number


def _literal(column: InstrumentedAttribute[Any], value: Any) -> Any:
    """A value as the column keeps it."""
    return literal(value, column.type)


def _insert(session: Session, values: dict[InstrumentedAttribute[Any], Any]) -> None:
    columns: Sequence[InstrumentedAttribute[Any]] = list(values)
    rows: Select[Any] = select(*values.values())
    session.execute(insert(columns[0].class_).from_select([column.key for column in columns], rows))
