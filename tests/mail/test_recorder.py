"""What the sender writes down: an entry that the database refuses takes no other with it."""

from datetime import UTC, datetime

from sqlalchemy import select

from db.kinds import Channel, MessagePurpose, MessageState
from db.models import Message
from db.session import Database
from mail.sender.recorder import Recorder
from school import outbox
from school.outbox import Ending, Result

NO_ID = 2**70
"""Larger than any database's integer."""


def claimed(database: Database, owner: str, count: int) -> list[int]:
    """Letters in the sender's hands."""
    now = datetime.now(UTC)
    with database.session() as session:
        for number in range(count):
            outbox.enqueue(
                session,
                channel=Channel.EMAIL,
                address=f"parent{number}@example.org",
                text="Тема\n\nЗдравейте!",
                purpose=MessagePurpose.SERVICE,
                now=now,
            )
        messages = outbox.claim(session, Channel.EMAIL, owner=owner, limit=count, now=now)
    return [message.message_id for message in messages]


def test_an_entry_that_the_database_refuses_takes_no_other_with_it(database: Database) -> None:
    owner = outbox.new_owner()
    sent, not_sent = claimed(database, owner, 2)
    recorder = Recorder(database, owner)
    recorder.give_back([NO_ID])
    recorder.result(Result(sent, Ending.SENT))
    recorder.give_back([not_sent])
    recorder.start()
    assert recorder.settled(60)
    recorder.stop(10)
    with database.reading() as session:
        states = dict(session.execute(select(Message.id, Message.state)).all())
    assert states == {sent: MessageState.SENT, not_sent: MessageState.READY}
