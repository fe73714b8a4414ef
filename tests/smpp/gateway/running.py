"""A gateway in the test's own loop, between a database and SMSCs that are not ours, and what a test asks of both."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.kinds import Channel, MessagePurpose, MessageState
from db.models import InboundText, Message
from db.session import Database
from devtools.smsc import Smsc
from school import outbox
from settings import Settings
from smpp.gateway.operators import Operator, Operators
from smpp.gateway.process import Gateway
from tests.smpp.protocol.application import until

PHONE = "+359888123456"
OTHER_PHONE = "+359878123456"


def operator(smsc: Smsc, name: str = "a1", **changes: Any) -> Operator:
    """A bind to the SMSC, quick to come back."""
    plain = {"host": "127.0.0.1", "port": smsc.port, "system_id": "eschool", "password": SecretStr("secret")}
    return Operator(name=name, **{**plain, "longest_retry_seconds": 1, **changes})


@dataclass
class Running:
    """A gateway and its database."""

    gateway: Gateway
    database: Database

    def put(self, text: str, phone: str = PHONE, **more: Any) -> int:
        """A message into the outbox."""
        with self.database.session() as session:
            return put(session, text, phone, **more)

    def message(self, message_id: int) -> Message:
        """As it is now."""
        with self.database.reading() as session:
            found = session.get(Message, message_id)
            assert found is not None
            return found

    async def becomes(self, message_id: int, state: MessageState, seconds: float = 30.0) -> Message:
        """Wait until a message is in a state."""
        await until(lambda: self.message(message_id).state is state, seconds)
        return self.message(message_id)

    def states(self) -> dict[MessageState, int]:
        """How many messages are in which state."""
        return states_of(self.database)

    async def all_become(self, state: MessageState, count: int, seconds: float = 30.0) -> None:
        """Wait until so many messages are in a state and none is in another."""
        await until(lambda: self.states() == {state: count}, seconds)

    def inbox(self) -> list[InboundText]:
        """All texts that came."""
        with self.database.reading() as session:
            return list(session.scalars(select(InboundText).order_by(InboundText.id)))

    async def bound(self, links: int = 1) -> None:
        """Wait until so many links are up."""
        await until(lambda: sum(link.can_send for link in self.gateway.links) == links)


def states_of(database: Database) -> dict[MessageState, int]:
    """How many messages are in which state."""
    with database.reading() as session:
        rows = session.execute(select(Message.state, func.count()).group_by(Message.state))
        return {row[0]: row[1] for row in rows}


def put(session: Session, text: str, phone: str = PHONE, **more: Any) -> int:
    """A message into the outbox."""
    return outbox.enqueue(
        session,
        channel=Channel.SMS,
        address=phone,
        text=text,
        now=datetime.now(UTC),
        **{"purpose": MessagePurpose.SERVICE, **more},
    )


def put_many(database: Database, count: int, **more: Any) -> None:
    """So many messages, each to a number of its own and with a text of its own."""
    with database.session() as session:
        for number in range(count):
            put(session, f"Text {number}", f"+35988{number:07}", **more)


CHARGED = "35987"
"""How the numbers of those begin who pay for their message."""


def put_plain_and_charged(database: Database, pairs: int) -> None:
    """So many pairs of a message that nobody pays for and one that its reader does, each to a number of its own."""
    with database.session() as session:
        for number in range(pairs):
            put(session, f"Text {number}", f"+35988{number:07}")
            put(session, f"Charge {number}", f"+{CHARGED}{number:07}", charged=True)


@asynccontextmanager
async def running(
    settings: Settings, database: Database, *operators: Operator, bound: bool = True
) -> AsyncIterator[Running]:
    """A gateway bound to its operators; the first one is the default. It is stopped as SIGTERM stops it."""
    gateway = Gateway(settings, Operators(operators={one.name: one for one in operators}), database)
    stop = asyncio.Event()
    serving = asyncio.create_task(gateway.run(stop))
    found = Running(gateway, database)
    try:
        if bound:
            await found.bound(len(gateway.links))
        yield found
    finally:
        stop.set()
        await asyncio.wait_for(serving, 30)


async def text_in(smsc: Smsc, words: str, phone: str = PHONE, **fields: Any) -> None:
    """A parent texts, in UCS-2 unless told otherwise."""
    plain = {
        "source_addr": phone.removeprefix("+"),
        "source_addr_ton": 1,
        "source_addr_npi": 1,
        "destination_addr": "1987",
        "data_coding": 8,
        "short_message": {"hex": words.encode("utf-16-be").hex()},
    }
    await smsc.do("send", command="deliver_sm", fields={**plain, **fields})


async def eventually(condition: Callable[[], Awaitable[bool]], seconds: float = 30.0) -> None:
    """Wait until it is so."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)
