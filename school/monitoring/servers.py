"""Figures of the database and of who keeps the clock, for monitoring."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from db.kinds import Channel, MessageState
from db.models import Message
from school.monitoring.health import KEEPING, Health, Process


@dataclass(frozen=True, slots=True)
class ServerFigures:
    """One look. Only a database server has connections and a lease of the clock."""

    keepers: int
    """Schedulers that keep the clock: 1, or something is wrong."""
    clock_seconds: float | None
    """For how long the lease of the clock is good; below zero: nobody has renewed it for so long."""
    oldest_lease: dict[Channel, float]
    """For how long the oldest lease of a message has run out and was not ended; 0: none has."""
    connections: dict[tuple[str, str], int] = field(default_factory=dict)
    """By process and host."""
    most_connections: int | None = None


def server_figures(session: Session, now: datetime, processes: Iterable[Health]) -> ServerFigures:
    """A few statements, each over a handful of rows. `processes`: those that spoke within the hour."""
    keepers = sum(one.process is Process.SCHEDULER and one.state == KEEPING and not one.is_silent for one in processes)
    oldest = _oldest_lease(session, now)
    if session.get_bind().dialect.name != "postgresql":
        return ServerFigures(keepers, None, oldest)
    left = session.scalar(text("SELECT extract(epoch FROM until - clock_timestamp()) FROM lease WHERE name = 'clock'"))
    rows = session.execute(
        text(
            "SELECT application_name, count(*) FROM pg_stat_activity "
            "WHERE datname = current_database() AND starts_with(application_name, 'eschool ') GROUP BY 1"
        )
    )
    connections: dict[tuple[str, str], int] = {}
    for name, count in rows:
        process, _, host = name.removeprefix("eschool ").partition("@")
        connections[process, host] = count
    most = int(session.execute(text("SHOW max_connections")).scalar_one())
    return ServerFigures(keepers, None if left is None else float(left), oldest, connections, most)


def _oldest_lease(session: Session, now: datetime) -> dict[Channel, float]:
    rows = session.execute(
        select(Message.channel, func.min(Message.lease_until))
        .where(Message.state == MessageState.CLAIMED, Message.lease_until <= now)
        .group_by(Message.channel)
    )
    return dict.fromkeys(Channel, 0.0) | {
        channel: (now - until).total_seconds() for channel, until in rows if until is not None
    }
