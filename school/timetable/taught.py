"""Which classes a teacher teaches at all."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import SchoolClass, Subject, TeachingAssignment
from school.years import calendar


@dataclass(frozen=True, slots=True)
class TaughtClass:
    """A class and a subject that a teacher teaches to it."""

    class_id: int
    class_name: str
    level: int
    subject_id: int
    subject: str


def taught_classes(
    session: Session, school_id: int, staff_id: int, on: date, *, everything: bool = False
) -> tuple[TaughtClass, ...]:
    """What a teacher teaches this year, by class; `everything`: what anybody teaches, for the school's leaders."""
    statement = (
        select(SchoolClass.id, SchoolClass.level, SchoolClass.letter, Subject.id.label("subject_id"), Subject.name)
        .join(TeachingAssignment, TeachingAssignment.class_id == SchoolClass.id)
        .join(Subject, Subject.id == TeachingAssignment.subject_id)
        .where(
            TeachingAssignment.school_id == school_id, SchoolClass.school_year_id == calendar.year_begun(school_id, on)
        )
        .distinct()
        .order_by(SchoolClass.level, SchoolClass.letter, Subject.name)
    )
    if not everything:
        statement = statement.where(TeachingAssignment.staff_id == staff_id)
    return tuple(
        TaughtClass(row.id, f"{row.level}{row.letter}", row.level, row.subject_id, row.name)
        for row in session.execute(statement)
    )
