"""Timetables that are in use already, put straight into the tables."""

from datetime import date
from typing import Any

from sqlalchemy import insert, select

from db.models import Timetable, TimetableLesson
from tests.school.students.small_schools import NOW, SmallSchool

TUESDAY = 2


def timetable(here: SmallSchool, starts_on: date = date(2025, 9, 15), **values: Any) -> int:
    """A version that is in use from a date."""
    row = {"school_id": here.id, "school_year_id": here.year, "title": "Есен", "created_at": NOW, "published_at": NOW}
    given = row | {"starts_on": starts_on} | values
    return here.session.scalars(insert(Timetable).values(given).returning(Timetable.id)).one()


def lesson(here: SmallSchool, number: int, weekday: int = TUESDAY, **values: Any) -> int:
    """Mathematics of 8а by its teacher, unless told otherwise, in the school's only version unless one is named."""
    if "timetable_id" not in values:
        of = select(Timetable.id).where(Timetable.school_id == here.id)
        values["timetable_id"] = here.session.scalar(of) or timetable(here)
    row = {"school_id": here.id, "class_id": here.own, "subject_id": here.maths, "staff_id": here.teacher}
    given = row | {"weekday": weekday, "lesson": number} | values
    return here.session.scalars(insert(TimetableLesson).values(given).returning(TimetableLesson.id)).one()
