"""How the dialers are, as they say themselves."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.models import DialerStatus
from db.upsert import insert

SILENT_AFTER = timedelta(seconds=12)
"""A dialer says every few seconds how it is; one that has not for so long is away."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a dialer says of itself; `figures` since its start."""

    state: str
    last_error: str
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class DialerHealth:
    """A dialer that runs."""

    dialer: str
    state: str
    last_error: str
    figures: Mapping[str, Any]
    updated_at: datetime


def running(session: Session, now: datetime) -> tuple[DialerHealth, ...]:
    """All dialers that run, by name."""
    rows = session.scalars(
        select(DialerStatus).where(DialerStatus.updated_at > now - SILENT_AFTER).order_by(DialerStatus.dialer)
    )
    return tuple(DialerHealth(row.dialer, row.state, row.last_error, row.figures, row.updated_at) for row in rows)


def say(session: Session, dialer: str, told: Told, now: datetime) -> None:
    """Write how a dialer is. `dialer`: host and process, at most 80 characters."""
    session.execute(delete(DialerStatus).where(DialerStatus.updated_at < now - timedelta(hours=1)))
    statement = insert(session.get_bind().dialect.name, DialerStatus)
    session.execute(
        statement.values(
            dialer=dialer,
            state=told.state,
            last_error=told.last_error[:200],
            figures=dict(told.figures),
            updated_at=now,
        ).on_conflict_do_update(
            index_elements=[DialerStatus.dialer],
            set_={name: statement.excluded[name] for name in ("state", "last_error", "figures", "updated_at")},
        )
    )


def forget(session: Session, dialer: str) -> None:
    """The dialer stops."""
    session.execute(delete(DialerStatus).where(DialerStatus.dialer == dialer))
