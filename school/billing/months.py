"""Calendar months in Sofia time, each named by its first day: what is charged is charged for one of them."""

from datetime import date, datetime, time, timedelta

from runtime.localtime import SOFIA, month_of, today


def month_at(now: datetime) -> date:
    """The month that a moment is in."""
    return month_of(today(now))


def moved(month: date, by: int) -> date:
    """The month so many months later, or (negative) earlier."""
    number = month.year * 12 + month.month - 1 + by
    return date(number // 12, number % 12 + 1, 1)


def last_day(month: date) -> date:
    """The month's last day."""
    return moved(month_of(month), 1) - timedelta(days=1)


def bounds(month: date) -> tuple[datetime, datetime]:
    """From its first moment up to, not including, the first of the next month; aware."""
    start, end = month_of(month), moved(month_of(month), 1)
    return datetime.combine(start, time(), SOFIA), datetime.combine(end, time(), SOFIA)
