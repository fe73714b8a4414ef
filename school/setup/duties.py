"""What a member of staff has to do at a school from a day on: classes to lead and subjects to teach."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import ApiToken, SchoolClass, SchoolYear, Subject, TeachingAssignment
from school.timetable.handing_over import lessons_from


@dataclass(frozen=True, slots=True)
class Duty:
    """A class to lead (`id` is the class), or a subject to teach to a class (`id` is the assignment)."""

    id: int
    class_id: int
    class_name: str
    year: int
    """The year it starts in."""
    subject_id: int | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class Duties:
    """In the running year and those to come; what was taught in earlier ones stays as it is."""

    leads: tuple[Duty, ...]
    teaches: tuple[Duty, ...]
    tokens: tuple[str, ...]
    """Titles of the keys for other systems that they made and may have kept a copy of."""
    has_other_lessons: bool = False
    """Whether the timetable has them in lessons of what is not theirs to teach: nobody takes these over."""

    @property
    def all(self) -> Iterable[Duty]:
        """Both kinds."""
        return (*self.leads, *self.teaches)


def of(session: Session, school_id: int, staff_id: int, today: date) -> Duties:
    """All of it, by year and class."""
    named = (SchoolClass.id, SchoolClass.level, SchoolClass.letter, SchoolYear.starts_on)
    order = (SchoolYear.starts_on, SchoolClass.level, SchoolClass.letter)
    leads = session.execute(
        select(*named)
        .join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
        .where(
            SchoolClass.school_id == school_id, SchoolClass.class_teacher_id == staff_id, SchoolYear.ends_on >= today
        )
        .order_by(*order)
    )
    teaches = session.execute(
        select(TeachingAssignment.id, *named, Subject.id, Subject.name)
        .join(SchoolClass, SchoolClass.id == TeachingAssignment.class_id)
        .join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
        .join(Subject, Subject.id == TeachingAssignment.subject_id)
        .where(
            TeachingAssignment.school_id == school_id,
            TeachingAssignment.staff_id == staff_id,
            SchoolYear.ends_on >= today,
        )
        .order_by(*order, Subject.name)
    )
    tokens = session.scalars(
        select(ApiToken.title)
        .where(ApiToken.school_id == school_id, ApiToken.created_by == staff_id, ApiToken.revoked_at.is_(None))
        .order_by(ApiToken.id)
    )
    taught = tuple(
        Duty(id_, class_id, f"{level}{letter}", starts.year, subject_id, subject)
        for id_, class_id, level, letter, starts, subject_id, subject in teaches
    )
    return Duties(
        tuple(Duty(id_, id_, f"{level}{letter}", starts.year) for id_, level, letter, starts in leads),
        taught,
        tuple(tokens),
        bool(lessons_from(session, school_id, staff_id, today) - {(one.class_id, one.subject_id) for one in taught}),
    )


def has_any(session: Session, school_id: int, staff_id: int, today: date) -> bool:
    """Whether they lead a class or teach one, or the timetable has them in a lesson."""
    held = of(session, school_id, staff_id, today)
    return bool(held.leads or held.teaches or held.has_other_lessons)
