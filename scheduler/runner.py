"""Runs a job and records its result."""

from datetime import UTC, datetime

import logs
from db.kinds import JobOutcome
from db.session import Database
from errors import EschoolError
from scheduler.jobs import BY_NAME, Context
from school.monitoring import job_runs
from settings import Settings

log = logs.get(__name__)


class Runner:
    """Used by any thread."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database

    def run(self, name: str) -> tuple[JobOutcome, str]:
        """Run a job now; gives how it ended and what it did. Raises OperationError when the database is away."""
        began = datetime.now(UTC)
        with self._database.session() as session:
            job_runs.began(session, name, began)
        return self.work(name, began)

    def begin(self, name: str, due_at: datetime) -> datetime | None:
        """Note that the run which is due then begins; gives when, or None: it has been done already.

        Raises OperationError when the database is away, LostError when another host keeps the clock.
        """
        began = datetime.now(UTC)
        with self._database.session() as session:
            return began if job_runs.began(session, name, began, due_at) else None

    def work(self, name: str, began: datetime) -> tuple[JobOutcome, str]:
        """Do the work of a run that has begun, and note how it ended. Raises OperationError when it cannot be noted."""
        try:
            result = BY_NAME[name].work(Context(self._settings, self._database, began))
            outcome = JobOutcome.DONE
        except EschoolError as error:
            outcome, result = JobOutcome.FAILED, str(error)
            log.error("job.failed", job=name, **logs.reason(error))
        except Exception as error:
            outcome, result = JobOutcome.FAILED, logs.where(error)
            log.error("job.defect", job=name, error=logs.where(error))
        now = datetime.now(UTC)
        with self._database.session() as session:
            job_runs.ended(session, name, outcome, result, now)
        log.info("job.ended", job=name, outcome=outcome, seconds=round((now - began).total_seconds(), 3), result=result)
        return outcome, result

    def skipped(self, name: str, due_at: datetime) -> None:
        """Its time passed while no scheduler ran, and it is not made up."""
        now = datetime.now(UTC)
        late = str(now - due_at).partition(".")[0]
        log.warning("job.skipped", job=name, late=late)
        with self._database.session() as session:
            job_runs.skipped(session, name, f"No scheduler ran at its time, {late} ago: it is of no use any more.", now)
