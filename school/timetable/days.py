"""Dates that follow another day's timetable: a Saturday that is worked in place of a Friday."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from db.models import TimetableDay
from errors import InputError
from school import audit
from school.staff.leaders import check_leads
from school.timetable.in_force import SUNDAY
from school.timetable.weeks import WEEK_A, WEEK_B, WEEKDAYS


@dataclass(frozen=True, slots=True)
class DayRow:
    """The date follows this weekday; `week` None: of the week that it is in."""

    on: date
    weekday: int
    week: int | None


def listed(session: Session, school_id: int) -> tuple[DayRow, ...]:
    """The latest first."""
    rows = session.execute(
        select(TimetableDay.on_date, TimetableDay.weekday, TimetableDay.week)
        .where(TimetableDay.school_id == school_id)
        .order_by(TimetableDay.on_date.desc())
    )
    return tuple(DayRow(*row) for row in rows)


def follow(
    session: Session, school_id: int, on: date, weekday: int | None, week: int | None, *, by: int, now: datetime
) -> None:
    """Say which weekday's lessons a date has; None: its own again. Raises InputError."""
    check_leads(session, school_id, by)
    if on.isoweekday() == SUNDAY:
        raise InputError("{on:%d.%m.%Y} is a Sunday: check the date.", on=on)
    if weekday is not None and (weekday not in WEEKDAYS or week not in (None, WEEK_A, WEEK_B)):
        raise InputError("Choose a day from Monday to Saturday.")
    session.execute(delete(TimetableDay).where(TimetableDay.school_id == school_id, TimetableDay.on_date == on))
    if weekday is not None:
        session.execute(insert(TimetableDay).values(school_id=school_id, on_date=on, weekday=weekday, week=week))
    audit.write(
        session, "timetable.day_changed", "school", school_id, now,
        school_id=school_id, by=by, on=str(on), weekday=weekday, week=week,
    )  # fmt: skip
