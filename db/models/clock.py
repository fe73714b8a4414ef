"""Scheduled jobs and retention periods."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Float, LargeBinary, SmallInteger, String, Unicode, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base, Id, SchoolId
from db.columns import one_of
from db.kinds import JobOutcome


class ScheduledJob(Base):
    """When each job runs next: the table of APScheduler's SQLAlchemyJobStore, as it defines it."""

    __tablename__ = "apscheduler_jobs"

    id: Mapped[str] = mapped_column(Unicode(191), primary_key=True)
    next_run_time: Mapped[float | None] = mapped_column(Float(25), index=True)
    """Seconds since 1970."""
    job_state: Mapped[bytes] = mapped_column(LargeBinary)


class JobRun(Base):
    """The last run of each job, one row per job."""

    __tablename__ = "job_run"

    job: Mapped[str] = mapped_column(String(40), primary_key=True)
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """None: it is running, or was when its process died."""
    outcome: Mapped[JobOutcome | None] = mapped_column(one_of(JobOutcome, "outcome"))
    result: Mapped[str] = mapped_column(String(200))
    """What it did, or why it failed: for people, without personal data."""


class Lease(Base):
    """Who does what only one host may do, until when: by the database's time, which all hosts share."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    """What it is for: clock."""
    holder: Mapped[str] = mapped_column(String(80))
    """Host and process."""
    term: Mapped[int] = mapped_column(BigInteger)
    """Grows with each change of the holder, and whenever the lease had run out."""
    until: Mapped[datetime]


class Retention(Base):
    """A school's retention periods. No row: the defaults in `school.privacy.retention`."""

    __tablename__ = "retention"
    __table_args__ = (
        UniqueConstraint("school_id"),
        CheckConstraint("messages_days BETWEEN 30 AND 3650", name="messages_days"),
        CheckConstraint("calls_days BETWEEN 30 AND 3650", name="calls_days"),
        CheckConstraint("left_years BETWEEN 1 AND 60", name="left_years"),
    )

    id: Mapped[Id]
    school_id: Mapped[SchoolId]
    messages_days: Mapped[int] = mapped_column(SmallInteger)
    calls_days: Mapped[int] = mapped_column(SmallInteger)
    left_years: Mapped[int] = mapped_column(SmallInteger)
    """Years after which a student who left is erased."""
