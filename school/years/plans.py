"""A school year as a plan that a person looks at before it becomes the school's data."""

import tomllib
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from errors import InputError
from school.wording.translation import Words
from school.years.easter import orthodox_easter

DAY = timedelta(days=1)
DATA = Path(__file__).with_name("school_years.toml")


@dataclass(frozen=True, slots=True, order=True)
class FreeDays:
    """A vacation or holiday, first to last day."""

    starts_on: date
    ends_on: date
    name: str


@dataclass(frozen=True, slots=True)
class CalendarPlan:
    """A school year: two terms, earlier last days of levels in term 2, days without school."""

    starts_on: date
    ends_on: date
    term_1: tuple[date, date]
    term_2: tuple[date, date]
    level_ends: tuple[tuple[int, date], ...]
    vacations: tuple[FreeDays, ...]
    source: str = ""
    """Where the dates are from; empty: a person gave them."""
    is_order: bool = False
    """By the minister's order, not by habit."""


def standard_plan(start: int) -> CalendarPlan:
    """The Bulgarian school year that begins in `start`: by the minister's order where we have it, else by habit.

    Raises InputError for a year we cannot tell.
    """
    if not 2020 <= start <= 2098:
        raise InputError("The school year {start} is not known: choose another.", start=start)
    data = _data()
    order = data["years"].get(str(start))
    first, last = date(start, 9, 15), date(start + 1, 9, 14)
    if order:
        term_1, term_2 = tuple(order["term_1"]), tuple(order["term_2"])
        vacations = [FreeDays(one["from"], one["to"], one["name"]) for one in order["vacations"]]
        ends = {int(level): day for level, day in order["level_ends"].items()}
    else:
        rules = data["rules"]
        term_1, term_2 = (tuple(_dated(day, start) for day in rules[name]) for name in ("term_1", "term_2"))
        term_1 = (_working(term_1[0]), term_1[1])
        vacations = [
            FreeDays(_dated(one["from"], start), _dated(one["to"], start), one["name"]) for one in rules["vacations"]
        ]
        spring, easter = rules["spring"], orthodox_easter(start + 1)
        vacations.append(FreeDays(easter - spring["before"] * DAY, easter + spring["after"] * DAY, spring["name"]))
        ends = {int(level): _dated(day, start) for level, day in rules["level_ends"].items()}
    for holiday in data["holidays"]:
        day = _dated(holiday["day"], start)
        observed = _working(day)
        name = holiday["name"] if observed == day else f"{holiday['name']} (почивен ден)"
        if not any(one.starts_on <= observed <= one.ends_on for one in vacations):
            vacations.append(FreeDays(observed, observed, name))
    return CalendarPlan(
        min(first, term_1[0]),
        last,
        (term_1[0], term_1[1]),
        (term_2[0], term_2[1]),
        tuple(sorted(ends.items())),
        tuple(sorted(vacations)),
        order["source"] if order else data["rules"]["source"],
        bool(order),
    )


def check_plan(plan: CalendarPlan) -> None:
    """Raises InputError for dates that contradict each other."""
    for first, last, name in (
        (plan.starts_on, plan.ends_on, Words("The school year")),
        (*plan.term_1, Words("The first term")),
        (*plan.term_2, Words("The second term")),
        *((one.starts_on, one.ends_on + DAY, one.name) for one in plan.vacations),
    ):
        if first >= last:
            raise InputError("{name} ends before it has begun: check the dates.", name=name)
    if plan.term_1[1] >= plan.term_2[0]:
        raise InputError("The second term begins before the first has ended: check the dates.")
    if plan.term_1[0] < plan.starts_on or plan.term_2[1] > plan.ends_on:
        raise InputError("The terms go beyond the school year: check the dates.")
    if (plan.ends_on - plan.starts_on).days > 366:
        raise InputError("The school year is longer than a year: check the dates.")
    for level, day in plan.level_ends:
        if not 1 <= level <= 12 or not plan.term_2[0] <= day <= plan.term_2[1]:
            raise InputError("The end of level {level} is not in the second term: check the date.", level=level)
    before: FreeDays | None = None
    for one in sorted(plan.vacations):
        if not one.name.strip() or len(one.name) > 160:
            raise InputError("The vacation from {day:%d.%m.%Y} has no name: write it.", day=one.starts_on)
        if one.starts_on < plan.starts_on or one.ends_on > plan.ends_on:
            raise InputError("{name} is outside the school year: check the dates.", name=one.name)
        if before is not None and one.starts_on <= before.ends_on:
            raise InputError("{name} and {other} overlap: check the dates.", name=before.name, other=one.name)
        before = one


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(DATA.read_text("utf-8"))


def _dated(text: str, start: int) -> date:
    month, day = (int(part) for part in text.split("-"))
    return date(start if month >= 7 else start + 1, month, day)


def _working(day: date) -> date:
    """The day, or the Monday after the weekend it falls on."""
    return day + DAY * max(0, 8 - day.isoweekday()) if day.isoweekday() > 5 else day
