"""Where a date falls in a school's year, and on which days there are lessons."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from errors import InputError
from school.years import calendar, years
from school.years.calendar import SchoolDate
from school.years.plans import standard_plan
from tests.school.joined import NOW, Joined

D = date


@pytest.mark.parametrize(
    ("now", "on"),
    [
        (datetime(2026, 1, 15, 21, 59, 59, tzinfo=UTC), D(2026, 1, 15)),
        (datetime(2026, 1, 15, 22, 0, tzinfo=UTC), D(2026, 1, 16)),
        (datetime(2026, 6, 15, 20, 59, 59, tzinfo=UTC), D(2026, 6, 15)),
        (datetime(2026, 6, 15, 21, 0, tzinfo=UTC), D(2026, 6, 16)),
    ],
)
def test_today_changes_at_midnight_in_sofia(now: datetime, on: D) -> None:
    assert calendar.today(now) == on


@pytest.mark.parametrize(
    ("on", "term"),
    [
        (D(2025, 9, 15), 1),
        (D(2026, 1, 30), 1),
        (D(2026, 2, 2), 1),  # between the terms
        (D(2026, 2, 3), 2),
        (D(2026, 6, 30), 2),
        (D(2026, 9, 14), 2),  # the summer vacation
    ],
)
def test_a_date_counts_to_a_term(session: Session, school: Joined, on: D, term: int) -> None:
    assert calendar.locate(session, school.school, on) == SchoolDate(on, school.year, term)


@pytest.mark.parametrize("on", [D(2025, 9, 14), D(2026, 9, 15)])
def test_a_date_beyond_the_schools_years_is_refused(session: Session, school: Joined, stranger: Joined, on: D) -> None:
    years.add_year(
        session, stranger.school, standard_plan(2026), by=stranger.administrator, now=NOW
    )  # another school's year is no help
    with pytest.raises(InputError) as error:
        calendar.locate(session, school.school, on)
    assert str(error.value) == (f"{on:%d.%m.%Y} is in no school year of the school: check the date or enter the year.")


@pytest.mark.parametrize(
    ("on", "is_in"),
    [(D(2025, 9, 14), False), (D(2025, 9, 15), True), (D(2026, 9, 14), True), (D(2026, 9, 15), False)],
)
def test_the_year_of_a_date_within_another_statement(
    session: Session, school: Joined, stranger: Joined, on: D, is_in: bool
) -> None:
    found = session.scalar(select(calendar.year_on(school.school, on)))
    assert found == (school.year if is_in else None)
    assert found != stranger.year


@pytest.mark.parametrize(
    ("on", "level", "sentence"),
    [
        (D(2025, 9, 15), 8, ""),
        (D(2025, 10, 25), 8, ""),  # a Saturday: it may be worked in place of another day
        (D(2025, 10, 26), 8, "26.10.2025 is a Sunday: check the date."),
        (D(2025, 10, 30), 8, ""),
        (D(2025, 10, 31), 8, "There is no school on 31.10.2025 (Есенна ваканция): check the date."),
        (D(2025, 11, 3), 8, "There is no school on 03.11.2025 (Есенна ваканция): check the date."),
        (D(2025, 11, 4), 8, ""),
        (D(2026, 5, 15), 12, ""),
        (D(2026, 5, 18), 12, "On 18.05.2026 the term of level 12 is over: check the date."),
        (D(2026, 5, 18), 11, ""),
        (D(2026, 6, 30), 8, ""),
        (D(2026, 7, 1), 8, "On 01.07.2026 the term of level 8 is over: check the date."),
    ],
)
def test_days_with_and_without_lessons(session: Session, school: Joined, on: D, level: int, sentence: str) -> None:
    where = calendar.locate(session, school.school, on)
    if not sentence:
        calendar.check_school_day(session, school.school, where, level)
        return
    with pytest.raises(InputError) as error:
        calendar.check_school_day(session, school.school, where, level)
    assert str(error.value) == sentence


def test_a_day_between_the_terms_is_after_the_first(session: Session, school: Joined) -> None:
    plan = years.plan_of(session, school.school, school.year)
    years.change_year(
        session, school.school, school.year, replace(plan, vacations=()), by=school.administrator, now=NOW
    )
    where = calendar.locate(session, school.school, D(2026, 2, 2))
    with pytest.raises(InputError, match=r"^On 02\.02\.2026 the term of level 8 is over"):
        calendar.check_school_day(session, school.school, where, 8)


def test_vacations_of_another_school_are_not_ours(session: Session, school: Joined, stranger: Joined) -> None:
    plan = years.plan_of(session, school.school, school.year)
    years.change_year(
        session, school.school, school.year, replace(plan, vacations=()), by=school.administrator, now=NOW
    )
    day = D(2025, 10, 31)
    calendar.check_school_day(session, school.school, calendar.locate(session, school.school, day), 8)
    with pytest.raises(InputError, match="Есенна ваканция"):
        calendar.check_school_day(session, stranger.school, calendar.locate(session, stranger.school, day), 8)
