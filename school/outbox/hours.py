"""Permitted hours in which parents may be told, Sofia time: any other moment moves to the next permitted one.

Days are counted on the wall clock: the day on which summer time begins is 23 hours long, the one on which it ends 25.
"""

from datetime import UTC, date, datetime, time, timedelta

from runtime.localtime import SOFIA

ALWAYS = (0, 24)
"""Hours of what may be told at any time."""


def is_allowed(moment: datetime, from_hour: int, until_hour: int) -> bool:
    """Whether the wall clock at an aware moment is at `from_hour` or later and before `until_hour` (0..24)."""
    return from_hour <= on_wall(moment).hour < until_hour


def allowed_from(moment: datetime, from_hour: int, until_hour: int) -> datetime:
    """The moment itself when it is within the hours, else the next opening (aware, UTC)."""
    if is_allowed(moment, from_hour, until_hour):
        return moment
    opening = next_hour(moment, from_hour)
    while not is_allowed(opening, from_hour, until_hour):
        opening = next_hour(opening, from_hour)  # on this one day of the year the clock jumps over the hours
    return opening


def next_hour(moment: datetime, hour: int) -> datetime:
    """The first time after an aware moment that the wall clock comes to `hour` (0..23), once a day (UTC)."""
    return next_time(moment, time(hour))


def next_time(moment: datetime, clock: time) -> datetime:
    """The same for a time of the day, such as 17:30."""
    moment = moment.astimezone(UTC)  # two moments of Sofia would be compared by the wall clock alone
    day = on_wall(moment).date()
    while (at := on_day(day, clock)) <= moment:
        day += timedelta(days=1)
    return at


def on_day(day: date, clock: time) -> datetime:
    """A time of a day. Of one that comes twice the first, for one that is left out as long after the jump (UTC)."""
    return datetime.combine(day, clock, SOFIA).astimezone(UTC)


def on_wall(moment: datetime) -> datetime:
    """Sofia time, by way of UTC: an hour that the clock leaves out becomes the one it shows instead."""
    return moment.astimezone(UTC).astimezone(SOFIA)
