"""How far the news of an event has come: messages sent, messages delivered, followers who heard it by telephone."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
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
    messages = session.execute(
        select(Notification.kind, Notification.event_id, Notification.state, Message.state, func.count())
        .outerjoin(Message, Message.id == Notification.message_id)
        .where(Notification.school_id == school_id, notified, Notification.state != NotificationState.CANCELLED)
        .group_by(Notification.kind, Notification.event_id, Notification.state, Message.state)
    )
    for kind, event_id, _state, message, number in messages:
        of = counts[kind, event_id]
        if message in (MessageState.SENT, MessageState.DELIVERED):
            of[0] += number
        if message is MessageState.DELIVERED:
            of[1] += number
        if message in (None, MessageState.READY, MessageState.CLAIMED):
            of[3] += number
    listened = session.execute(
        select(HeardEvent.kind, HeardEvent.event_id, func.count())
        .where(HeardEvent.school_id == school_id, heard)
        .group_by(HeardEvent.kind, HeardEvent.event_id)
    )
    for kind, event_id, number in listened:
        counts[kind, event_id][2] += number
    return {key: DeliveryCounts(*of) for key, of in counts.items()}
