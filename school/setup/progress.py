"""How far a school's set-up has come."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import SchoolClass, SchoolYear, Staff, Student, Subject, TeachingAssignment


@dataclass(frozen=True, slots=True)
class Progress:
    """What the school has in the year of a date, or the next one; `year_id` is None before there is one."""

    year_id: int | None
    classes: int
    subjects: int
    staff: int
    assignments: int
    students: int

    @property
    def missing(self) -> tuple[str, ...]:
        """The steps that are not done: "year", "classes", "subjects", "staff", "assignments", "students"."""
        steps = {
            "year": self.year_id,
            "classes": self.classes,
            "subjects": self.subjects,
            "staff": self.staff > 1,  # the administrator alone teaches nobody
            "assignments": self.assignments,
            "students": self.students,
        }
        return tuple(name for name, done in steps.items() if not done)

    @property
    def next_step(self) -> str | None:
        """The first that is missing."""
        return next(iter(self.missing), None)


def progress(session: Session, school_id: int, today: date) -> Progress:
    """One statement."""
    year = (
        select(SchoolYear.id)
        .where(SchoolYear.school_id == school_id, SchoolYear.ends_on >= today)
        .order_by(SchoolYear.starts_on)
        .limit(1)
        .scalar_subquery()
    )
    in_year = select(SchoolClass.id).where(SchoolClass.school_id == school_id, SchoolClass.school_year_id == year)
    row = session.execute(
        select(
            year,
            select(func.count()).select_from(in_year.subquery()).scalar_subquery(),
            select(func.count(Subject.id)).where(Subject.school_id == school_id).scalar_subquery(),
            select(func.count(Staff.id)).where(Staff.school_id == school_id, Staff.is_active).scalar_subquery(),
            select(func.count(TeachingAssignment.id))
            .where(TeachingAssignment.school_id == school_id, TeachingAssignment.class_id.in_(in_year))
            .scalar_subquery(),
            select(func.count(Student.id))
            .where(Student.school_id == school_id, Student.class_id.in_(in_year))
            .scalar_subquery(),
        )
    ).one()
    return Progress(*row)
