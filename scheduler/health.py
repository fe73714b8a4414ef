"""The state of the scheduler, in words for `eschool status`."""

from datetime import UTC, datetime

from db.kinds import JobOutcome
from db.session import open_database
from errors import OperationError
from runtime.host import host_of, this_host
from runtime.localtime import SOFIA
from scheduler.jobs import JOBS
from school.monitoring import job_runs
from school.monitoring.health import KEEPING, Process, of_host, speaking
from settings import Settings


def scheduler(settings: Settings) -> str:
    """Raises OperationError when nobody keeps the clock."""
    database = open_database(settings)
    try:
        with database.reading() as session:
            found = speaking(session, datetime.now(UTC), Process.SCHEDULER)
            runs = job_runs.runs(session)
    finally:
        database.dispose()
    keeping = [one for one in found if one.state == KEEPING]
    if not of_host(found, this_host()):
        elsewhere = f"; {host_of(keeping[0].instance)} keeps the clock" if keeping else ""
        raise OperationError(
            f"no scheduler of this host has told how it is lately: start `eschool scheduler serve`{elsewhere}"
        )
    if not keeping:
        reason = f" ({found[0].last_error or found[0].state})" if found else ""
        raise OperationError(f"nobody keeps the clock{reason}: start `eschool scheduler serve`")
    ahead = sorted((run.next_at, run.job) for job in JOBS if (run := runs.get(job.name)) and run.next_at)
    failed = [job.name for job in JOBS if (run := runs.get(job.name)) and run.outcome is JobOutcome.FAILED]
    keeper = host_of(keeping[0].instance)
    words = [f"running, {len(JOBS)} jobs"]
    if keeper != this_host():
        words.append(f"{keeper} keeps the clock")
    if len(found) > 1:
        words.append(f"{len(found) - 1} standing by")
    if ahead:
        words.append(f"next {ahead[0][1]} at {ahead[0][0].astimezone(SOFIA):%d.%m. %H:%M:%S}")
    if failed:
        words.append(f"failed last: {', '.join(failed)} (see `eschool schedule list`)")
    return ", ".join(words)
