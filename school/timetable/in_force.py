"""Which version of the timetable a date follows, and whether a class has lessons on it, within other statements."""

from datetime import date
from typing import Protocol

from sqlalchemy import ColumnElement, ScalarSelect, and_, exists, func, or_, select

from db.models import SchoolClass, Term, TermEnd, Timetable, TimetableDay, Vacation

SUNDAY = 7
ORDER = (Timetable.starts_on.desc(), Timetable.published_at.desc().nulls_last(), Timetable.id.desc())
"""Of the published versions that cover a date, the first in this order is in force."""


class Dated(Protocol):
    """A version, as a table's row or as a page reads it."""

    @property
    def starts_on(self) -> date: ...

    @property
    def ends_on(self) -> date | None: ...


def covers(version: Dated, on: date) -> bool:
    """Whether a published version could be in force on a date."""
    return version.starts_on <= on and (version.ends_on is None or version.ends_on >= on)


def version_on(school_id: int, on: date) -> ScalarSelect[int]:
    """The id of the version that is in force: of the published ones that cover the date, the first by `ORDER`."""
    return (
        select(Timetable.id)
        .where(
            Timetable.school_id == school_id,
            Timetable.published_at.is_not(None),
            Timetable.starts_on <= on,
            or_(Timetable.ends_on.is_(None), Timetable.ends_on >= on),
        )
        .order_by(*ORDER)
        .limit(1)
        .scalar_subquery()
    )


def of_day(school_id: int, on: date) -> ColumnElement[bool]:
    """Joins the day that the date follows, where it is another than its own."""
    return and_(TimetableDay.school_id == school_id, TimetableDay.on_date == on)


def weekday_of(on: date) -> ColumnElement[int]:
    """The weekday whose lessons the date has; TimetableDay is joined by `of_day`."""
    return func.coalesce(TimetableDay.weekday, on.isoweekday())


def is_school_day(school_id: int, on: date) -> ColumnElement[bool]:
    """A class (SchoolClass is joined, Timetable too) has lessons on that date, as `school.years.calendar` has it."""
    own_end = (
        select(TermEnd.ends_on)
        .where(
            TermEnd.school_year_id == Term.school_year_id,
            TermEnd.term_number == Term.number,
            TermEnd.level == SchoolClass.level,
        )
        .correlate(Term, SchoolClass)
        .scalar_subquery()
    )
    in_term = exists().where(
        Term.school_year_id == Timetable.school_year_id,
        Term.starts_on <= on,
        func.coalesce(own_end, Term.ends_on) >= on,
    )
    is_free = exists().where(
        Vacation.school_id == school_id,
        Vacation.school_year_id == Timetable.school_year_id,
        Vacation.starts_on <= on,
        Vacation.ends_on >= on,
    )
    return and_(in_term, ~is_free)
