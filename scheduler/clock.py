"""APScheduler over the configured database: plans survive restarts, and a new release keeps what is planned."""

import logging
from collections.abc import Collection, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from apscheduler.events import EVENT_JOB_MISSED, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.schedulers.base import BaseScheduler

import logs
from db.session import database_url, make_engine
from errors import OperationError
from runtime.localtime import SOFIA
from scheduler.jobs import JOBS, Job
from scheduler.runner import Runner

log = logs.get(__name__)

THREADS = 4
"""Jobs that run side by side: what takes long must not delay the leases."""
WORK = "scheduler.clock:planned"


def planned() -> None:
    """What every stored job names as its function; the executor puts the job's own work in its place."""
    raise RuntimeError("jobs are run by the scheduler's executor")


class Clock:
    """One running APScheduler. `address` is the database's URL."""

    def __init__(
        self,
        address: str,
        runner: Runner,
        jobs: Sequence[Job] = JOBS,
        scheduler: type[BaseScheduler] = BackgroundScheduler,
    ) -> None:
        logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # we log ourselves, without tracebacks
        self._jobs = jobs
        self._runner = runner
        self._engine = make_engine(database_url(address))
        self.scheduler = scheduler(
            jobstores={"default": SQLAlchemyJobStore(engine=self._engine)},
            executors={"default": _Executor(runner)},
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
            log.error("clock.database_away", reason=str(error))


class _Executor(ThreadPoolExecutor):  # type: ignore[misc]
    """Has the runner do a stored job's work, instead of the function that it names."""

    def __init__(self, runner: Runner) -> None:
        super().__init__(THREADS)
        self._runner = runner

    def _do_submit_job(self, job: Any, run_times: list[datetime]) -> None:
        job.func = partial(self._run, job.id)
        super()._do_submit_job(job, run_times)

    def _run(self, name: str) -> None:
        try:
            self._runner.run(name)
        except OperationError as error:  # also that it failed could not be written down
            log.error("clock.database_away", reason=str(error))
