"""The filters of a report, and how they become dates, names and conditions."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import CTE, ColumnElement, CompoundSelect, Row, ScalarSelect, Select, and_, false, func, select, true
from sqlalchemy.orm import Session, aliased

from db.kinds import GradeKind
from db.models import Absence, Enrolment, Grade, Remark, School, SchoolClass, SchoolYear, Staff, Student, Subject, Term
from errors import InputError, MissingError
from school import enrolments
from school.reports.report import Target
from school.reports.words import GRADE_KINDS
from school.reports.words import level as level_in_words
from school.wording.translation import Words
from school.years import calendar

DAY = timedelta(days=1)
Found = Row[*tuple[Any, ...]]
"""A row of an answer."""
CLOSING = [kind for kind in GradeKind if kind.closes]


class Span(StrEnum):
    """A part of the school year."""

    TERM_1 = "1"
    TERM_2 = "2"
    YEAR = "year"


SPANS = {
    Span.TERM_1: Words("първи учебен срок"),
    Span.TERM_2: Words("втори учебен срок"),
    Span.YEAR: Words("учебна година"),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """All that a report may be narrowed to; None: not narrowed.

    `span` is of the school year that begins in `year`, else of that in which `since`, else `until`, else today falls.
    A class is of one year, so it asks for its own where `year` is None. `visible_classes` is no wish but a
    bound: only students of these classes are shown, whatever is asked; it is set for whoever may see no more. Nor is
    `state_counts_lateness`: it is the platform's setting (ESCHOOL_STATE_COUNTS_LATENESS), for what the state counts.
    """

    span: Span = Span.YEAR
    year: int | None = None
    since: date | None = None
    until: date | None = None
    subject_id: int | None = None
    level: int | None = None
    class_id: int | None = None
    staff_id: int | None = None
    student_id: int | None = None
    grade_kind: GradeKind | None = None
    visible_classes: frozenset[int] | None = None
    state_counts_lateness: bool = True

    def day(self, today: date) -> date:
        """A day of the school year that is asked for."""
        if self.year is not None:
            return date(self.year, 12, 1)  # in every school year that begins in it
        return self.since or self.until or today

    def narrowed(self, target: Target) -> "Filters":
        """The same for what a row is about."""
        wish: dict[str, Any] = {target.entity.value: target.id}
        return replace(self, **wish)


@dataclass(frozen=True, slots=True)
class Asked:
    """Filters with what the school's calendar and names make of them."""

    school_id: int
    filters: Filters
    school: str
    school_year_id: int
    year: tuple[date, date]
    """First and last day of the school year."""
    first: date
    last: date
    terms: tuple[tuple[int, date, date], ...]
    """Number, first and last day of the terms that the span covers; between the terms it is still the first."""
    today: date
    words: tuple[tuple[str, str], ...]
    class_of_student: int | None
    """The last class of the year of the student that is asked for, of those that the reader may see."""
    sees_student_whole: bool
    """The reader may see the student's last class of the year: what is of earlier classes came along."""


def ask(session: Session, school_id: int, filters: Filters, today: date) -> Asked:
    """Look the filters up: one statement.

    Raises InputError for a date in no school year, MissingError for what the school has not, or the reader may not see.
    """
    found = session.execute(_context(school_id, filters, filters.day(today))).all()
    if not found:
        raise InputError("No school year of the school has these dates: choose others.")
    row = found[0]
    _check_names(filters, row)
    terms = _terms(found)
    covered = tuple(term for term in terms if filters.span is Span.YEAR or str(term[0]) == filters.span)
    if not covered:
        raise InputError("The school year has no such term yet: enter its dates first.")
    first, last = (row.starts_on, row.ends_on) if filters.span is Span.YEAR else covered[0][1:]
    first, last = max(first, filters.since or first), min(last, filters.until or last)
    if first > last:
        raise InputError("The last date is before the first, or both are outside the term: choose others.")
    return Asked(
        school_id=school_id,
        filters=filters,
        school=row.school,
        school_year_id=row.school_year_id,
        year=(row.starts_on, row.ends_on),
        first=first,
        last=last,
        terms=covered,
        today=today,
        words=_words(filters, row, first, last),
        class_of_student=row.class_of_student,
        sees_student_whole=row.class_of_student == row.last_class_of_student,
    )


def _context(school_id: int, filters: Filters, on: date) -> Select[Any]:
    year: ColumnElement[Any] = calendar.year_on(school_id, on)
    if filters.class_id is not None and (filters.year, filters.since, filters.until) == (None,) * 3:
        of_class = select(SchoolClass.school_year_id).where(
            SchoolClass.school_id == school_id, SchoolClass.id == filters.class_id
        )
        year = func.coalesce(of_class.scalar_subquery(), year)
    school_class = SchoolClass.school_id == school_id, SchoolClass.id == filters.class_id
    teacher = Staff.school_id == school_id, Staff.id == filters.staff_id
    student = Student.school_id == school_id, Student.id == filters.student_id
    return (
        select(
            SchoolYear.id.label("school_year_id"),
            SchoolYear.starts_on,
            SchoolYear.ends_on,
            Term.number,
            Term.starts_on.label("term_starts_on"),
            Term.ends_on.label("term_ends_on"),
            select(School.name).where(School.id == school_id).scalar_subquery().label("school"),
            select(Subject.name)
            .where(Subject.school_id == school_id, Subject.id == filters.subject_id)
            .scalar_subquery()
            .label("subject"),
            select(SchoolClass.school_year_id).where(*school_class).scalar_subquery().label("year_of_class"),
            select(SchoolClass.level).where(*school_class).scalar_subquery().label("level"),
            select(SchoolClass.letter).where(*school_class).scalar_subquery().label("letter"),
            select(Staff.first_name + " " + Staff.last_name).where(*teacher).scalar_subquery().label("teacher"),
            select(Student.first_name + " " + Student.last_name).where(*student).scalar_subquery().label("student"),
            _class_of_student(school_id, filters.student_id, filters.visible_classes).label("class_of_student"),
            _class_of_student(school_id, filters.student_id, None).label("last_class_of_student"),
        )
        .join_from(SchoolYear, Term, and_(Term.school_year_id == SchoolYear.id, Term.school_id == school_id))
        .where(SchoolYear.school_id == school_id, SchoolYear.id == year)
        .order_by(Term.number)
    )


def _class_of_student(school_id: int, student_id: int | None, visible: frozenset[int] | None) -> ScalarSelect[int]:
    """The student's last class of the year, of those that the reader may see."""
    seen = true() if visible is None else Enrolment.class_id.in_(visible) if visible else false()
    of = aliased(SchoolClass)
    return (
        select(Enrolment.class_id)
        .join(of, of.id == Enrolment.class_id)
        .where(
            Enrolment.school_id == school_id,
            Enrolment.student_id == student_id,
            of.school_year_id == SchoolYear.id,
            seen,
        )
        .order_by(Enrolment.starts_on.desc())
        .limit(1)
        .correlate(SchoolYear)
        .scalar_subquery()
    )


def _check_names(filters: Filters, row: Any) -> None:
    """What the reader may not see is not there either: not even its name is told."""

    def may_see(class_id: int | None) -> bool:
        return filters.visible_classes is None or class_id in filters.visible_classes

    for wanted, is_there, sentence in (
        (filters.subject_id, row.subject, "The school has no such subject: choose another."),
        (filters.class_id, row.level and may_see(filters.class_id), "The school has no such class: choose another."),
        (filters.staff_id, row.teacher, "The school has no such teacher: choose another."),
        (
            filters.student_id,
            row.student and may_see(row.class_of_student),
            "The school has no such student: choose another.",
        ),
    ):
        if wanted is not None and not is_there:
            raise MissingError(sentence)
    if filters.class_id is not None and row.year_of_class != row.school_year_id:
        raise InputError("This class is of another school year: choose one of the year that is asked for.")


def _terms(found: Any) -> tuple[tuple[int, date, date], ...]:
    starts = [row.term_starts_on for row in found]
    ends = [start - DAY for start in starts[1:]] + [found[-1].ends_on]
    return tuple((row.number, start, end) for row, start, end in zip(found, starts, ends, strict=True))


def _words(filters: Filters, row: Any, first: date, last: date) -> tuple[tuple[str, str], ...]:
    period = Words(
        "{span} {year}/{next}, {first:%d.%m.%Y} – {last:%d.%m.%Y}",
        span=SPANS[filters.span],
        year=row.starts_on.year,
        next=row.starts_on.year + 1,
        first=first,
        last=last,
    )
    wanted = (
        ("Период", period),
        ("Ученик", row.student),
        ("Клас", f"{row.level}{row.letter}" if row.level else None),
        ("Випуск", level_in_words(filters.level) if filters.level else None),
        ("Предмет", row.subject),
        ("Учител", row.teacher),
        ("Вид оценка", GRADE_KINDS[filters.grade_kind] if filters.grade_kind else None),
    )
    return tuple((label, value) for label, value in wanted if value)


def of_grades(asked: Asked, year_id: ScalarSelect[int] | None = None) -> ColumnElement[bool]:
    """The grades that count: in the period, of the subject, the teacher and the kind; without a kind, no closing ones.

    `year_id`: those of another school year than the one that is asked for. A term's grades are those that count to it,
    as their column says; the day of an annual one may be later.
    """
    wish = asked.filters
    conditions = [
        Grade.school_id == asked.school_id,
        Grade.school_year_id == (asked.school_year_id if year_id is None else year_id),
        Grade.kind == wish.grade_kind if wish.grade_kind else Grade.kind.not_in(CLOSING),
    ]
    if wish.span is not Span.YEAR:
        conditions.append(Grade.term == int(wish.span))
    if wish.since:
        conditions.append(Grade.on_date >= wish.since)
    if wish.until:
        conditions.append(Grade.on_date <= wish.until)
    if wish.subject_id:
        conditions.append(Grade.subject_id == wish.subject_id)
    if wish.staff_id:
        conditions.append(Grade.staff_id == wish.staff_id)
    if wish.student_id:
        conditions.append(Grade.student_id == wish.student_id)
    conditions.append(of_members(asked, Grade))
    return and_(*conditions)


def of_absences(asked: Asked) -> ColumnElement[bool]:
    """The absences that count: in the period, of the subject and the teacher."""
    wish = asked.filters
    conditions = [
        Absence.school_id == asked.school_id,
        Absence.school_year_id == asked.school_year_id,
        Absence.on_date.between(asked.first, asked.last),
    ]
    if wish.subject_id:
        conditions.append(Absence.subject_id == wish.subject_id)
    if wish.staff_id:
        conditions.append(Absence.staff_id == wish.staff_id)
    if wish.student_id:
        conditions.append(Absence.student_id == wish.student_id)
    conditions.append(of_members(asked, Absence))
    return and_(*conditions)


def of_classes(asked: Asked) -> ColumnElement[bool]:
    """The classes of the year that are asked for and may be seen."""
    wish = asked.filters
    conditions = [
        SchoolClass.school_id == asked.school_id,
        SchoolClass.level == wish.level if wish.level else true(),
        SchoolClass.id == wish.class_id if wish.class_id else true(),
    ]
    if wish.visible_classes is not None:
        conditions.append(SchoolClass.id.in_(wish.visible_classes) if wish.visible_classes else false())
    return and_(*conditions)


def of_members(asked: Asked, of: type[Absence] | type[Grade] | type[Remark]) -> ColumnElement[bool]:
    """What falls, by its date, into the classes asked for; of the whole school nobody's class is looked at."""
    wish = asked.filters
    if not (wish.level or wish.class_id) and wish.visible_classes is None:
        return true()
    in_them = (
        select(Enrolment.student_id)
        .join(SchoolClass, SchoolClass.id == Enrolment.class_id)
        .where(
            Enrolment.school_id == asked.school_id,
            SchoolClass.school_year_id == asked.school_year_id,
            of_classes(asked),
        )
    )
    on_the_day = in_them.where(Enrolment.student_id == of.student_id, enrolments.covers(of.on_date))
    return and_(of.student_id.in_(in_them), on_the_day.exists())  # the first finds the students by their index


def of_one_student(asked: Asked) -> Asked:
    """What the reader may see of the one student that is asked for: all of the year, or what is of their own classes.

    Who may see the student's last class of the year sees what came along from the classes before it.
    """
    if not asked.sees_student_whole:
        return asked
    return replace(asked, filters=replace(asked.filters, visible_classes=None))


def counted_first(statement: Select[*tuple[Any, ...]] | CompoundSelect[*tuple[Any, ...]], name: str = "counted") -> CTE:
    """A grouped statement to be joined: the database runs it once, as it stands.

    A planner takes school and year for independent, expects a handful of rows, and would count again for each class.
    """
    return statement.cte(name).prefix_with("MATERIALIZED")


def count_where(condition: ColumnElement[bool]) -> ColumnElement[int]:
    """How many rows of a group fulfil a condition."""
    return func.count().filter(condition)
