"""When jobs run: the changes to and from summer time make no job run twice or never.

APScheduler's own cron trigger counts on the wall clock, where an hour is missing in March and comes twice in October.
"""

from datetime import datetime, time, timedelta
from typing import Any

from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from runtime.localtime import SOFIA
from school.outbox import hours

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Daily(BaseTrigger):  # type: ignore[misc]  # the library ships no types
    """Once on every day of Sofia's calendar, or on one weekday (1: Monday): `Daily(time(17), weekday=5)`."""

    __slots__ = ("clock", "weekday")

    def __init__(self, clock: time, weekday: int | None = None) -> None:
        self.clock = clock
        self.weekday = weekday

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The first time after the previous one; without one, the first from now on."""
        at = hours.next_time(previous_fire_time or now - timedelta(microseconds=1), self.clock)
        while self.weekday is not None and hours.on_wall(at).isoweekday() != self.weekday:
            at = hours.next_time(at, self.clock)
        return at.astimezone(SOFIA)

    def __getstate__(self) -> dict[str, Any]:
        """What the job store keeps."""
        return {"version": 1, "clock": self.clock, "weekday": self.weekday}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """The same again."""
        self.clock, self.weekday = state["clock"], state["weekday"]

    def __str__(self) -> str:
        """For people, and to see whether a new release plans it otherwise."""
        days = "every day" if self.weekday is None else f"every {WEEKDAYS[self.weekday - 1]}"
        return f"{days} at {self.clock:%H:%M}"


class Every(IntervalTrigger):  # type: ignore[misc]
    """Again and again, so many seconds from one beginning to the next."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds=seconds, timezone=SOFIA)

    def __str__(self) -> str:
        """For people."""
        seconds = int(self.interval.total_seconds())
        return f"every {seconds // 60} min" if seconds % 60 == 0 else f"every {seconds} s"
