"""Writing a school year: a plan becomes the school's data, and may be changed later."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from db.models import SchoolYear, Term, TermEnd, Vacation
from db.references import is_used
from errors import InputError, MissingError
from school import audit
from school.staff.leaders import check_leads
from school.years.plans import CalendarPlan, FreeDays, check_plan

CALENDAR = (Vacation, TermEnd, Term)
"""What a year is made of: it goes with the year."""


@dataclass(frozen=True, slots=True)
class YearRow:
    """A school year of a school."""

    id: int
    starts_on: date
    ends_on: date

    @property
    def name(self) -> str:
        """„2026/2027“."""
        return f"{self.starts_on.year}/{self.starts_on.year + 1}"


def years(session: Session, school_id: int) -> tuple[YearRow, ...]:
    """The school's years, the newest first."""
    rows = session.execute(
        select(SchoolYear.id, SchoolYear.starts_on, SchoolYear.ends_on)
        .where(SchoolYear.school_id == school_id)
        .order_by(SchoolYear.starts_on.desc())
    )
    return tuple(YearRow(*row) for row in rows)


def plan_of(session: Session, school_id: int, year_id: int) -> CalendarPlan:
    """A year as it is, to be changed. Raises InputError when the school has no such year."""
    year = session.execute(
        select(SchoolYear.starts_on, SchoolYear.ends_on).where(
            SchoolYear.school_id == school_id, SchoolYear.id == year_id
        )
    ).one_or_none()
    terms = session.execute(
        select(Term.starts_on, Term.ends_on)
        .where(Term.school_id == school_id, Term.school_year_id == year_id)
        .order_by(Term.number)
    ).all()
    if year is None or len(terms) != 2:
        raise MissingError("The school has no such school year.")
    ends = session.execute(
        select(TermEnd.level, TermEnd.ends_on)
        .where(TermEnd.school_id == school_id, TermEnd.school_year_id == year_id, TermEnd.term_number == 2)
        .order_by(TermEnd.level)
    )
    vacations = session.execute(
        select(Vacation.starts_on, Vacation.ends_on, Vacation.name)
        .where(Vacation.school_id == school_id, Vacation.school_year_id == year_id)
        .order_by(Vacation.starts_on)
    )
    return CalendarPlan(
        year.starts_on,
        year.ends_on,
        (terms[0].starts_on, terms[0].ends_on),
        (terms[1].starts_on, terms[1].ends_on),
        tuple((row.level, row.ends_on) for row in ends),
        tuple(FreeDays(*row) for row in vacations),
    )


def add_year(session: Session, school_id: int, plan: CalendarPlan, *, by: int, now: datetime) -> int:
    """Make a school year; gives its id. Raises InputError for dates that contradict each other or another year."""
    check_leads(session, school_id, by)
    check_plan(plan)
    _check_apart(session, school_id, plan, None)
    year_id = session.execute(
        insert(SchoolYear)
        .values(school_id=school_id, starts_on=plan.starts_on, ends_on=plan.ends_on)
        .returning(SchoolYear.id)
    ).scalar_one()
    of_year = {"school_id": school_id, "school_year_id": year_id}
    terms = [
        of_year | {"number": number, "starts_on": first, "ends_on": last}
        for number, (first, last) in enumerate((plan.term_1, plan.term_2), 1)
    ]
    session.connection().execute(insert(Term), terms)
    _write_days(session, of_year, plan)
    audit.write(
        session, "school_year.created", "school_year", year_id, now,
        school_id=school_id, by=by, starts_on=str(plan.starts_on), source=plan.source,
    )  # fmt: skip
    return year_id


def change_year(session: Session, school_id: int, year_id: int, plan: CalendarPlan, *, by: int, now: datetime) -> None:
    """Give a year other dates. Raises InputError for dates that contradict each other, or no such year.

    What was recorded keeps the term it was counted to.
    """
    check_leads(session, school_id, by)
    check_plan(plan)
    before = plan_of(session, school_id, year_id)
    _check_apart(session, school_id, plan, year_id)
    session.execute(
        update(SchoolYear)
        .where(SchoolYear.school_id == school_id, SchoolYear.id == year_id)
        .values(starts_on=plan.starts_on, ends_on=plan.ends_on)
    )
    for number, (first, last) in enumerate((plan.term_1, plan.term_2), 1):
        session.execute(
            update(Term)
            .where(Term.school_id == school_id, Term.school_year_id == year_id, Term.number == number)
            .values(starts_on=first, ends_on=last)
        )
    session.execute(
        delete(TermEnd).where(
            TermEnd.school_id == school_id, TermEnd.school_year_id == year_id, TermEnd.term_number == 2
        )
    )
    session.execute(delete(Vacation).where(Vacation.school_id == school_id, Vacation.school_year_id == year_id))
    _write_days(session, {"school_id": school_id, "school_year_id": year_id}, plan)
    audit.write(
        session, "school_year.changed", "school_year", year_id, now,
        school_id=school_id, by=by, before=_described(before), after=_described(plan),
    )  # fmt: skip


def remove_year(session: Session, school_id: int, year_id: int, *, by: int, now: datetime) -> None:
    """Take back a year in which there is nothing yet. Raises InputError when there is a class or an entry."""
    check_leads(session, school_id, by)
    before = plan_of(session, school_id, year_id)
    used = session.scalar(
        select(is_used(SchoolYear, CALENDAR)).where(SchoolYear.school_id == school_id, SchoolYear.id == year_id)
    )
    if used:
        raise InputError("This school year has classes or entries: it cannot be removed.")
    for table in CALENDAR:
        session.execute(delete(table).where(table.school_id == school_id, table.school_year_id == year_id))
    session.execute(delete(SchoolYear).where(SchoolYear.school_id == school_id, SchoolYear.id == year_id))
    audit.write(
        session, "school_year.removed", "school_year", year_id, now,
        school_id=school_id, by=by, before=_described(before),
    )  # fmt: skip


def _check_apart(session: Session, school_id: int, plan: CalendarPlan, own_id: int | None) -> None:
    other = session.scalar(
        select(SchoolYear.starts_on).where(
            SchoolYear.school_id == school_id,
            SchoolYear.id != (own_id or 0),
            SchoolYear.starts_on <= plan.ends_on,
            SchoolYear.ends_on >= plan.starts_on,
        )
    )
    if other is not None:
        raise InputError(
            "The dates overlap with the school year {year}/{next}: check them.", year=other.year, next=other.year + 1
        )


def _write_days(session: Session, of_year: dict[str, int], plan: CalendarPlan) -> None:
    ends = [of_year | {"term_number": 2, "level": level, "ends_on": day} for level, day in plan.level_ends]
    if ends:
        session.connection().execute(insert(TermEnd), ends)
    vacations = [
        of_year | {"starts_on": one.starts_on, "ends_on": one.ends_on, "name": " ".join(one.name.split())}
        for one in plan.vacations
    ]
    if vacations:
        session.connection().execute(insert(Vacation), vacations)


def _described(plan: CalendarPlan) -> dict[str, object]:
    """JSON for the audit trail."""
    return {
        "year": [str(plan.starts_on), str(plan.ends_on)],
        "terms": [[str(day) for day in term] for term in (plan.term_1, plan.term_2)],
        "level_ends": {str(level): str(day) for level, day in plan.level_ends},
        "vacations": [[str(one.starts_on), str(one.ends_on), one.name] for one in plan.vacations],
    }
