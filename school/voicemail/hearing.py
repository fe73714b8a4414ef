"""Hearing what parents said: for the class teacher of the student's present class alone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from db.models import SchoolClass, Staff, Student, Subscriber, Subscription, VoiceMessage
from errors import ForbiddenError, MissingError
from school import audit
from school.security.crypto import vault
from school.voicemail.keeping import PURPOSE

MOST_SHOWN = 100
NO_MESSAGE = "There is no such message, or it is kept no longer."


@dataclass(frozen=True, slots=True)
class Message:
    """A message as its page shows it and the telephone announces it; `phone` is E.164."""

    message_id: int
    student_id: int
    given_name: str
    last_name: str
    class_name: str
    phone: str | None
    recorded_at: datetime
    milliseconds: int
    heard_at: datetime | None
    answered_at: datetime | None


def listed(session: Session, staff_id: int) -> tuple[Message, ...]:
    """The messages to a class teacher, newest first, MOST_SHOWN at the most."""
    rows = session.execute(_of(staff_id).order_by(VoiceMessage.recorded_at.desc()).limit(MOST_SHOWN)).all()
    return tuple(map(_message, rows))


def waiting(session: Session, staff_id: int) -> int:
    """How many of them nobody has heard."""
    of_them = _of(staff_id).where(VoiceMessage.heard_at.is_(None)).with_only_columns(func.count())
    return session.scalar(of_them) or 0


def next_unheard(session: Session, staff_id: int, after: int) -> Message | None:
    """The oldest message beyond id `after` that nobody has heard."""
    row = session.execute(
        _of(staff_id).where(VoiceMessage.heard_at.is_(None), VoiceMessage.id > after).order_by(VoiceMessage.id).limit(1)
    ).one_or_none()
    return None if row is None else _message(row)


def sound(session: Session, staff_id: int, message_id: int) -> bytes:
    """The WAV file of a message; a session that reads is enough. Raises MissingError unless it is to this teacher."""
    encrypted = session.scalar(
        _of(staff_id).where(VoiceMessage.id == message_id).with_only_columns(VoiceMessage.sound_encrypted)
    )
    if encrypted is None:
        raise MissingError(NO_MESSAGE)
    return vault(session).decrypt_bytes(PURPOSE, encrypted)


def heard(session: Session, staff_id: int, message_id: int, now: datetime) -> None:
    """A message counts as heard from now on. Raises MissingError unless it is to this class teacher."""
    found = session.execute(_of(staff_id).where(VoiceMessage.id == message_id)).one_or_none()
    if found is None:
        raise MissingError(NO_MESSAGE)
    if found.heard_at is None:
        _mark(session, message_id, heard_at=now, heard_by=staff_id)
        audit.write(
            session, "voice_message.heard", "voice_message", message_id, now, school_id=found.school_id, by=staff_id
        )


def answered(session: Session, staff_id: int, message_id: int, now: datetime) -> None:
    """Mark that the class teacher answered, in whatever way: the parent hears of it. Raises MissingError."""
    found = session.execute(_of(staff_id).where(VoiceMessage.id == message_id)).one_or_none()
    if found is None:
        raise MissingError(NO_MESSAGE)
    heard = {} if found.heard_at else {"heard_at": now, "heard_by": staff_id}
    _mark(session, message_id, answered_at=now, **heard)
    audit.write(
        session, "voice_message.answered", "voice_message", message_id, now, school_id=found.school_id, by=staff_id
    )


def check_may_hear(session: Session, staff_id: int) -> None:
    """Raises ForbiddenError unless this is an active class teacher."""
    found = session.scalar(
        select(SchoolClass.id)
        .join(Staff, Staff.id == SchoolClass.class_teacher_id)
        .where(Staff.id == staff_id, Staff.is_active)
        .limit(1)
    )
    if found is None:
        raise ForbiddenError("Only a class teacher hears what parents say to the class teacher.")


def _of(staff_id: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            VoiceMessage.id,
            VoiceMessage.school_id,
            VoiceMessage.student_id,
            Student.first_name,
            Student.last_name,
            SchoolClass.level,
            SchoolClass.letter,
            Subscriber.phone,
            VoiceMessage.recorded_at,
            VoiceMessage.milliseconds,
            VoiceMessage.heard_at,
            VoiceMessage.answered_at,
        )
        .join_from(VoiceMessage, Student, Student.id == VoiceMessage.student_id)
        .join(SchoolClass, SchoolClass.id == Student.class_id)
        .join(Staff, Staff.id == SchoolClass.class_teacher_id)
        .join(Subscription, Subscription.id == VoiceMessage.subscription_id)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(Staff.id == staff_id, Staff.is_active)
    )


def _mark(session: Session, message_id: int, **values: Any) -> None:
    session.execute(
        update(VoiceMessage)
        .where(VoiceMessage.id == message_id)
        .values(values)
        .execution_options(synchronize_session=False)
    )


def _message(row: Any) -> Message:
    return Message(
        message_id=row.id,
        student_id=row.student_id,
        given_name=row.first_name,
        last_name=row.last_name,
        class_name=f"{row.level}{row.letter}",
        phone=row.phone,
        recorded_at=row.recorded_at,
        milliseconds=row.milliseconds,
        heard_at=row.heard_at,
        answered_at=row.answered_at,
    )
