"""How far the news of an event has come: messages sent, messages delivered, followers who heard it by telephone."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, null, select, union_all
from sqlalchemy.orm import Session

from db.events import EventRef
from db.kinds import EventKind, MessageState, NotificationState
from db.models import HeardEvent, Message, Notification, Subscription


@dataclass(frozen=True, slots=True)
class DeliveryCounts:
    """How many messages about an event went out, how many are in the telephone, how many followers heard it by call,
    and how many notifications are still to go out."""

    sent: int = 0
    delivered: int = 0
    heard: int = 0
    waiting: int = 0


Marks = dict[tuple[EventKind, int], DeliveryCounts]


def of_student(session: Session, school_id: int, student_id: int) -> Marks:
    """Of every event of a student, to those who follow the student."""
    of = (Subscription.school_id == school_id) & (Subscription.student_id == student_id)
    return _marks(
        session,
        school_id,
        Notification.subscription_id.in_(select(Subscription.id).where(of)),
        HeardEvent.subscriber_id.in_(select(Subscription.subscriber_id).where(of)),
    )


def of_events(session: Session, school_id: int, refs: Sequence[EventRef]) -> Marks:
    """Of some events, to all who were told."""
    kinds, ids = {ref.kind for ref in refs}, {ref.id for ref in refs}
    return _marks(
        session,
        school_id,
        Notification.kind.in_(kinds) & Notification.event_id.in_(ids),
        HeardEvent.kind.in_(kinds) & HeardEvent.event_id.in_(ids),
    )


def _marks(session: Session, school_id: int, notified: ColumnElement[bool], heard: ColumnElement[bool]) -> Marks:
    counts: dict[tuple[EventKind, int], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    messages = (
        select(
            *(Notification.kind, Notification.event_id, Notification.state, Message.state.label("message")),
            func.count().label("number"),
        )
        .outerjoin(Message, Message.id == Notification.message_id)
        .where(Notification.school_id == school_id, notified, Notification.state != NotificationState.CANCELLED)
        .group_by(Notification.kind, Notification.event_id, Notification.state, Message.state)
    )
    listened = (
        select(HeardEvent.kind, HeardEvent.event_id, null(), null(), func.count())
        .where(HeardEvent.school_id == school_id, heard)
        .group_by(HeardEvent.kind, HeardEvent.event_id)
    )
    rows: Any = session.execute(union_all(messages, listened))
    for kind, event_id, state, message, number in rows:
        of = counts[kind, event_id]
        if state is None:
            of[2] += number
            continue
        if message in (MessageState.SENT, MessageState.DELIVERED):
            of[0] += number
        if message is MessageState.DELIVERED:
            of[1] += number
        if message in (None, MessageState.READY, MessageState.CLAIMED):
            of[3] += number
    return {key: DeliveryCounts(*of) for key, of in counts.items()}
