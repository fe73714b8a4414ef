"""Fixtures of the clock: a scheduler whose waiting the test does, and jobs that count their runs."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from apscheduler.schedulers.base import BaseScheduler

from db.session import Database
from scheduler import runner
from scheduler.clock import Clock
from scheduler.jobs import Context, Job
from scheduler.runner import Runner
from scheduler.triggers import Daily
from school.monitoring import job_runs
from settings import Settings


class Stepped(BaseScheduler):  # type: ignore[misc]  # the library ships no types
    """APScheduler without its thread: `step` looks for what is due and tells how long it would sleep."""

    def wakeup(self) -> None:
        """Nobody sleeps."""

    def shutdown(self, wait: bool = True) -> None:
        """End, as the others do."""
        super().shutdown(wait)

    def step(self) -> float:
        """Seconds until the next look."""
        seconds: float | None = self._process_jobs()
        return 60.0 if seconds is None else seconds


class Ran:
    """Jobs that note when they ran."""

    def __init__(self) -> None:
        self.at: dict[str, list[datetime]] = {}
        self.jobs: tuple[Job, ...] = ()

    def job(self, name: str, trigger: Any, late_by: timedelta | None = None) -> Job:
        """One that does nothing else."""

        def work(context: Context) -> str:
            self.at.setdefault(name, []).append(context.now)
            return f"run {len(self.at[name])}"

        return Job(name, "A test's job.", trigger, late_by, work)


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Ran:
    """Jobs of the test's own, which the runner knows."""
    noted = Ran()
    known = {
        job.name: job
        for job in (
            noted.job("daily", Daily(time(3, 30))),
            noted.job("briefly", Daily(time(17)), timedelta(hours=1)),
            noted.job("friday", Daily(time(17), weekday=5), timedelta(days=2)),
        )
    }
    monkeypatch.setattr(runner, "BY_NAME", known)
    noted.jobs = tuple(known.values())
    return noted


class Watch:
    """Schedulers one after another over one database, and the time passing."""

    def __init__(self, settings: Settings, database: Database, ran: Ran, clock: time_machine.Traveller) -> None:
        self._settings = settings
        self._database = database
        self._ran = ran
        self._clock = clock

    def keep(self, until: datetime) -> None:
        """A scheduler starts, keeps the clock up to a moment, and stops."""
        jobs = self._ran.jobs
        clock = Clock(self._settings, Runner(self._settings, self._database), jobs, Stepped)
        with self._database.reading() as session:
            unfinished = job_runs.unfinished(session)
        clock.start(unfinished)
        try:
            while (now := datetime.now(UTC)) < until:
                seconds = clock.scheduler.step()
                _finish(clock)
                self._clock.move_to(min(until, now + timedelta(seconds=max(seconds, 0.001))))
            clock.scheduler.step()
        finally:
            clock.stop()

    def sleep(self, until: datetime) -> None:
        """Nobody keeps the clock."""
        self._clock.move_to(until)

    def runs(self) -> dict[str, job_runs.Run]:
        """What is written down."""
        with self._database.reading() as session:
            return dict(job_runs.runs(session))


def _finish(clock: Clock) -> None:
    """Wait for the jobs that were begun, so that they see the present moment."""
    pool = clock.scheduler._executors["default"]._pool
    pool.submit(lambda: None).result()
    while any(clock.scheduler._executors["default"]._instances.values()):
        pool.submit(lambda: None).result()


@pytest.fixture
def watch(settings: Settings, database: Database, ran: Ran) -> Iterator[Callable[[datetime], Watch]]:
    """Begin at a moment; the clock stands where it is put."""
    with ExitStack() as travelling:

        def begin(at: datetime) -> Watch:
            clock = travelling.enter_context(time_machine.travel(at, tick=False))
            return Watch(settings, database, ran, clock)

        yield begin
