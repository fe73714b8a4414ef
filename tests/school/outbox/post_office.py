"""An outbox to try things on: messages put in, claimed and recorded, and what is in the tables afterwards."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from db.kinds import Channel, MessagePurpose, MessageState
from db.models import Message, MessagePart, Notification
from db.session import Database
from school import outbox
from school.outbox import Ending, Outgoing, Report, Result, TakenPart

NOON = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
"""A Tuesday, 12:00 in Sofia."""
PHONE = "+359888123456"
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


class PostOffice:
    """One gateway's view of the outbox; `now` is when it acts."""

    def __init__(self, database: Database, owner: str = "gateway 1") -> None:
        self.database = database
        self.owner = owner
        self.now = NOON

    def later(self, by: timedelta) -> "PostOffice":
        self.now += by
        return self

    def put(self, text: str = "Здравейте!", **values: Any) -> int:
        defaults: dict[str, Any] = {
            "channel": Channel.SMS,
            "address": PHONE,
            "text": text,
            "purpose": MessagePurpose.ANSWER,
            "now": self.now,
        }
        with self.database.session() as session:
            return outbox.enqueue(session, **(defaults | values))

    def claim(self, limit: int = 100, channel: Channel = Channel.SMS) -> tuple[Outgoing, ...]:
        with self.database.session() as session:
            return outbox.claim(session, channel, owner=self.owner, limit=limit, now=self.now)

    def record(self, *results: Result, reports: tuple[Report, ...] = ()) -> None:
        with self.database.session() as session:
            outbox.record(session, self.owner, results, self.now, reports)

    def sent(self, message_id: int, *smsc_ids: str | None, operator: str = "a1") -> None:
        self.record(Result(message_id, Ending.SENT, parts(*(smsc_ids or (f"id-{message_id}",)), operator=operator)))

    def ended(self, message_id: int, ending: Ending, error: str | None = None) -> None:
        self.record(Result(message_id, ending, (), error))

    def report(self, *reports: Report) -> None:
        with self.database.session() as session:
            outbox.record_reports(session, reports, self.now)

    def message(self, message_id: int) -> Message:
        with self.database.reading() as session:
            return session.scalars(select(Message).where(Message.id == message_id)).one()

    def state(self, message_id: int) -> MessageState:
        return self.message(message_id).state

    def messages(self) -> list[Message]:
        with self.database.reading() as session:
            return list(session.scalars(select(Message).order_by(Message.id)))

    def notifications(self) -> list[Notification]:
        with self.database.reading() as session:
            return list(session.scalars(select(Notification).order_by(Notification.id)))

    def parts(self, message_id: int) -> list[MessagePart]:
        with self.database.reading() as session:
            return list(
                session.scalars(
                    select(MessagePart).where(MessagePart.message_id == message_id).order_by(MessagePart.number)
                )
            )

    def next_due(self) -> datetime | None:
        with self.database.reading() as session:
            return outbox.next_due(session, Channel.SMS, self.now)


def parts(*smsc_ids: str | None, operator: str = "a1") -> tuple[TakenPart, ...]:
    """All the parts of a message as an operator took them."""
    return tuple(TakenPart(n, len(smsc_ids), operator, smsc_id) for n, smsc_id in enumerate(smsc_ids, start=1))
