"""The database is away for a while, or two gateways share it: nothing is lost, and nobody is told twice."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

import db.session
from db.kinds import MessageState
from db.migrate import upgrade
from db.session import Database, open_database
from devtools.postgres import running_server
from devtools.smsc import Smsc, running_smsc
from settings import Settings
from tests.conftest import settings_for
from tests.smpp.gateway.running import operator, put_many, running, text_in
from tests.smpp.protocol.application import in_a_loop, until

WINDOW = 10
REFUSED_FOR_NOW = 0x64
"""ESME_RX_T_APPN: the SMSC is to bring it again."""


async def text_until_it_is_acknowledged(smsc: Smsc, words: str) -> None:
    """Texts as an SMSC does, which brings a text again that was refused for now."""
    async with asyncio.timeout(60):
        while True:
            before = len(smsc.seen("sent"))
            await text_in(smsc, words)
            sequence = (await smsc.saw("sent", before + 1))[-1]["sequence"]
            answer = (await smsc.saw("answer", sequence=sequence, command="deliver_sm_resp"))[0]
            if answer["status"] == 0:
                return
            assert answer["status"] == REFUSED_FOR_NOW
            await asyncio.sleep(0.2)


async def all_came_once_but_for_a_window(smsc: Smsc, messages: int, database: Database) -> None:
    await until(lambda: not _unsent(database), 60)
    counts = await smsc.counts()
    assert counts["destinations"] == messages
    assert counts["taken"] - messages <= WINDOW


def _unsent(database: Database) -> int:
    with database.reading() as session:
        found = session.execute(text("SELECT count(*) FROM message WHERE state NOT IN ('sent', 'delivered')"))
        return int(found.scalar_one())


def test_postgresql_restarted_in_the_middle(tmp_path: Path) -> None:
    with running_server() as server:
        server.create("restarted")
        settings = settings_for(tmp_path, server.url("restarted"))
        upgrade(settings)
        database = open_database(settings)
        put_many(database, 200)

        @in_a_loop
        async def scenario() -> None:
            async with running_smsc() as smsc:
                await smsc.behave(delay=50, receipts="after")
                async with running(settings, database, operator(smsc, window=WINDOW)) as found:
                    await smsc.saw("submit", 60)
                    await asyncio.to_thread(server.stop)
                    texting = asyncio.create_task(text_until_it_is_acknowledged(smsc, "ПОМОЩ"))
                    await asyncio.sleep(1.0)
                    assert found.gateway.links[0].can_send, "the operator notices nothing"
                    assert not texting.done(), "a text was acknowledged that could not be kept"
                    await asyncio.to_thread(server.start)
                    await texting
                    await all_came_once_but_for_a_window(smsc, 201, database)
                    assert [row.command for row in found.inbox()] == ["help"]

        try:
            scenario()
        finally:
            database.dispose()


@pytest.fixture
def impatient_sqlite(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Settings, Database]]:
    """A SQLite database whose writers wait for others' for a moment only."""
    monkeypatch.setattr(db.session, "SQLITE_WAIT", 0.3)
    path = tmp_path / "eschool.db"
    path.write_bytes(sqlite_template.read_bytes())
    settings = settings_for(tmp_path, f"sqlite:///{path}")
    database = open_database(settings)
    yield settings, database
    database.dispose()


@pytest.mark.slow
def test_sqlite_locked_by_another_program_in_the_middle(impatient_sqlite: tuple[Settings, Database]) -> None:
    settings, database = impatient_sqlite
    put_many(database, 200)
    another = create_engine(settings.database, connect_args={"isolation_level": None})

    @in_a_loop
    async def scenario() -> None:
        async with running_smsc() as smsc:
            await smsc.behave(delay=50, receipts="after")
            async with running(settings, database, operator(smsc, window=WINDOW)) as found:
                await smsc.saw("submit", 60)
                with another.connect() as connection:
                    connection.exec_driver_sql("BEGIN IMMEDIATE")
                    until_then = time.monotonic() + 2.0
                    texting = asyncio.create_task(text_until_it_is_acknowledged(smsc, "ПОМОЩ"))
                    while time.monotonic() < until_then:
                        await asyncio.sleep(0.1)
                    assert not texting.done(), "a text was acknowledged that could not be kept"
                    connection.exec_driver_sql("ROLLBACK")
                await texting
                assert found.gateway.links[0].binds == 1
                await all_came_once_but_for_a_window(smsc, 201, database)
                assert [row.command for row in found.inbox()] == ["help"]

    scenario()
    another.dispose()


@in_a_loop
async def test_two_gateways_on_one_database_never_send_the_same_message_twice(
    settings: Settings, database: Database
) -> None:
    put_many(database, 400)
    async with running_smsc() as smsc:
        await smsc.behave(delay=20, quiet=True, receipts="after")
        one = operator(smsc, window=WINDOW)
        async with running(settings, database, one) as first, running(settings, database, one) as second:
            await first.all_become(MessageState.DELIVERED, 400, 60)
            counts = await smsc.counts()
            assert (counts["submits"], counts["destinations"]) == (400, 400)
            assert min(first.gateway.links[0].accepted, second.gateway.links[0].accepted) > 40
