"""Where a school stands with the turn of its years."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import Enrolment, Rollover, SchoolClass, SchoolYear
from school import enrolments
from school.rollover.undoing import has_entries
from school.years.years import YearRow


@dataclass(frozen=True, slots=True)
class RolloverState:
    """The latest turn of the year that was carried out. `leaving`: who is still to be taken leave of."""

    year: YearRow
    from_year_id: int
    carried_out_at: datetime
    by: int
    farewell_on: date
    farewell_at: datetime | None
    leaving: int
    can_be_undone: bool
    """Nothing was entered in the new year yet."""


def state(session: Session, school_id: int) -> RolloverState | None:
    """The latest turn; None: there was none, or it was undone."""
    found = session.execute(
        select(Rollover, SchoolYear.id, SchoolYear.starts_on, SchoolYear.ends_on)
        .join(SchoolYear, SchoolYear.id == Rollover.school_year_id)
        .where(Rollover.school_id == school_id)
        .order_by(SchoolYear.starts_on.desc())
        .limit(1)
    ).one_or_none()
    if found is None:
        return None
    done: Rollover = found.Rollover
    leaving = session.scalar(
        select(func.count())
        .select_from(Enrolment)
        .join(SchoolClass, SchoolClass.id == Enrolment.class_id)
        .where(Enrolment.school_id == school_id, enrolments.open_now(), SchoolClass.school_year_id == done.from_year_id)
    )
    return RolloverState(
        YearRow(found.id, found.starts_on, found.ends_on),
        done.from_year_id,
        done.carried_out_at,
        done.staff_id,
        done.farewell_on,
        done.farewell_at,
        leaving or 0,
        not has_entries(session, school_id, done.school_year_id),
    )
