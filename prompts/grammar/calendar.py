"""Days and times of day in words."""

from datetime import date, time, timedelta
from functools import cache

from prompts.grammar.numbers import Gender, cardinal, ordinal

WEEKDAYS = ("понеделник", "вторник", "сряда", "четвъртък", "петък", "събота", "неделя")
MONTHS = (
    *("януари", "февруари", "март", "април", "май", "юни"),
    *("юли", "август", "септември", "октомври", "ноември", "декември"),
)
SCHOOL_YEAR_MONTH = 9
"""The school year starts in September; a date is understood without its year inside it."""


def weekday(on: date) -> str:
    """„петък“."""
    return WEEKDAYS[on.weekday()]


def on_weekday(on: date) -> str:
    """„в петък“, „във вторник“: „във“ before в and ф (Official Orthographic Dictionary)."""
    name = weekday(on)
    return f"{'във' if name[0] in 'вф' else 'в'} {name}"


@cache
def day_of_month(month: int, day: int) -> str:
    """„двадесет и трети ноември“."""
    return f"{ordinal(day)} {MONTHS[month - 1]}"


@cache
def year(number: int) -> str:
    """„две хиляди двадесет и шеста година“ (1..9999)."""
    return f"{ordinal(number, Gender.FEMININE)} година"


def full_date(on: date) -> str:
    """„двадесет и трети ноември две хиляди двадесет и шеста година“."""
    return f"{day_of_month(on.month, on.day)} {year(on.year)}"


def relative_day(on: date, today: date) -> str | None:
    """„днес“, „вчера“, „утре“, or None for every other day."""
    names = {timedelta(0): "днес", timedelta(days=-1): "вчера", timedelta(days=1): "утре"}
    return names.get(on - today)


def needs_year(on: date, today: date) -> bool:
    """Whether `on` would be misunderstood without its year: neither this calendar year nor this school year."""
    return on.year != today.year and _school_year(on) != _school_year(today)


def _school_year(on: date) -> int:
    return on.year if on.month >= SCHOOL_YEAR_MONTH else on.year - 1


def day(on: date, today: date) -> str:
    """„днес“ / „вчера“ / „утре“, else „петък, двадесети ноември“, else, from other years, the date with its year."""
    if relative := relative_day(on, today):
        return relative
    if needs_year(on, today):
        return full_date(on)
    return f"{weekday(on)}, {day_of_month(on.month, on.day)}"


@cache
def hours(hour: int) -> str:
    """A clock's hour: „един часа“ (never „един час“, which is a duration), „нула часа“, „двадесет и два часа“."""
    return f"{cardinal(hour, Gender.MASCULINE)} часа"


@cache
def minutes(minute: int) -> str:
    """A clock's minutes (1..59) after its hour: „и една минута“, „и тридесет минути“."""
    return f"и {cardinal(minute, Gender.FEMININE)} {'минута' if minute == 1 else 'минути'}"


def clock(at: time) -> str:
    """„осемнадесет часа и тридесет минути“, „девет часа“. Seconds are left out."""
    return hours(at.hour) if at.minute == 0 else f"{hours(at.hour)} {minutes(at.minute)}"
