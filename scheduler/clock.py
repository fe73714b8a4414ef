"""APScheduler over the configured database: plans survive restarts, and a new release keeps what is planned."""

import logging
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from time import sleep
from typing import Any

from apscheduler.events import EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

import logs
from db.connecting import Use
from db.failures import reason
from db.session import engine_of
from errors import OperationError
from runtime.localtime import SOFIA
from scheduler.election import LostError
from scheduler.jobs import JOBS, Job
from scheduler.runner import Runner
from settings import Settings

log = logs.get(__name__)

THREADS = 4
"""Jobs that run side by side: what takes long must not delay the leases."""
USE = Use("scheduler clock", 2)
AGAIN = timedelta(seconds=1)
"""Pause after what the database failed."""
WORK = "scheduler.clock:planned"


def planned() -> None:
    """What every stored job names as its function; the executor puts the job's own work in its place."""
    raise RuntimeError("jobs are run by the scheduler's executor")


def nothing() -> None:
    """The run of a job that has been done already."""


class Clock:
    """One running APScheduler. `check` raises unless this host may keep the clock: it is asked in each transaction."""

    def __init__(
        self,
        settings: Settings,
        runner: Runner,
        jobs: Sequence[Job] = JOBS,
        scheduler: type[BaseScheduler] = BackgroundScheduler,
        check: Callable[[Connection], None] = lambda _connection: None,
    ) -> None:
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # we log ourselves, without tracebacks
        self._jobs = jobs
        self._runner = runner
        self._engine = engine_of(settings, USE)
        executor = _Executor(runner)
        self._store = _Store(self._engine, check, executor.not_begun)
        self.scheduler = scheduler(
            jobstores={"default": self._store},
            executors={"default": executor},
            job_defaults={"coalesce": True, "max_instances": 1},
            timezone=SOFIA,
        )
        self.scheduler.add_listener(self._missed, EVENT_JOB_MISSED)

    def start(self, unfinished: Collection[str]) -> None:
        """Plan what is new, keep what is planned, and begin. `unfinished`: jobs that a dead scheduler was at."""
        self.scheduler.start(paused=True)
        now = datetime.now(SOFIA)
        stored = {job.id: job for job in self.scheduler.get_jobs()}
        for job in self._jobs:
            old = stored.pop(job.name, None)
            grace = None if job.late_by is None else max(int(job.late_by.total_seconds()), 1)
            if old is None:
                self.scheduler.add_job(
                    WORK, job.trigger, id=job.name, name=job.name, misfire_grace_time=grace, replace_existing=True
                )
                continue
            old.modify(misfire_grace_time=grace)
            if str(old.trigger) != str(job.trigger):
                old.reschedule(job.trigger)
            if job.name in unfinished and old.next_run_time > now:
                old.modify(next_run_time=now)
        for old in stored.values():
            old.remove()
        self._store.is_running = True
        self.scheduler.resume()

    @property
    def is_running(self) -> bool:
        """Whether its thread lives: what the database fails it with can end it."""
        thread = getattr(self.scheduler, "_thread", None)
        return thread is None or thread.is_alive()

    def stop(self) -> None:
        """Plan no more, and wait for the jobs that run."""
        with suppress(Exception):  # it may have failed to start
            self.scheduler.shutdown(wait=True)
        self._engine.dispose()

    def _missed(self, event: JobExecutionEvent) -> None:
        try:
            self._runner.skipped(event.job_id, event.scheduled_run_time)
        except OperationError as error:
            _tell(error)


class _Store(SQLAlchemyJobStore):  # type: ignore[misc]  # the library ships no types
    """Jobs in the database, which only the host that keeps the clock may touch.

    APScheduler's thread ends when its store fails half-way. Here it goes on: what could not be noted is still due.
    """

    def __init__(self, engine: Engine, check: Callable[[Connection], None], not_begun: set[str]) -> None:
        super().__init__(engine=engine)
        self._real_engine = engine
        self._check = check
        self._not_begun = not_begun
        self.is_running = False
        """The thread asks: before that whoever plans the jobs has to know what failed."""

    def start(self, scheduler: Any, alias: str) -> None:
        """The table is made; from here on the lease is asked."""
        super().start(scheduler, alias)
        self.engine = _Checked(self._real_engine, self._check)

    def shutdown(self) -> None:
        """The engine is the clock's to close."""

    def get_next_run_time(self) -> datetime | None:
        """When the next job is due; soon, where nobody can say."""
        try:
            found: datetime | None = super().get_next_run_time()
        except (OperationError, SQLAlchemyError) as error:
            _tell(error)
            return datetime.now(SOFIA) + AGAIN
        return found

    def update_job(self, job: Any) -> None:
        """Note when a job is due next, unless its run could not begin."""
        if job.id in self._not_begun:
            self._not_begun.discard(job.id)
            return
        try:
            super().update_job(job)
        except (OperationError, SQLAlchemyError) as error:
            if not self.is_running:
                raise
            _tell(error)
            sleep(AGAIN.total_seconds())


class _Checked:
    """What the store uses of an engine."""

    def __init__(self, engine: Engine, check: Callable[[Connection], None]) -> None:
        self._engine = engine
        self._check = check

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """A transaction of a host that may."""
        with self._engine.begin() as connection:
            self._check(connection)
            yield connection


def _tell(error: Exception) -> None:
    if isinstance(error, LostError):
        log.warning("clock.lost", reason=str(error))
    else:
        log.error("clock.database_away", reason=reason(error))


class _Executor(ThreadPoolExecutor):  # type: ignore[misc]
    """Has the runner do a stored job's work, instead of the function that it names."""

    def __init__(self, runner: Runner) -> None:
        super().__init__(THREADS)
        self._runner = runner
        self.not_begun: set[str] = set()
        """Jobs whose beginning could not be noted: they stay due."""

    def _do_submit_job(self, job: Any, run_times: list[datetime]) -> None:
        """That it begins is noted before anybody can note that it is not due any more."""
        due_at, grace = run_times[-1], job.misfire_grace_time
        job.func = nothing
        if grace is not None and datetime.now(SOFIA) - due_at > timedelta(seconds=grace):
            super()._do_submit_job(job, run_times)  # it is too late, which the library finds itself
            return
        try:
            began = self._runner.begin(job.id, due_at)
        except OperationError as error:
            _tell(error)
            self.not_begun.add(job.id)
            sleep(AGAIN.total_seconds())
            super()._do_submit_job(job, run_times)
            return
        if began is not None:
            job.func = partial(self._work, job.id, began)
        super()._do_submit_job(job, run_times)

    def _work(self, name: str, began: datetime) -> None:
        try:
            self._runner.work(name, began)
        except OperationError as error:  # also that it failed could not be written down
            _tell(error)
