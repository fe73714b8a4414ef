"""Local time: one time zone for every school, parent and teacher."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

SOFIA = ZoneInfo("Europe/Sofia")
"""The time zone of every school, parent and teacher; the database keeps UTC."""


def today(now: datetime) -> date:
    """The date for people at an aware moment."""
    return now.astimezone(SOFIA).date()


def month_of(day: date) -> date:
    """The month that a day is in, named by its first day."""
    return day.replace(day=1)
