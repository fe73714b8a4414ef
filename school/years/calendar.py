"""Where a date falls in a school's year: all of it is the school's data, nothing is constant."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import ScalarSelect, select
from sqlalchemy.orm import Session

from db.models import SchoolYear, Term, TermEnd, Vacation
from errors import InputError
from runtime.localtime import today as today

NO_YEAR = "{on:%d.%m.%Y} is in no school year of the school: check the date or enter the year."


@dataclass(frozen=True, slots=True)
class SchoolDate:
    """A date within a school year, and the term it counts to (between the terms: the first)."""

    on: date
    school_year_id: int
    term: int


def locate(session: Session, school_id: int, on: date) -> SchoolDate:
    """The year and term of a date. Raises InputError when the school has no such year."""
    found = session.execute(
        select(SchoolYear.id, Term.number)
        .join(Term, Term.school_year_id == SchoolYear.id)
        .where(
            SchoolYear.school_id == school_id,
            SchoolYear.starts_on <= on,
            SchoolYear.ends_on >= on,
            Term.starts_on <= on,
        )
        .order_by(Term.number.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        raise InputError(NO_YEAR, on=on)
    return SchoolDate(on, found.id, found.number)


def year_on(school_id: int, on: date) -> ScalarSelect[int]:
    """The school year of a date within another statement; nothing belongs to it in summer."""
    return (
        select(SchoolYear.id)
        .where(SchoolYear.school_id == school_id, SchoolYear.starts_on <= on, SchoolYear.ends_on >= on)
        .order_by(SchoolYear.starts_on.desc())
        .limit(1)
        .scalar_subquery()
    )


def year_begun(school_id: int, on: date) -> ScalarSelect[int]:
    """The school year that runs on a date, or the last that began before it: in summer the one that ended."""
    return (
        select(SchoolYear.id)
        .where(SchoolYear.school_id == school_id, SchoolYear.starts_on <= on)
        .order_by(SchoolYear.starts_on.desc())
        .limit(1)
        .scalar_subquery()
    )


def year_of(session: Session, school_id: int, on: date) -> tuple[int, date]:
    """The school year of a date and its last day. Raises InputError when the school has no such year."""
    found = session.execute(
        select(SchoolYear.id, SchoolYear.ends_on).where(
            SchoolYear.school_id == school_id, SchoolYear.starts_on <= on, SchoolYear.ends_on >= on
        )
    ).first()
    if found is None:
        raise InputError(NO_YEAR, on=on)
    return found.id, found.ends_on


def check_school_day(session: Session, school_id: int, where: SchoolDate, level: int) -> None:
    """Raises InputError when a class of that level has no lessons on that date.

    A Saturday may be a school day (they are worked in place of others), a Sunday never is.
    """
    if where.on.isoweekday() == 7:
        raise InputError("{on:%d.%m.%Y} is a Sunday: check the date.", on=where.on)
    vacation = session.scalar(
        select(Vacation.name).where(
            Vacation.school_id == school_id,
            Vacation.school_year_id == where.school_year_id,
            Vacation.starts_on <= where.on,
            Vacation.ends_on >= where.on,
        )
    )
    if vacation is not None:
        raise InputError(
            "There is no school on {on:%d.%m.%Y} ({vacation}): check the date.", on=where.on, vacation=vacation
        )
    if where.on > _last_day(session, where, level):
        raise InputError(
            "On {on:%d.%m.%Y} the term of level {level} is over: check the date.", on=where.on, level=level
        )


def _last_day(session: Session, where: SchoolDate, level: int) -> date:
    own = session.scalar(
        select(TermEnd.ends_on).where(
            TermEnd.school_year_id == where.school_year_id,
            TermEnd.term_number == where.term,
            TermEnd.level == level,
        )
    )
    return (
        own
        or session.scalars(
            select(Term.ends_on).where(Term.school_year_id == where.school_year_id, Term.number == where.term)
        ).one()
    )
