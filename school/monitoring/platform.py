"""What the platform's operator sees: schools by size and use, the outbox and its troubles. No child's data."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from db.kinds import Channel, MessageState, NotificationState, SubscriptionStatus
from db.models import Audit, Call, Message, Notification, School, Student, Subscription

RECENT = timedelta(days=7)
TROUBLES = 20


@dataclass(frozen=True, slots=True)
class SchoolUse:
    """A school: its size, and what happened there in the last 7 days."""

    school_id: int
    name: str
    town: str
    institution_code: str
    students: int
    subscriptions: int
    entries: int
    calls: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """A kind of error that messages ended with, and how often lately."""

    channel: Channel
    state: MessageState
    error: str
    messages: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Queues:
    """Counts: notifications that wait for their hour, and messages of each channel by the states that are no end."""

    waiting: dict[Channel, int]
    messages: dict[tuple[Channel, MessageState], int]


def schools(session: Session, now: datetime) -> tuple[SchoolUse, ...]:
    """Every school by name: one statement."""
    since = now - RECENT

    def count(model: type[Any], *conditions: Any) -> ScalarSelect[int]:
        return (
            select(func.count()).select_from(model).where(model.school_id == School.id, *conditions).scalar_subquery()
        )

    rows = session.execute(
        select(
            School.id,
            School.name,
            School.town,
            School.institution_code,
            count(Student, Student.class_id.is_not(None)),
            count(Subscription, Subscription.status == SubscriptionStatus.ACTIVE),
            count(Audit, Audit.at >= since, Audit.action.like("%.recorded")),
            count(Call, Call.started_at >= since),
        ).order_by(School.name, School.id)
    )
    return tuple(SchoolUse(*row) for row in rows)


def queues(session: Session) -> Queues:
    """What is under way. Only rows that are not done are counted."""
    waiting = session.execute(
        select(Notification.channel, func.count())
        .where(Notification.state == NotificationState.PENDING)
        .group_by(Notification.channel)
    )
    under_way = session.execute(
        select(Message.channel, Message.state, func.count())
        .where(Message.state.in_((MessageState.READY, MessageState.CLAIMED)))
        .group_by(Message.channel, Message.state)
    )
    return Queues(
        {channel: number for channel, number in waiting},  # noqa: C416  # a Row is no pair to mypy
        {(channel, state): number for channel, state, number in under_way},
    )


def troubles(session: Session, now: datetime) -> tuple[Trouble, ...]:
    """How messages of the last 7 days failed, the latest first."""
    last = func.max(Message.created_at)
    rows = session.execute(
        select(Message.channel, Message.state, Message.error, func.count(), last)
        .where(
            Message.state.in_((MessageState.FAILED, MessageState.UNKNOWN)),
            Message.created_at >= now - RECENT,
        )
        .group_by(Message.channel, Message.state, Message.error)
        .order_by(last.desc())
        .limit(TROUBLES)
    )
    return tuple(Trouble(row[0], row[1], row[2] or "", row[3], row[4]) for row in rows)
