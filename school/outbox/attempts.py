"""How attempts at messages end, and the parts of messages that were taken on them."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import NamedTuple

from sqlalchemy import Executable, bindparam, case, func, select, true
from sqlalchemy.orm import Session

from db.kinds import PartState
from db.lists import Rows
from db.models import MessagePart
from db.upsert import insert

_PART = MessagePart.metadata.tables["message_part"]


class Ending(StrEnum):
    """How an attempt ended."""

    SENT = "sent"  # every part was taken
    REFUSED = "refused"  # for good: another attempt would end the same way
    RETRY = "retry"  # refused for now, or never sent
    UNKNOWN = "unknown"  # it went out and no answer came
    OVERDUE = "overdue"  # the same, but whom it went to lives and is only slow: it is not sent again, charged or not


class TakenPart(NamedTuple):
    """A part that an operator took; `number` from 1, `smsc_id` normalised, None when the SMSC gave none.

    `state`: DELIVERED where the operator reports other parts of the message only.
    """

    number: int
    total: int
    operator: str
    smsc_id: str | None
    state: PartState = PartState.SENT


class Result(NamedTuple):
    """How an attempt at one message ended, with the parts that were taken on it."""

    message_id: int
    ending: Ending
    parts: tuple[TakenPart, ...] = ()
    error: str | None = None
    """Why it failed, for people, without personal data."""
    again: timedelta | None = None
    """The pause before another attempt; None: the outbox's own, which grows."""
    refusal: str | None = None
    """What the operator's refusal of a charge means, for `school.billing`."""


def store_parts(session: Session, results: Sequence[Result], now: datetime, delivered: Collection[int] = ()) -> None:
    """Store the parts that were taken; those of the messages in `delivered` have had their receipt."""
    # The same message may be here twice: its lease ran out and it was claimed anew. The first name of a part stands.
    taken: dict[tuple[int, int], TakenPart] = {}
    for result in results:
        for part in result.parts:
            known = taken.setdefault((result.message_id, part.number), part)
            if known.smsc_id is None:
                taken[result.message_id, part.number] = part
    if taken:
        rows, statement = _add_parts(session.get_bind().dialect.name)
        values = [
            (message_id, *part[:-1], PartState.DELIVERED if message_id in delivered else part.state)
            for (message_id, _), part in taken.items()
        ]
        session.connection().execute(statement, rows.parameters(values) | {"now": now})


_NOW = bindparam("now", type_=_PART.c.sent_at.type)


@cache
def _add_parts(dialect: str) -> tuple[Rows, Executable]:
    varying = ("message_id", *TakenPart._fields)
    rows = Rows(dialect, {name: _PART.c[name].type for name in varying})
    alike = {"sent_at": _NOW, "ended_at": case((rows.table.c.state != PartState.SENT, _NOW))}
    statement = insert(dialect, MessagePart).from_select(
        [*varying, *alike], select(*(rows.table.c[name] for name in varying), *alike.values()).where(true())
    )
    return rows, statement.on_conflict_do_update(
        index_elements=[_PART.c.message_id, _PART.c.number],
        set_={"smsc_id": func.coalesce(_PART.c.smsc_id, statement.excluded.smsc_id)},
    )


def complete(session: Session, message_ids: Sequence[int]) -> frozenset[int]:
    """Those of the messages all of whose parts were taken."""
    if not message_ids:
        return frozenset()
    return frozenset(
        session.scalars(
            select(MessagePart.message_id)
            .where(MessagePart.message_id.in_(message_ids))
            .group_by(MessagePart.message_id)
            .having(func.count() >= func.max(MessagePart.total))
        )
    )
