"""A machine's clock may be set by an hour at once, forward or back, and what is planned has to follow it.

APScheduler sleeps until the next job by a clock that no setting moves: an hour ahead it would begin an hour late. And
what it has planned every few seconds, with a clock that was an hour ahead, it would not do for an hour.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from time import monotonic, time
from typing import Any

from apscheduler.triggers.interval import IntervalTrigger

LEAST = 5.0
"""Seconds by which a clock moves that is kept by NTP: those are no jumps (it is slewed by less, and stepped rarely)."""


class Jumps:
    """Notices that the clock was set. Used by one thread."""

    def __init__(self, wall: Callable[[], float] = time, steady: Callable[[], float] = monotonic) -> None:
        self._wall, self._steady = wall, steady
        self._ahead = wall() - steady()

    def seconds(self) -> float:
        """By how much since the last question: 0.0 if it was not set."""
        ahead = self._wall() - self._steady()
        moved, self._ahead = ahead - self._ahead, ahead
        return moved if abs(moved) >= LEAST else 0.0


def bring_forward(jobs: Iterable[Any], now: datetime) -> list[str]:
    """Have what is done every so often be done within that time; gives the names of what was planned later than that.

    What is done at an hour of the day stays as it is planned: it has been done already, and is not done twice.
    """
    late = [
        job
        for job in jobs
        if isinstance(job.trigger, IntervalTrigger)
        and job.next_run_time is not None
        and job.next_run_time - now > job.trigger.interval
    ]
    for job in late:
        job.modify(next_run_time=now)
    return [job.id for job in late]
