"""What each job did last and when it runs next: the scheduler as people see it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from db.kinds import JobOutcome
from db.models import JobRun, ScheduledJob
from db.upsert import insert

LONGEST_RESULT = 200
CLOCKS_APART = timedelta(minutes=1)
"""By more no two hosts' clocks differ: what began later than that began by a clock that was set back since."""


@dataclass(frozen=True, slots=True)
class Run:
    """A job's last run. No `ended_at`: it is under way, or its process died in it. No `next_at`: it is not planned."""

    job: str
    started_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: JobOutcome | None = None
    result: str = ""
    next_at: datetime | None = None


def began(session: Session, job: str, now: datetime, due_at: datetime | None = None) -> bool:
    """A run begins; False, and nothing is written: the run that was due then has been done already.

    That is so when a host did it that could not note any more when the next one is due. No `due_at`: run by hand.
    """
    values = {"started_at": now, "ended_at": None, "outcome": None, "result": ""}
    is_to_be_done = None
    if due_at is not None:
        is_to_be_done = or_(
            JobRun.started_at.is_(None),
            JobRun.started_at < due_at,
            JobRun.started_at > now + CLOCKS_APART,
            JobRun.ended_at.is_(None),
        )
    result = session.execute(
        insert(session.get_bind().dialect.name, JobRun)
        .values(job=job, **values)
        .on_conflict_do_update(index_elements=[JobRun.job], set_=values, where=is_to_be_done)
        .returning(JobRun.job)
    )
    return result.scalar() is not None


def ended(session: Session, job: str, outcome: JobOutcome, result: str, now: datetime) -> None:
    """It is over. `result`: what it did, or why it failed, without personal data."""
    session.execute(
        update(JobRun).where(JobRun.job == job).values(ended_at=now, outcome=outcome, result=result[:LONGEST_RESULT])
    )


def skipped(session: Session, job: str, result: str, now: datetime) -> None:
    """It was not run, because its time had passed."""
    began(session, job, now)
    ended(session, job, JobOutcome.SKIPPED, result, now)


def plan_anew(session: Session, why: str, now: datetime) -> None:
    """Forget when jobs run next, so that a scheduler plans them from its start on; a run without an end has none."""
    session.execute(delete(ScheduledJob))
    session.execute(
        update(JobRun)
        .where(JobRun.started_at.is_not(None), JobRun.ended_at.is_(None))
        .values(ended_at=now, outcome=JobOutcome.SKIPPED, result=why[:LONGEST_RESULT])
    )


def unfinished(session: Session) -> frozenset[str]:
    """Jobs whose last run has no end."""
    return frozenset(
        session.scalars(select(JobRun.job).where(JobRun.started_at.is_not(None), JobRun.ended_at.is_(None)))
    )


def runs(session: Session) -> Mapping[str, Run]:
    """The last run and the next of every job that ever ran or is planned."""
    found = {
        row.job: Run(row.job, row.started_at, row.ended_at, row.outcome, row.result)
        for row in session.scalars(select(JobRun))
    }
    for job, seconds in session.execute(select(ScheduledJob.id, ScheduledJob.next_run_time)):
        last = found.get(job, Run(job))
        next_at = None if seconds is None else datetime.fromtimestamp(seconds, UTC)
        found[job] = Run(job, last.started_at, last.ended_at, last.outcome, last.result, next_at)
    return found
