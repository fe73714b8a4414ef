"""Which backups were made and which of them were found good, for who watches the platform."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Select, delete, select, update
from sqlalchemy.dialects.postgresql import Insert
from sqlalchemy.orm import Session

from db.models import Backup
from db.session import open_database
from db.upsert import insert
from settings import Settings

LONGEST_TROUBLE = 200
KEPT = 100
"""Backups that are remembered here; the files have a limit of their own."""


@dataclass(frozen=True, slots=True)
class Known:
    """A backup. `made_at`: the moment of what is in it. Not verified yet: no `verified_at`, or why not in `trouble`."""

    name: str
    made_at: datetime
    size: int
    verified_at: datetime | None = None
    trouble: str = ""


def made(session: Session, name: str, made_at: datetime, size: int) -> None:
    """A backup was written."""
    session.execute(_insert(session, name, made_at, size).on_conflict_do_nothing(index_elements=[Backup.name]))
    oldest = select(Backup.made_at).order_by(Backup.made_at.desc()).offset(KEPT).limit(1).scalar_subquery()
    session.execute(delete(Backup).where(Backup.made_at <= oldest))


def verified(session: Session, name: str, made_at: datetime, size: int, trouble: str, now: datetime) -> None:
    """A backup was restored elsewhere and looked at; `trouble`: what was wrong, or empty: it is good."""
    session.execute(_insert(session, name, made_at, size).on_conflict_do_nothing(index_elements=[Backup.name]))
    session.execute(
        update(Backup)
        .where(Backup.name == name)
        .values(verified_at=None if trouble else now, trouble=trouble[:LONGEST_TROUBLE])
    )


def last_made(session: Session) -> Known | None:
    """The newest one, verified or not."""
    return _first(session, select(Backup).order_by(Backup.made_at.desc()))


def last_verified(session: Session) -> Known | None:
    """The newest one that was found good."""
    return _first(session, select(Backup).where(Backup.verified_at.is_not(None)).order_by(Backup.made_at.desc()))


def status(settings: Settings) -> str:
    """For `eschool status`: the age of the last good backup. Raises OperationError when the database is away."""
    database = open_database(settings)
    try:
        with database.reading() as session:
            last, good = last_made(session), last_verified(session)
    finally:
        database.dispose()
    now = datetime.now(UTC)
    if good is None and last is None and settings.backup_folder is None:
        return "none is set up: set ESCHOOL_BACKUP_FOLDER"
    words = [f"the last good one is {age(now - good.made_at)} old" if good else "none was found good yet"]
    if last is not None and (good is None or last.made_at > good.made_at):
        words.append(f"{last.name} {f'failed: {last.trouble}' if last.trouble else 'is not verified yet'}")
    alarm = "ALARM: " if is_too_old(settings, good, now) else ""
    return alarm + ", ".join(words)


def is_too_old(settings: Settings, good: Known | None, now: datetime) -> bool:
    """Whether somebody has to be alarmed."""
    if settings.backup_folder is None or not settings.backup_alarm_hours:
        return False
    return good is None or now - good.made_at > timedelta(hours=settings.backup_alarm_hours)


def age(old: timedelta) -> str:
    """`2 days 3 h`, `3 h 20 min`, `20 min`: for people."""
    minutes = max(int(old.total_seconds()) // 60, 0)
    days, hours = minutes // 1440, minutes // 60 % 24
    if days:
        return f"{days} day{'s' * (days > 1)} {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def _insert(session: Session, name: str, made_at: datetime, size: int) -> Insert:
    dialect = session.get_bind().dialect.name
    return insert(dialect, Backup).values(name=name, made_at=made_at, size=size, trouble="")


def _first(session: Session, statement: Select[Backup]) -> Known | None:
    row = session.scalars(statement.limit(1)).first()
    return None if row is None else Known(row.name, row.made_at, row.size, row.verified_at, row.trouble)
