"""The state of the processes: each reports its own every few seconds, part by part.

`eschool status`, the operator's page and `/metrics` all read it here, so they say the same of the same moment.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.models import ProcessStatus
from db.session import open_database
from db.upsert import insert
from runtime.host import host_of, this_host
from settings import Settings

SAY_SECONDS = 5.0
"""How often a process says how it is, besides when that changes."""
SILENT_AFTER = timedelta(seconds=15)
"""One that has not said anything for so long is away: twice it may be late, or its database slow."""
FORGOTTEN_AFTER = timedelta(hours=1)
"""What one that is away said last is no news any more."""
LONGEST_ERROR = 200
KEEPING = "keeping"
"""The state of the scheduler that keeps the clock."""


class Process(StrEnum):
    """Those that say how they are, by their names in the Procfile."""

    VOICE = "agi"
    DIALER = "dialer"
    GATEWAY = "smpp"
    SENDER = "mail"
    SCHEDULER = "scheduler"
    WEB = "web"


@dataclass(frozen=True, slots=True)
class Health:
    """What a process said of itself, or of one of its parts; whoever says it is not silent.

    `instance`: host and process, at most 80 characters. `works`: it can do its work in this state. `part`: a gateway's
    link, "operator/number", at most 80 characters; empty: the process has no parts. `last_error`: why it does not work,
    or last did not. `figures` count since its start.
    """

    process: Process
    instance: str
    state: str
    works: bool
    updated_at: datetime
    part: str = ""
    last_error: str = ""
    figures: Mapping[str, Any] = field(default_factory=dict)
    is_silent: bool = False

    @property
    def is_up(self) -> bool:
        """Whether it is there and does its work."""
        return self.works and not self.is_silent

    @property
    def figures_in_words(self) -> str:
        """`dialled 3, answered 2`; empty: it counts nothing."""
        return together_in_words((self,))


def together_in_words(several: Iterable[Health]) -> str:
    """What processes of one kind have counted, added up: `dialled 3, answered 2`."""
    sums: dict[str, Any] = {}
    for one in several:
        for name, value in one.figures.items():
            sums[name] = sums.get(name, 0) + value
    return ", ".join(f"{name} {value}" for name, value in sums.items())


def say(session: Session, *told: Health) -> None:
    """Write how a process and its parts are: two statements, however many parts."""
    if not told:
        return
    session.execute(delete(ProcessStatus).where(ProcessStatus.updated_at < told[0].updated_at - FORGOTTEN_AFTER))
    statement = insert(session.get_bind().dialect.name, ProcessStatus)
    said = ("state", "works", "last_error", "figures", "updated_at")
    session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=[ProcessStatus.process, ProcessStatus.instance, ProcessStatus.part],
            set_={name: statement.excluded[name] for name in said},
        ),
        [
            {
                "process": one.process,
                "instance": one.instance,
                "part": one.part,
                "state": one.state,
                "works": one.works,
                "last_error": one.last_error[:LONGEST_ERROR],
                "figures": dict(one.figures),
                "updated_at": one.updated_at,
            }
            for one in told
        ],
    )


def forget(session: Session, process: Process, instance: str) -> None:
    """The process stops, and with it all its parts."""
    session.execute(delete(ProcessStatus).where(ProcessStatus.process == process, ProcessStatus.instance == instance))


def found(session: Session, now: datetime, process: Process | None = None) -> tuple[Health, ...]:
    """All that spoke within the hour, or those of one kind, by process, part and instance."""
    wanted = (
        select(ProcessStatus)
        .where(
            ProcessStatus.process.in_(Process if process is None else (process,)),
            ProcessStatus.updated_at >= now - FORGOTTEN_AFTER,
        )
        .order_by(ProcessStatus.process, ProcessStatus.part, ProcessStatus.instance)
    )
    return tuple(
        Health(
            process=Process(row.process),
            instance=row.instance,
            state=row.state,
            works=row.works,
            updated_at=row.updated_at,
            part=row.part,
            last_error=row.last_error,
            figures=row.figures,
            is_silent=now - row.updated_at >= SILENT_AFTER,
        )
        for row in session.scalars(wanted)
    )


def speaking(session: Session, now: datetime, process: Process) -> tuple[Health, ...]:
    """Those of one kind that are not silent."""
    return tuple(one for one in found(session, now, process) if not one.is_silent)


def of_host(several: Iterable[Health], host: str) -> tuple[Health, ...]:
    """Those that live on a host."""
    return tuple(one for one in several if host_of(one.instance) == host)


def speaking_here(settings: Settings, process: Process) -> tuple[Health, ...]:
    """Those of this host in the configured database, for `eschool status`: what lives elsewhere is no comfort here.

    Raises OperationError when the database does not answer.
    """
    database = open_database(settings)
    try:
        with database.reading() as session:
            return of_host(speaking(session, datetime.now(UTC), process), this_host())
    finally:
        database.dispose()
