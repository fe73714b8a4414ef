"""School years as plans: by the minister's order or by habit, and which dates contradict each other."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from errors import InputError
from school.years.easter import orthodox_easter
from school.years.plans import CalendarPlan, FreeDays, check_plan, standard_plan

D = date
PLAN = standard_plan(2025)


def days_named(plan: CalendarPlan, name: str) -> list[tuple[D, D]]:
    return [(one.starts_on, one.ends_on) for one in plan.vacations if one.name == name]


def test_the_year_of_the_ministers_order() -> None:
    assert PLAN.is_order
    assert PLAN.source == "Заповед № РД09-2069/26.08.2025 г."
    assert (PLAN.starts_on, PLAN.ends_on) == (D(2025, 9, 15), D(2026, 9, 14))
    assert PLAN.term_1 == (D(2025, 9, 15), D(2026, 1, 30))
    assert PLAN.term_2 == (D(2026, 2, 3), D(2026, 6, 30))
    assert dict(PLAN.level_ends)[12] == D(2026, 5, 15)
    assert days_named(PLAN, "Пролетна ваканция") == [(D(2026, 4, 4), D(2026, 4, 13))]


@pytest.mark.parametrize("start", range(2020, 2099))
def test_every_standard_year_is_consistent(start: int) -> None:
    plan = standard_plan(start)
    check_plan(plan)
    assert plan.is_order == (start == 2025)
    assert plan.is_order or "сверете със заповедта" in plan.source


@pytest.mark.parametrize("start", [2019, 2099])
def test_no_other_year_is_guessed(start: int) -> None:
    with pytest.raises(InputError, match=rf"^The school year {start} is not known: choose another\.$"):
        standard_plan(start)


@pytest.mark.parametrize("start", [2024, 2026, 2027, 2030])
def test_the_spring_vacation_of_a_guessed_year_is_around_easter(start: int) -> None:
    ((first, last),) = days_named(standard_plan(start), "Пролетна ваканция")
    easter = orthodox_easter(start + 1)
    assert first.isoweekday() == 6
    assert (easter - first).days == 8
    assert (last - easter).days == 1


def test_lessons_do_not_begin_on_a_weekend() -> None:
    plan = standard_plan(2029)
    assert D(2029, 9, 15).isoweekday() == 6
    assert plan.term_1[0] == D(2029, 9, 17)
    assert plan.starts_on == D(2029, 9, 15)


@pytest.mark.parametrize(
    ("start", "name", "day"),
    [
        (2025, "Ден на независимостта", D(2025, 9, 22)),  # a Monday
        (2025, "Ден на светите братя Кирил и Методий (почивен ден)", D(2026, 5, 25)),  # instead of a Sunday
        (2028, "Ден на Освобождението (почивен ден)", D(2029, 3, 5)),  # instead of a Saturday
    ],
)
def test_a_holiday_on_a_weekend_gives_the_monday_after(start: int, name: str, day: D) -> None:
    assert days_named(standard_plan(start), name) == [(day, day)]


def test_a_holiday_within_a_vacation_is_not_named_twice() -> None:
    plan = standard_plan(2023)
    assert days_named(plan, "Пролетна ваканция") == [(D(2024, 4, 27), D(2024, 5, 6))]
    assert days_named(plan, "Ден на труда") == days_named(plan, "Гергьовден") == []


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"ends_on": D(2025, 9, 15)}, "The school year ends before it has begun: check the dates."),
        ({"term_1": (D(2025, 9, 15), D(2025, 9, 15))}, "The first term ends before it has begun: check the dates."),
        ({"term_2": (D(2026, 6, 30), D(2026, 2, 3))}, "The second term ends before it has begun: check the dates."),
        (
            {"term_2": (D(2026, 1, 30), D(2026, 6, 30))},
            "The second term begins before the first has ended: check the dates.",
        ),
        ({"term_1": (D(2025, 9, 14), D(2026, 1, 30))}, "The terms go beyond the school year: check the dates."),
        ({"term_2": (D(2026, 2, 3), D(2026, 9, 15))}, "The terms go beyond the school year: check the dates."),
        ({"ends_on": D(2026, 9, 17)}, "The school year is longer than a year: check the dates."),
        ({"level_ends": ((12, D(2026, 7, 1)),)}, "The end of level 12 is not in the second term: check the date."),
        ({"level_ends": ((1, D(2026, 2, 2)),)}, "The end of level 1 is not in the second term: check the date."),
        ({"level_ends": ((13, D(2026, 5, 15)),)}, "The end of level 13 is not in the second term: check the date."),
        (
            {"vacations": (FreeDays(D(2026, 1, 5), D(2026, 1, 4), "Коледа"),)},
            "Коледа ends before it has begun: check the dates.",
        ),
        (
            {"vacations": (FreeDays(D(2026, 1, 5), D(2026, 1, 5), "  "),)},
            "The vacation from 05.01.2026 has no name: write it.",
        ),
        (
            {"vacations": (FreeDays(D(2025, 9, 14), D(2025, 9, 15), "Лято"),)},
            "Лято is outside the school year: check the dates.",
        ),
        (
            {"vacations": (FreeDays(D(2026, 9, 14), D(2026, 9, 15), "Лято"),)},
            "Лято is outside the school year: check the dates.",
        ),
        (
            {
                "vacations": (
                    FreeDays(D(2026, 1, 5), D(2026, 1, 8), "Другата"),
                    FreeDays(D(2026, 1, 1), D(2026, 1, 5), "Едната"),
                )
            },
            "Едната and Другата overlap: check the dates.",
        ),
    ],
)
def test_contradictory_dates_are_told(change: dict[str, Any], sentence: str) -> None:
    with pytest.raises(InputError) as error:
        check_plan(replace(PLAN, **change))
    assert str(error.value) == sentence


@pytest.mark.parametrize(
    "change",
    [
        {"ends_on": D(2026, 9, 16)},
        {"term_2": (D(2026, 1, 31), D(2026, 9, 14))},
        {"level_ends": ((1, D(2026, 2, 3)), (12, D(2026, 6, 30)))},
        {"vacations": (FreeDays(D(2025, 9, 15), D(2025, 9, 15), "Един ден"),)},
        {"vacations": (FreeDays(D(2026, 1, 1), D(2026, 1, 5), "А"), FreeDays(D(2026, 1, 6), D(2026, 1, 8), "Б"))},
        {"level_ends": (), "vacations": ()},
    ],
    ids=str,
)
def test_what_only_touches_an_edge_is_no_contradiction(change: dict[str, Any]) -> None:
    check_plan(replace(PLAN, **change))
