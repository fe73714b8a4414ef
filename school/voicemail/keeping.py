"""Keeping a parent's message, and telling the class teacher that there is one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from db.kinds import Channel, MessagePurpose
from db.models import School, SchoolClass, Staff, Student, VoiceMessage
from school.outbox import enqueue
from school.security.crypto import vault
from school.wording.plain_letters import Paragraph, written
from school.wording.translation import SOURCE, gettext

PURPOSE = "voice message"
LONGEST = 120
"""Seconds."""
MOST_A_DAY = 5
"""Messages of one subscription in 24 hours: nobody fills the disk, or a teacher's day."""
KEEP_NOTICE = timedelta(days=7)


class Refusal(StrEnum):
    """Why a message is not taken."""

    OFF = "off"
    """The school takes none, or the class has no class teacher."""
    TOO_MANY = "too many"


@dataclass(frozen=True, slots=True)
class Last:
    """A parent's newest message, and what became of it."""

    recorded_at: datetime
    is_heard: bool
    is_answered: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """Whether a message is taken now (`refusal` None), and the one before."""

    refusal: Refusal | None
    last: Last | None


def desk(session: Session, subscription_id: int, student_id: int, now: datetime) -> Desk:
    """What a parent who wants to leave a message hears first."""
    recent = (
        select(func.count())
        .where(VoiceMessage.subscription_id == subscription_id, VoiceMessage.recorded_at > now - timedelta(days=1))
        .scalar_subquery()
    )
    row = session.execute(
        select(School.voice_message_days, Staff.id, recent.label("recent"))
        .join_from(Student, School, School.id == Student.school_id)
        .outerjoin(SchoolClass, SchoolClass.id == Student.class_id)
        .outerjoin(Staff, (Staff.id == SchoolClass.class_teacher_id) & Staff.is_active)
        .where(Student.id == student_id)
    ).one_or_none()
    newest = session.execute(
        select(VoiceMessage.recorded_at, VoiceMessage.heard_at, VoiceMessage.answered_at)
        .where(VoiceMessage.subscription_id == subscription_id, VoiceMessage.student_id == student_id)
        .order_by(VoiceMessage.recorded_at.desc())
        .limit(1)
    ).one_or_none()
    last = Last(newest.recorded_at, newest.heard_at is not None, newest.answered_at is not None) if newest else None
    if row is None or not row.voice_message_days or row.id is None:
        return Desk(Refusal.OFF, last)
    return Desk(Refusal.TOO_MANY if row.recent >= MOST_A_DAY else None, last)


def keep(
    session: Session,
    subscription_id: int,
    student_id: int,
    sound: bytes,
    milliseconds: int,
    page: str,
    now: datetime,
    *,
    spoken_at: datetime | None = None,
) -> Refusal | None:
    """Keep a message and write to the class teacher; None: it is kept. `sound`: a WAV file that we made ourselves.

    `page`: the address at which it is heard. The letter says nothing of whom it is about, and goes out for the first
    of several that wait to be heard. `spoken_at`: when it was spoken, if it is stored later than that: the parent was
    told that it is kept, so the limit of a day does not refuse it, and one that is here already is not kept twice.
    """
    if spoken_at is not None and _is_kept(session, subscription_id, student_id, spoken_at):
        return None
    refusal = desk(session, subscription_id, student_id, now).refusal
    if refusal is Refusal.OFF or (refusal is not None and spoken_at is None):
        return refusal
    row = session.execute(
        select(Student.school_id, Student.class_id, Staff.email)
        .join(SchoolClass, SchoolClass.id == Student.class_id)
        .join(Staff, Staff.id == SchoolClass.class_teacher_id)
        .where(Student.id == student_id)
    ).one()
    waits = session.scalar(
        select(VoiceMessage.id)
        .join(Student, Student.id == VoiceMessage.student_id)
        .where(Student.class_id == row.class_id, VoiceMessage.heard_at.is_(None))
        .limit(1)
    )
    session.add(
        VoiceMessage(
            school_id=row.school_id,
            student_id=student_id,
            subscription_id=subscription_id,
            recorded_at=spoken_at or now,
            milliseconds=milliseconds,
            sound_encrypted=vault(session).encrypt_bytes(PURPOSE, sound),
        )
    )
    if waits is None:
        told = gettext(SOURCE, "Родител от Вашия клас Ви е оставил съобщение по телефона. Чуйте го тук:")
        enqueue(
            session,
            channel=Channel.EMAIL,
            address=row.email,
            text=written(gettext(SOURCE, "Гласово съобщение от родител"), Paragraph(f"{told} {page}")),
            purpose=MessagePurpose.SERVICE,
            now=now,
            keep_for=KEEP_NOTICE,
        )
    session.flush()
    return None


def _is_kept(session: Session, subscription_id: int, student_id: int, spoken_at: datetime) -> bool:
    """Whether the message is here: the database can take one and be gone before it says so."""
    of_it = select(VoiceMessage.id).where(
        VoiceMessage.student_id == student_id,
        VoiceMessage.subscription_id == subscription_id,
        VoiceMessage.recorded_at == spoken_at,
    )
    return session.scalar(of_it) is not None


def is_over(session: Session, student_id: int, spoken_at: datetime, now: datetime) -> bool:
    """Whether the student's school keeps a message of that time no longer, or there is no such student any more.

    One that could not be stored yet is kept for a day in any case: a school may switch messages off by mistake.
    """
    days = session.scalar(
        select(School.voice_message_days).join(Student, Student.school_id == School.id).where(Student.id == student_id)
    )
    return days is None or spoken_at < now - timedelta(days=max(days, 1))


def forget_old(session: Session, now: datetime) -> int:
    """Delete the messages that their schools keep no longer; gives their number."""
    schools = session.execute(select(School.id, School.voice_message_days)).all()
    gone = 0
    for school_id, days in schools:
        old = VoiceMessage.school_id == school_id, VoiceMessage.recorded_at < now - timedelta(days=days)
        gone += len(session.scalars(delete(VoiceMessage).where(*old).returning(VoiceMessage.id)).all())
    return gone
