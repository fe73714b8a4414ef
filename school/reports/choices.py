"""What a report's filters can be set to at one school, in one school year."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from db.models import Enrolment, SchoolClass, SchoolYear, Staff, Student, Subject, TeachingAssignment
from school.years import calendar


@dataclass(frozen=True, slots=True)
class Choice:
    """Something to choose: its id and what it is called."""

    id: int
    name: str

    @property
    def pair(self) -> tuple[int, str]:
        """Value and title, as a list to choose from has them."""
        return self.id, self.name


@dataclass(frozen=True, slots=True)
class Choices:
    """Lists by name; students are named with their class."""

    subjects: tuple[Choice, ...]
    classes: tuple[Choice, ...]
    teachers: tuple[Choice, ...]
    students: tuple[Choice, ...]
    years: tuple[Choice, ...]
    """By the calendar year in which each begins, the newest first."""
    year: int | None
    """The one that the lists are of."""

    @property
    def level_pairs(self) -> tuple[tuple[int, str], ...]:
        """The levels of the classes, as a list to choose from."""
        levels = {int("".join(filter(str.isdigit, one.name))) for one in self.classes}
        return tuple((level, f"{level}.") for level in sorted(levels))


def visible_classes(session: Session, school_id: int, staff_id: int, on: date) -> frozenset[int]:
    """The classes of the year that a teacher teaches or leads."""
    year = calendar.year_begun(school_id, on)
    teaches = select(TeachingAssignment.class_id).where(
        TeachingAssignment.school_id == school_id, TeachingAssignment.staff_id == staff_id
    )
    return frozenset(
        session.scalars(
            select(SchoolClass.id).where(
                SchoolClass.school_id == school_id,
                SchoolClass.school_year_id == year,
                or_(SchoolClass.class_teacher_id == staff_id, SchoolClass.id.in_(teaches)),
            )
        )
    )


def year_of_class(session: Session, school_id: int, class_id: int) -> int | None:
    """The calendar year in which the school year of a class begins; None: the school has no such class."""
    starts_on = session.scalar(
        select(SchoolYear.starts_on)
        .join(SchoolClass, SchoolClass.school_year_id == SchoolYear.id)
        .where(SchoolClass.school_id == school_id, SchoolClass.id == class_id)
    )
    return None if starts_on is None else starts_on.year


def choices(
    session: Session, school_id: int, on: date, visible: frozenset[int] | None, *, with_students: bool
) -> Choices:
    """What there is at the school in the year of a day; `visible` limits classes and students. At most five statements.

    A student is named with their last class of that year.
    """
    bound = SchoolClass.id.in_(visible) if visible is not None else SchoolClass.id.is_not(None)
    in_year = (
        SchoolClass.school_id == school_id,
        SchoolClass.school_year_id == calendar.year_begun(school_id, on),
        bound,
    )
    classes = session.execute(
        select(SchoolClass.id, SchoolClass.level, SchoolClass.letter)
        .where(*in_year)
        .order_by(SchoolClass.level, SchoolClass.letter)
    ).all()
    names = {row.id: f"{row.level}{row.letter}" for row in classes}
    subjects = session.execute(
        select(Subject.id, Subject.name).where(Subject.school_id == school_id).order_by(Subject.name)
    )
    teachers = session.execute(
        select(Staff.id, Staff.first_name, Staff.last_name)
        .where(
            Staff.school_id == school_id,
            Staff.id.in_(select(TeachingAssignment.staff_id).where(TeachingAssignment.school_id == school_id)),
        )
        .order_by(Staff.first_name, Staff.last_name)
    )
    students: tuple[Choice, ...] = ()
    if with_students:
        latest = (
            select(
                *(Enrolment.student_id, Enrolment.class_id, Enrolment.number_in_class),
                func.row_number()
                .over(partition_by=Enrolment.student_id, order_by=Enrolment.starts_on.desc())
                .label("latest"),
            )
            .join(SchoolClass, SchoolClass.id == Enrolment.class_id)
            .where(Enrolment.school_id == school_id, *in_year)
            .subquery()
        )
        rows = session.execute(
            select(Student.id, Student.first_name, Student.last_name, latest.c.class_id)
            .join(latest, (latest.c.student_id == Student.id) & (latest.c.latest == 1))
            .join(SchoolClass, SchoolClass.id == latest.c.class_id)
            .where(Student.school_id == school_id)
            .order_by(SchoolClass.level, SchoolClass.letter, latest.c.number_in_class)
        )
        students = tuple(Choice(row.id, f"{names[row.class_id]} {row.first_name} {row.last_name}") for row in rows)
    years = session.scalars(
        select(SchoolYear.starts_on).where(SchoolYear.school_id == school_id).order_by(SchoolYear.starts_on.desc())
    ).all()
    return Choices(
        subjects=tuple(Choice(row.id, row.name) for row in subjects),
        classes=tuple(Choice(id_, name) for id_, name in names.items()),
        teachers=tuple(Choice(row.id, f"{row.first_name} {row.last_name}") for row in teachers),
        students=students,
        years=tuple(Choice(start.year, f"{start.year}/{start.year + 1}") for start in years),
        year=next((start.year for start in years if start <= on), None),
    )
