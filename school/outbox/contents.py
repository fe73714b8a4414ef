"""The contents of claimed messages, piece by piece: an e-mail shows more than an SMS, so it is built from this."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.events import EventRef
from db.kinds import EventChange, EventKind, Language, MessagePurpose
from db.models import Message, Notification, School, SchoolClass, SchoolEvent, Student, Subscriber, Subscription
from school.wording.letters import NewsLine
from school.wording.translation import SOURCE


@dataclass(frozen=True, slots=True)
class Piece:
    """One event as the follower of one child is told of it; `school`: its name."""

    told: NewsLine
    change: EventChange
    school: str


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """A meeting or event that is (`starts_at` aware, UTC) or, when it was deleted, was to be."""

    ref: EventRef
    title: str
    place: str
    text: str
    starts_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class Contents:
    """A message, and what it tells in the order it happened; no pieces: its text is all there is."""

    message_id: int
    purpose: MessagePurpose
    subscriber_id: int | None
    language: Language
    created_at: datetime
    pieces: tuple[Piece, ...]


def contents(session: Session, message_ids: Collection[int]) -> dict[int, Contents]:
    """Of each message that exists. Two statements, however many there are."""
    pieces: dict[int, list[Piece]] = {}
    for row in session.execute(
        select(
            Notification.id,
            Notification.message_id,
            Notification.kind,
            Notification.event_id,
            Notification.change,
            Notification.line,
            Subscription.student_id,
            Student.first_name,
            SchoolClass.level,
            SchoolClass.letter,
            School.name,
        )
        .join(Subscription, Subscription.id == Notification.subscription_id)
        .join(Student, Student.id == Subscription.student_id)
        .join(SchoolClass, SchoolClass.id == Student.class_id, isouter=True)
        .join(School, School.id == Notification.school_id)
        .where(Notification.message_id.in_(message_ids))
        .order_by(Notification.id)
    ):
        pieces.setdefault(row.message_id, []).append(
            Piece(
                NewsLine(
                    notification_id=row.id,
                    student_id=row.student_id,
                    child=row.first_name,
                    class_name=f"{row.level}{row.letter}" if row.level else "",
                    event=EventRef(row.kind, row.event_id),
                    line=row.line,
                ),
                row.change,
                row.name,
            )
        )
    return {
        row.id: Contents(
            row.id,
            row.purpose,
            row.subscriber_id,
            row.language or SOURCE,
            row.created_at,
            tuple(pieces.get(row.id, ())),
        )
        for row in session.execute(
            select(Message.id, Message.purpose, Message.subscriber_id, Message.created_at, Subscriber.language)
            .outerjoin(Subscriber, Subscriber.id == Message.subscriber_id)
            .where(Message.id.in_(message_ids))
        )
    }


def school_events(session: Session, event_ids: Collection[int]) -> dict[int, CalendarEvent]:
    """The meetings and events of these ids that (still) exist."""
    if not event_ids:
        return {}
    return {
        row.id: CalendarEvent(
            EventRef(EventKind(row.kind.value), row.id), row.title, row.place, row.text, row.starts_at, row.recorded_at
        )
        for row in session.scalars(select(SchoolEvent).where(SchoolEvent.id.in_(event_ids)))
    }
