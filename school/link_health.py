"""How the links to the operators are, as the gateways say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.models import LinkStatus
from db.upsert import insert

SILENT_AFTER = timedelta(seconds=15)
"""A gateway tells every few seconds how its links are; one that has not for so long is away."""
FORGOTTEN_AFTER = timedelta(hours=1)
"""What a gateway that is away last said of its links is no news any more."""


@dataclass(frozen=True, slots=True)
class LinkHealth:
    """One link of one gateway that runs. `figures` count since the gateway's start."""

    gateway: str
    link: str
    operator: str
    state: str
    last_error: str
    figures: Mapping[str, Any]
    updated_at: datetime


def links(session: Session, now: datetime) -> tuple[LinkHealth, ...]:
    """The links of all gateways that run, by name."""
    rows = session.scalars(
        select(LinkStatus)
        .where(LinkStatus.updated_at > now - SILENT_AFTER)
        .order_by(LinkStatus.link, LinkStatus.gateway)
    )
    return tuple(
        LinkHealth(row.gateway, row.link, row.operator, row.state, row.last_error, row.figures, row.updated_at)
        for row in rows
    )


@dataclass(frozen=True, slots=True)
class Link:
    """One link as its gateway says. `last_error`: why it is not bound, or last was not; `figures`: since the start."""

    name: str
    operator: str
    state: str
    last_error: str
    figures: Mapping[str, int]


def say(session: Session, gateway: str, told: Sequence[Link], now: datetime) -> None:
    """Write how all links of a gateway are. `gateway`: host and process, at most 80 characters."""
    session.execute(delete(LinkStatus).where(LinkStatus.updated_at < now - FORGOTTEN_AFTER))
    statement = insert(session.get_bind().dialect.name, LinkStatus)
    columns = ("operator", "state", "last_error", "figures", "updated_at")
    session.connection().execute(
        statement.on_conflict_do_update(
            index_elements=[LinkStatus.gateway, LinkStatus.link],
            set_={name: statement.excluded[name] for name in columns},
        ),
        [
            {
                "gateway": gateway,
                "link": link.name,
                "operator": link.operator,
                "state": link.state,
                "last_error": link.last_error[:200],
                "figures": dict(link.figures),
                "updated_at": now,
            }
            for link in told
        ],
    )


def forget(session: Session, gateway: str) -> None:
    """The gateway stops, and has no links any more."""
    session.execute(delete(LinkStatus).where(LinkStatus.gateway == gateway))
