"""Whom a class teacher sees near the loss of the child benefit, and who was warned of it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import AbsenceKind, Channel, EventKind, MessageState, NotificationState
from db.models import Absence, BenefitWarning, Message, Notification, Student, Subscriber
from runtime.localtime import month_of
from school.classbook import benefit
from school.classbook.absence_weights import unexcused_half_hours
from school.classbook.benefit import WARN_AT, Standing
from school.following.ending import shown
from school.staff import authority
from school.staff.authority import Author
from school.years import calendar


@dataclass(frozen=True, slots=True)
class Told:
    """One follower who was told on one channel: masked, and how far the message has come (None: it waits)."""

    follower: str
    channel: Channel
    state: MessageState | None


@dataclass(frozen=True, slots=True)
class Warned:
    """A student near the loss of the benefit this month, and who was told of it. `warned_at` None: nobody yet."""

    student_id: int
    student: str
    standing: Standing
    warned_at: datetime | None
    told: tuple[Told, ...]


def of_class(
    session: Session, by: int | Author, class_id: int, now: datetime, *, counts_lateness: bool
) -> tuple[Warned, ...]:
    """The students of a class who are near the loss of the benefit this month, the nearest first.

    For its class teacher and the school's leaders. Raises InputError for anybody else. Three statements.
    """
    reader = authority.author(session, by)
    authority.check_class_teacher(reader, authority.class_of_school(session, reader, class_id))
    today = calendar.today(now)
    half_hours = unexcused_half_hours(Absence.kind, with_lateness=counts_lateness)
    students = session.execute(
        select(Student.id, Student.first_name, Student.last_name, half_hours.label("half_hours"))
        .join(Absence, Absence.student_id == Student.id)
        .where(
            Student.school_id == reader.school_id,
            Student.class_id == class_id,
            Absence.school_id == reader.school_id,
            Absence.on_date.between(month_of(today), today),
        )
        .group_by(Student.id, Student.first_name, Student.last_name)
        .having(half_hours >= AbsenceKind.UNEXCUSED.half_hours * WARN_AT[0])
        .order_by(half_hours.desc(), Student.first_name, Student.last_name)
    ).all()
    if not students:
        return ()
    warned: dict[int, datetime] = {}
    told: dict[int, dict[tuple[str, Channel], Told]] = defaultdict(dict)
    for row in _told_rows(session, reader.school_id, [row.id for row in students], month_of(today)):
        warned[row.student_id] = max(row.warned_at, warned.get(row.student_id, row.warned_at))
        if row.channel is None:
            continue
        follower = shown(row.phone, row.email)
        told[row.student_id][follower, row.channel] = Told(follower, row.channel, row.state)
    return tuple(
        Warned(
            row.id,
            f"{row.first_name} {row.last_name}",
            benefit.standing(int(row.half_hours)),
            warned.get(row.id),
            tuple(told[row.id].values()),
        )
        for row in students
    )


def _told_rows(session: Session, school_id: int, students: Sequence[int], month: date) -> Sequence[Any]:
    """The warnings of these students in a month, each with the notifications that told it."""
    return session.execute(
        select(
            BenefitWarning.student_id,
            BenefitWarning.warned_at,
            Notification.channel,
            Subscriber.phone,
            Subscriber.email,
            Message.state,
        )
        .outerjoin(
            Notification,
            (Notification.school_id == BenefitWarning.school_id)
            & (Notification.kind == EventKind.ABSENCE)
            & (Notification.event_id == BenefitWarning.absence_id)
            & (Notification.state != NotificationState.CANCELLED),
        )
        .outerjoin(Subscriber, Subscriber.id == Notification.subscriber_id)
        .outerjoin(Message, Message.id == Notification.message_id)
        .where(
            BenefitWarning.school_id == school_id,
            BenefitWarning.month == month,
            BenefitWarning.student_id.in_(students),
        )
        .order_by(BenefitWarning.warned_at, Notification.id)
    ).all()
