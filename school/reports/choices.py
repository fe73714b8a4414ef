"""What a report's filters can be set to at one school, this year."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ScalarSelect, func, or_, select
from sqlalchemy.orm import Session

from db.models import SchoolClass, SchoolYear, Staff, Student, Subject, TeachingAssignment


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

    @property
    def level_pairs(self) -> tuple[tuple[int, str], ...]:
        """The levels of the classes, as a list to choose from."""
        levels = {int("".join(filter(str.isdigit, one.name))) for one in self.classes}
        return tuple((level, f"{level}.") for level in sorted(levels))


def visible_classes(session: Session, school_id: int, staff_id: int, on: date) -> frozenset[int]:
    """The classes of the year that a teacher teaches or leads."""
    year = _year(school_id, on)
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


def choices(
    session: Session, school_id: int, on: date, visible: frozenset[int] | None, *, with_students: bool
) -> Choices:
    """What there is at the school; `visible` limits classes and students. At most four statements."""
    bound = SchoolClass.id.in_(visible) if visible is not None else SchoolClass.id.is_not(None)
    in_year = (SchoolClass.school_id == school_id, SchoolClass.school_year_id == _year(school_id, on), bound)
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
        rows = session.execute(
            select(Student.id, Student.first_name, Student.last_name, Student.class_id)
            .join(SchoolClass, SchoolClass.id == Student.class_id)
            .where(Student.school_id == school_id, *in_year)
            .order_by(SchoolClass.level, SchoolClass.letter, Student.number_in_class)
        )
        students = tuple(Choice(row.id, f"{names[row.class_id]} {row.first_name} {row.last_name}") for row in rows)
    return Choices(
        subjects=tuple(Choice(row.id, row.name) for row in subjects),
        classes=tuple(Choice(id_, name) for id_, name in names.items()),
        teachers=tuple(Choice(row.id, f"{row.first_name} {row.last_name}") for row in teachers),
        students=students,
    )


def _year(school_id: int, on: date) -> ScalarSelect[int]:
    newest = select(func.max(SchoolYear.starts_on)).where(SchoolYear.school_id == school_id, SchoolYear.starts_on <= on)
    return (
        select(SchoolYear.id)
        .where(SchoolYear.school_id == school_id, SchoolYear.starts_on == newest.scalar_subquery())
        .scalar_subquery()
    )
