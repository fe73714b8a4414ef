"""Days as parents name them, without a year or by the day of the week."""

from datetime import date, timedelta


def nearest(day: int, month: int, today: date) -> date | None:
    """The day of a month that is nearest to today; None: there is no such day in these years."""
    found = [made for year in (today.year - 1, today.year, today.year + 1) if (made := _made(day, month, year))]
    return min(found, key=lambda one: abs(one - today), default=None)


def in_year(day: int, month: int, year: int) -> date | None:
    """The day of this year, which may be written with two digits; None: there is no such day."""
    return _made(day, month, year if year > 99 else 2000 + year)


def next_weekday(weekday: int, today: date) -> date:
    """The next Monday (1) to Sunday (7), today included."""
    return today + timedelta(days=(weekday - today.isoweekday()) % 7)


def _made(day: int, month: int, year: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
