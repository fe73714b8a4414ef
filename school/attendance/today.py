"""What was entered of a student's day so far, for a parent who asks whether the child is at school."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import AbsenceKind
from db.models import School, Student
from runtime.localtime import SOFIA
from school.attendance import entered
from school.attendance.entered import LessonOfDay
from school.years import calendar


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lessons one after the other of which the same is known. Entered and no absence: present."""

    first: int
    last: int
    was_entered: bool
    absence: AbsenceKind | None


@dataclass(frozen=True, slots=True)
class Today:
    """`from_hour`: it is too early, and the day is told of from this hour on (Sofia time); None: it is told."""

    stretches: tuple[Stretch, ...] = ()
    from_hour: int | None = None

    @property
    def knows_anything(self) -> bool:
        """Whether anything was entered."""
        return any(one.was_entered or one.absence is not None for one in self.stretches)


def read(session: Session, school_id: int, student_id: int, now: datetime) -> Today:
    """A student's day as it stands at `now` (aware), from the school's hour on."""
    found = session.execute(
        select(School.today_from_hour, Student.class_id)
        .join(Student, Student.school_id == School.id)
        .where(School.id == school_id, Student.id == student_id)
    ).one_or_none()
    if found is None or found.class_id is None:
        return Today()
    if now.astimezone(SOFIA).hour < found.today_from_hour:
        return Today(from_hour=found.today_from_hour)
    lessons = entered.day_of_student(session, school_id, found.class_id, student_id, calendar.today(now))
    return Today(stretches(lessons))


def stretches(lessons: Sequence[LessonOfDay]) -> tuple[Stretch, ...]:
    """Lessons that follow each other and of which the same is known, together."""
    made: list[Stretch] = []
    for one in lessons:
        was_entered = one.was_entered or one.absence is not None
        last = made[-1] if made else None
        if last and last.last + 1 == one.lesson and (last.was_entered, last.absence) == (was_entered, one.absence):
            made[-1] = Stretch(last.first, one.lesson, was_entered, one.absence)
        else:
            made.append(Stretch(one.lesson, one.lesson, was_entered, one.absence))
    return tuple(made)
