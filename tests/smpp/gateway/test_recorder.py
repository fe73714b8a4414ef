"""What the gateway writes down: an entry that the database refuses takes no other with it."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from db.kinds import Channel, MessageState
from db.models import Message
from db.session import Database
from school import outbox
from school.outbox import Ending, Result
from smpp.gateway.recorder import Recorder
from tests.smpp.gateway.running import put_many
from tests.smpp.protocol.application import in_a_loop

NO_ID = 2**70
"""Larger than any database's integer."""


@in_a_loop
async def test_an_entry_that_the_database_refuses_takes_no_other_with_it(database: Database) -> None:
    owner = outbox.new_owner()
    put_many(database, 2)
    with database.session() as session:
        messages = outbox.claim(session, Channel.SMS, owner=owner, limit=2, now=datetime.now(UTC))
    sent, not_sent = (message.message_id for message in messages)
    with ThreadPoolExecutor(2) as executor:
        recorder = Recorder(
            database, owner, executor, recorded=lambda _: None, texts=lambda _: None, living=lambda: frozenset()
        )
        recorder.result(Result(sent, Ending.SENT), None)
        recorder.give_back([NO_ID], timedelta(0))
        recorder.give_back([not_sent], timedelta(0))
        recorder.stop()  # before it came to write: it ends all the same when everything is written
        await asyncio.wait_for(recorder.run(), 60)
    with database.reading() as session:
        states = dict(session.execute(select(Message.id, Message.state)).all())
    assert states == {sent: MessageState.SENT, not_sent: MessageState.READY}
