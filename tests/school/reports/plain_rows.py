"""A school's rows as plain values, and what one counts by hand from them: exact fractions and loops, no SQL."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.base import Base
from db.kinds import AbsenceKind, GradeKind
from db.models import Absence, Grade, Remark, SchoolClass, Staff, Student, Subject, TeachingAssignment, TimetableLesson

Row = TypeVar("Row", bound=Base)
CLOSING = (GradeKind.TERM, GradeKind.ANNUAL)


@dataclass(frozen=True)
class Book:
    """All of one school."""

    school_id: int
    classes: dict[int, SchoolClass]
    students: dict[int, Student]
    teachers: dict[int, Staff]
    subjects: dict[int, str]
    grades: list[Grade]
    absences: list[Absence]
    remarks: list[Remark]
    taught: list[TeachingAssignment]
    timetable: list[TimetableLesson]

    def class_of(self, student_id: int) -> SchoolClass | None:
        """The present class; leavers have none."""
        return self.classes.get(self.students[student_id].class_id or 0)

    def level_of(self, student_id: int) -> int | None:
        """The level of the present class."""
        found = self.class_of(student_id)
        return found.level if found else None

    def members(self, class_id: int) -> list[Student]:
        """The students of a class."""
        return [one for one in self.students.values() if one.class_id == class_id]

    def current(self, keep: Callable[[Grade], bool] = lambda _: True) -> list[Grade]:
        """Grades that close nothing."""
        return [one for one in self.grades if one.kind not in CLOSING and keep(one)]

    def name(self, student_id: int) -> str:
        """As the reports write it."""
        return f"{self.students[student_id].first_name} {self.students[student_id].last_name}"


def read(session: Session, school_id: int) -> Book:
    """Every row of a school."""

    def rows(model: type[Row]) -> list[Row]:
        return list(session.scalars(select(model).where(model.__table__.c.school_id == school_id)))

    return Book(
        school_id,
        {one.id: one for one in rows(SchoolClass)},
        {one.id: one for one in rows(Student)},
        {one.id: one for one in rows(Staff)},
        {one.id: one.name for one in rows(Subject)},
        rows(Grade),
        rows(Absence),
        rows(Remark),
        rows(TeachingAssignment),
        rows(TimetableLesson),
    )


def average(grades: Iterable[Grade]) -> Decimal | None:
    """Of the numeric ones, half up at the hundredth, by way of a fraction."""
    values = [Fraction(one.value) for one in grades if one.value is not None]
    return rounded(sum(values, Fraction()) / len(values)) if values else None


def rounded(value: Fraction, places: int = 2) -> Decimal:
    """Half away from zero."""
    shifted = abs(value) * 10**places
    whole = int(shifted + Fraction(1, 2))
    return (Decimal(whole) if value >= 0 else -Decimal(whole)).scaleb(-places)


def missed(absences: Iterable[Absence]) -> tuple[int, int, int, Decimal]:
    """Excused, unexcused, late, and unexcused in all."""
    kinds = [one.kind for one in absences]
    unexcused, late = kinds.count(AbsenceKind.UNEXCUSED), kinds.count(AbsenceKind.LATE)
    return kinds.count(AbsenceKind.EXCUSED), unexcused, late, Decimal(2 * unexcused + late) / 2


def between(first: date, last: date) -> Callable[[Grade | Absence | Remark], bool]:
    """Keeps what lies in a period."""
    return lambda one: first <= one.on_date <= last
