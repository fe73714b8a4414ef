"""The retention periods themselves: how long a school keeps what, where it says nothing else."""

from dataclasses import dataclass
from datetime import date, datetime

from school.years import calendar


@dataclass(frozen=True, slots=True)
class Kept:
    """For how long: `messages_days` and `calls_days` 30-3650, `left_years` (after a student left) 1-60."""

    messages_days: int = 400
    calls_days: int = 400
    left_years: int = 5


USUAL = Kept()
"""Where a school says nothing, and for what belongs to no school. A bit more than a year: complaints name last year."""


def years_before(now: datetime, years: int) -> date:
    """The day so many years ago; who left before it is kept no longer."""
    today = calendar.today(now)
    return date(today.year - years, today.month, min(today.day, 28))
