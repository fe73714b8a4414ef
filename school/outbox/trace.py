"""One message from its notifications to the receipts of its parts: what an operator needs in order to find it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.kinds import EventChange, EventKind, PartState
from db.models import MessagePart, Notification
from errors import InputError
from school.outbox.listing import Listed, show


@dataclass(frozen=True, slots=True)
class Part:
    """One part as an operator took it. `smsc_id`: the SMSC's name for it, in decimal where it is a number."""

    number: int
    total: int
    operator: str
    smsc_id: str | None
    state: PartState
    sent_at: datetime
    ended_at: datetime | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Trace:
    """A message without its text. `events`: how many of which kind it tells, and whether they were corrected since."""

    message: Listed
    events: tuple[tuple[EventKind, EventChange, int], ...]
    parts: tuple[Part, ...]


def trace(session: Session, message_id: int) -> Trace:
    """Everything there is to say about a message but its text. Raises InputError when there is none with this id."""
    found = show(session, ids=[message_id])
    if not found:
        raise InputError("There is no message {number}: `eschool outbox show` lists the newest.", number=message_id)
    events = session.execute(
        select(Notification.kind, Notification.change, func.count())
        .where(Notification.message_id == message_id)
        .group_by(Notification.kind, Notification.change)
        .order_by(Notification.kind, Notification.change)
    ).all()
    parts = session.scalars(
        select(MessagePart).where(MessagePart.message_id == message_id).order_by(MessagePart.number)
    ).all()
    return Trace(
        found[0],
        tuple((kind, change, number) for kind, change, number in events),
        tuple(
            Part(
                part.number,
                part.total,
                part.operator,
                part.smsc_id,
                part.state,
                part.sent_at,
                part.ended_at,
                part.error,
            )
            for part in parts
        ),
    )
