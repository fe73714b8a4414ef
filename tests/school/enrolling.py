"""Putting students of a test into a class, and taking them out, as the school's own doors do."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import EnrolmentReason
from db.models import SchoolClass, SchoolYear, Student
from school import enrolments


def enrol(
    session: Session, students: int | Iterable[int], class_id: int, since: date | None = None, number: int | None = None
) -> None:
    """Into the class from a day on; None: since its school year began."""
    school_id, starts = session.execute(
        select(SchoolClass.school_id, SchoolYear.starts_on)
        .join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
        .where(SchoolClass.id == class_id)
    ).one()
    ids = [students] if isinstance(students, int) else students
    enrolments.place(
        session,
        school_id,
        [enrolments.Placement(id_, class_id, number, since or starts, EnrolmentReason.ADMITTED) for id_ in ids],
    )


def left(session: Session, student_id: int, last_day: date) -> None:
    """Out of the school after its last day, without what else follows from leaving."""
    school_id = session.scalars(select(Student.school_id).where(Student.id == student_id)).one()
    enrolments.end(session, school_id, [student_id], last_day)
