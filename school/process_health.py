"""How processes are that have no links to operators: each says so itself every few seconds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.models import ProcessStatus
from db.upsert import insert

SAY_SECONDS = 5.0
"""How often a process says how it is, besides when that changes."""
SILENT_AFTER = timedelta(seconds=15)
"""One that has not said anything for so long is away."""
FORGOTTEN_AFTER = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ProcessHealth:
    """One process of one host. `figures` count since its start."""

    process: str
    instance: str
    state: str
    last_error: str
    figures: Mapping[str, Any]
    updated_at: datetime
    is_silent: bool


def say(
    session: Session,
    process: str,
    instance: str,
    state: str,
    now: datetime,
    *,
    last_error: str = "",
    figures: Mapping[str, int] | None = None,
) -> None:
    """Write how a process is. `process` as in the Procfile, `instance`: host and process, at most 80 characters."""
    session.execute(delete(ProcessStatus).where(ProcessStatus.updated_at < now - FORGOTTEN_AFTER))
    values = {"state": state, "last_error": last_error[:200], "figures": dict(figures or {}), "updated_at": now}
    session.execute(
        insert(session.get_bind().dialect.name, ProcessStatus)
        .values(process=process, instance=instance, **values)
        .on_conflict_do_update(index_elements=[ProcessStatus.process, ProcessStatus.instance], set_=values)
    )


def forget(session: Session, process: str, instance: str) -> None:
    """The process stops."""
    session.execute(delete(ProcessStatus).where(ProcessStatus.process == process, ProcessStatus.instance == instance))


def found(session: Session, now: datetime, process: str | None = None) -> tuple[ProcessHealth, ...]:
    """All that spoke within the hour, or those of one kind."""
    wanted = select(ProcessStatus).order_by(ProcessStatus.process, ProcessStatus.instance)
    if process is not None:
        wanted = wanted.where(ProcessStatus.process == process)
    return tuple(
        ProcessHealth(
            row.process,
            row.instance,
            row.state,
            row.last_error,
            row.figures,
            row.updated_at,
            row.updated_at <= now - SILENT_AFTER,
        )
        for row in session.scalars(wanted)
    )
