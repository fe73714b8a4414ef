"""A school's rows as plain values, and what one counts by hand from them: exact fractions and loops, no SQL."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.base import Base
from db.kinds import AbsenceKind, GradeKind
from db.models import (
    Absence,
    Enrolment,
    Grade,
    Remark,
    SchoolClass,
    Staff,
    Student,
    Subject,
    TeachingAssignment,
    TimetableLesson,
)
from school.reports import Filters, Span

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
    enrolments: list[Enrolment]

    @cached_property
    def enrolments_of(self) -> dict[int, list[Enrolment]]:
        """By student."""
        found: dict[int, list[Enrolment]] = {}
        for one in self.enrolments:
            found.setdefault(one.student_id, []).append(one)
        return found

    def class_on(self, student_id: int, day: date) -> SchoolClass | None:
        """The class on a day."""
        found = [one for one in self.enrolments_of.get(student_id, ()) if lasts(one, day, day)]
        assert len(found) <= 1
        return self.classes[found[0].class_id] if found else None

    def class_of(self, entry: Grade | Absence | Remark) -> SchoolClass | None:
        """The class to which an entry belongs: that of its date."""
        return self.class_on(entry.student_id, entry.on_date)

    def level_of(self, student_id: int) -> int | None:
        """The level of the present class."""
        found = self.classes.get(self.students[student_id].class_id or 0)
        return found.level if found else None

    def last_class(self, student_id: int) -> int:
        """The last class of the year."""
        return max((one.starts_on, one.class_id) for one in self.enrolments if one.student_id == student_id)[1]

    def members(self, class_id: int, first: date = date.min, last: date = date.max) -> set[int]:
        """The students who were in a class on some day of a period."""
        return {one.student_id for one in self.enrolments if one.class_id == class_id and lasts(one, first, last)}

    def current(self, keep: Callable[[Grade], bool] = lambda _: True) -> list[Grade]:
        """Grades that close nothing."""
        return [one for one in self.grades if one.kind not in CLOSING and keep(one)]

    def name(self, student_id: int) -> str:
        """As the reports write it."""
        return f"{self.students[student_id].first_name} {self.students[student_id].last_name}"


def lasts(enrolment: Enrolment, first: date, last: date) -> bool:
    """The enrolment has a day in the period."""
    return enrolment.starts_on <= last and (enrolment.ends_on is None or enrolment.ends_on >= first)


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
        rows(Enrolment),
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


YEAR = date(2026, 9, 15), date(2027, 9, 14)
TERMS = {Span.TERM_1: (date(2026, 9, 15), date(2027, 2, 3)), Span.TERM_2: (date(2027, 2, 4), date(2027, 9, 14))}


def period(filters: Filters) -> tuple[date, date]:
    """First and last day of what is asked for."""
    first, last = TERMS.get(filters.span, YEAR)
    return max(first, filters.since or first), min(last, filters.until or last)


def level(book: Book, entry: Grade | Absence | Remark) -> int | None:
    """The level of the class to which an entry belongs."""
    found = book.class_of(entry)
    return found.level if found else None


def shown_students(book: Book, filters: Filters) -> set[int]:
    """Who was in the classes asked for during the period."""
    return {
        student_id
        for school_class in book.classes.values()
        if filters.level in (None, school_class.level) and filters.class_id in (None, school_class.id)
        for student_id in book.members(school_class.id, *period(filters))
    }
