"""The lessons of any date, against a plain reckoning of versions, weeks, vacations and days that follow another."""

from datetime import date, timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, insert

from db.models import Timetable, TimetableDay, TimetableLesson
from school import setup
from school.timetable.day import planned_on
from tests.school.students.small_schools import SmallSchool
from tests.school.timetable.in_use import lesson, timetable

DAY = timedelta(days=1)
FIRST = date(2025, 9, 15)
DATES = st.integers(0, 364).map(lambda days: FIRST + days * DAY)
SLOTS = st.tuples(st.integers(1, 6), st.integers(1, 3), st.integers(0, 2))
VERSIONS = st.lists(
    st.fixed_dictionaries(
        {
            "starts_on": DATES,
            "lasts": st.none() | st.integers(0, 40),
            "week_a_on": st.none() | DATES,
            "published": st.booleans(),
            "lessons": st.sets(SLOTS, max_size=6),
        }
    ),
    max_size=4,
    unique_by=lambda one: str(one["starts_on"]),
)


def expected(
    versions: list[dict[str, Any]], days: dict[date, tuple[int, int | None]], plan: setup.CalendarPlan, on: date
) -> set[int]:
    """Numbers of the lessons that 8а has on a date."""
    is_term = any(first <= on <= last for first, last in (plan.term_1, plan.term_2))
    if not is_term or any(one.starts_on <= on <= one.ends_on for one in plan.vacations):
        return set()
    covering = [
        one
        for one in versions
        if one["published"]
        and one["starts_on"] <= on
        and (one["lasts"] is None or on <= one["starts_on"] + one["lasts"] * DAY)
    ]
    if not covering:
        return set()
    version = max(covering, key=lambda one: one["starts_on"])
    weekday, week = days.get(on, (on.isoweekday(), None))
    if version["week_a_on"] is not None and week is None:
        monday = version["week_a_on"] - version["week_a_on"].weekday() * DAY
        week = 1 + ((on - on.weekday() * DAY - monday) // (7 * DAY)) % 2
    return {number for day, number, of in version["lessons"] if day == weekday and of in (0, week)}


@given(
    VERSIONS,
    st.dictionaries(
        DATES.filter(lambda on: on.isoweekday() < 7),
        st.tuples(st.integers(1, 6), st.none() | st.integers(1, 2)),
        max_size=3,
    ),
    st.lists(DATES, min_size=1, max_size=6),
)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_date_has_the_lessons_of_the_version_in_force(
    here: SmallSchool, versions: list[dict[str, Any]], days: dict[date, tuple[int, int | None]], dates: list[date]
) -> None:
    session = here.session
    for table in (TimetableLesson, Timetable, TimetableDay):
        session.execute(delete(table).where(table.school_id == here.id))
    plan = setup.plan_of(session, here.id, here.year)
    for one in versions:
        id_ = timetable(
            here,
            one["starts_on"],
            ends_on=None if one["lasts"] is None else one["starts_on"] + one["lasts"] * DAY,
            weeks=1 if one["week_a_on"] is None else 2,
            week_a_on=one["week_a_on"],
            **({} if one["published"] else {"published_at": None}),
        )
        if one["week_a_on"] is None:
            one["lessons"] = {slot for slot in one["lessons"] if slot[2] == 0}
        for weekday, number, week in one["lessons"]:
            lesson(here, number, weekday, week=week, timetable_id=id_)
    for on, (weekday, week) in days.items():
        session.execute(insert(TimetableDay).values(school_id=here.id, on_date=on, weekday=weekday, week=week))
    for on in [*dates, *(one["starts_on"] for one in versions), *days]:
        found = [one.lesson for one in planned_on(session, here.id, on)]
        wanted = expected(versions, days, plan, on)
        assert found == sorted(found)
        assert set(found) == wanted, on
