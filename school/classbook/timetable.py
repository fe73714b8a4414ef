"""Which lessons a teacher has on a day, and which classes they teach at all."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, func, select
from sqlalchemy.orm import Session

from db.models import SchoolClass, SchoolYear, Subject, TeachingAssignment, TimetableLesson
from school.classbook.entered import shows_entry


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson of the timetable; `has_entries`: something was entered for it already."""

    class_id: int
    class_name: str
    subject_id: int
    subject: str
    lesson: int
    has_entries: bool


@dataclass(frozen=True, slots=True)
class TaughtClass:
    """A class and a subject that a teacher teaches to it."""

    class_id: int
    class_name: str
    level: int
    subject_id: int
    subject: str


def lessons_on(session: Session, school_id: int, staff_id: int, on: date) -> tuple[Lesson, ...]:
    """A teacher's lessons of that weekday in the order of the day; none when the school has no timetable."""
    rows = session.execute(
        select(
            TimetableLesson.class_id,
            SchoolClass.level,
            SchoolClass.letter,
            TimetableLesson.subject_id,
            Subject.name,
            TimetableLesson.lesson,
            shows_entry(on).label("has_entries"),
        )
        .join(SchoolClass, SchoolClass.id == TimetableLesson.class_id)
        .join(Subject, Subject.id == TimetableLesson.subject_id)
        .where(
            TimetableLesson.school_id == school_id,
            TimetableLesson.staff_id == staff_id,
            TimetableLesson.weekday == on.isoweekday(),
            _of_year(school_id, on),
        )
        .order_by(TimetableLesson.lesson, SchoolClass.level, SchoolClass.letter)
    )
    return tuple(
        Lesson(row.class_id, f"{row.level}{row.letter}", row.subject_id, row.name, row.lesson, row.has_entries)
        for row in rows
    )


def taught_classes(
    session: Session, school_id: int, staff_id: int, on: date, *, everything: bool = False
) -> tuple[TaughtClass, ...]:
    """What a teacher teaches this year, by class; `everything`: what anybody teaches, for the school's leaders."""
    statement = (
        select(SchoolClass.id, SchoolClass.level, SchoolClass.letter, Subject.id.label("subject_id"), Subject.name)
        .join(TeachingAssignment, TeachingAssignment.class_id == SchoolClass.id)
        .join(Subject, Subject.id == TeachingAssignment.subject_id)
        .where(TeachingAssignment.school_id == school_id, _of_year(school_id, on))
        .distinct()
        .order_by(SchoolClass.level, SchoolClass.letter, Subject.name)
    )
    if not everything:
        statement = statement.where(TeachingAssignment.staff_id == staff_id)
    return tuple(
        TaughtClass(row.id, f"{row.level}{row.letter}", row.level, row.subject_id, row.name)
        for row in session.execute(statement)
    )


def _of_year(school_id: int, on: date) -> ColumnElement[bool]:
    """The class belongs to the school year that runs on that date, or to the last one that began."""
    newest = (
        select(func.max(SchoolYear.starts_on))
        .where(SchoolYear.school_id == school_id, SchoolYear.starts_on <= on)
        .scalar_subquery()
    )
    return exists().where(
        and_(
            SchoolYear.id == SchoolClass.school_year_id,
            SchoolYear.school_id == school_id,
            SchoolYear.starts_on == newest,
        )
    )
