"""A sender wakes as soon as something was committed, and only a little later than the commit."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from statistics import median

import pytest
from sqlalchemy import URL

from db.kinds import Channel
from db.session import Database
from devtools.postgres import PostgresServer
from school.outbox import wake
from school.outbox.wake import Waker
from settings import Settings
from tests.school.outbox.post_office import PostOffice

LONG = 10.0
"""Seconds that no test waits: a waker that comes late fails it."""
SHORT = 0.1


@pytest.fixture
def waker(settings: Settings, database: Database) -> Iterator[Waker]:
    """A waker of the SMS channel that has seen all there is."""
    waker = wake.listen(settings.database, Channel.SMS)
    waker.wait(0)
    yield waker
    waker.close()


def test_it_sleeps_while_nothing_is_put_in(waker: Waker) -> None:
    began = time.monotonic()
    assert not waker.wait(SHORT)
    assert SHORT <= time.monotonic() - began < 5


def test_what_was_committed_before_the_wait_began_counts(waker: Waker, office: PostOffice) -> None:
    office.put()
    assert waker.wait(LONG)
    assert not waker.wait(SHORT)


def test_a_message_that_was_not_committed_wakes_nobody(waker: Waker, office: PostOffice) -> None:
    with office.database.session() as session:
        wake.notify(session, Channel.SMS)
        session.rollback()
    assert not waker.wait(SHORT)


def test_any_thread_may_wake_it(waker: Waker) -> None:
    threading.Timer(SHORT, waker.wake).start()
    began = time.monotonic()
    assert waker.wait(LONG)
    assert time.monotonic() - began < 5
    assert not waker.wait(SHORT)


def test_a_wake_before_the_wait_is_not_lost(waker: Waker) -> None:
    for _ in range(100_000):
        waker.wake()
    assert waker.wait(LONG)


def test_a_file_that_is_not_there_yet_is_waited_for_and_not_made(
    sqlite_template: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """An empty one would hide that the disk with the database is not mounted; the folder has a name that URIs quote."""
    path = tmp_path / "50%20 ?#1" / "база.db"
    path.parent.mkdir()
    waker = wake.listen(URL.create("sqlite", database=str(path)).render_as_string(), Channel.SMS)
    waker.wait(SHORT)
    assert not waker.wait(SHORT)
    assert not path.exists()
    assert capsys.readouterr().out.count("waker.database_away") == 1
    path.write_bytes(sqlite_template.read_bytes())
    assert waker.wait(LONG)
    assert not waker.wait(SHORT)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = version_num")
    assert waker.wait(LONG)
    waker.close()


def test_from_commit_to_claim_it_takes_a_moment(waker: Waker, office: PostOffice) -> None:
    committed: list[float] = []
    taken: list[float] = []

    def parents_write() -> None:
        for _ in range(20):
            time.sleep(0.03)
            office.put()
            committed.append(time.monotonic())

    writer = threading.Thread(target=parents_write)
    writer.start()
    while len(taken) < 20 and waker.wait(LONG):
        taken += [time.monotonic() for _ in office.claim()]
    writer.join()
    assert (
        median(there - here for here, there in zip(committed, taken, strict=True)) < 0.5
    )  # 0.01 where nothing else runs


def test_after_the_server_was_away_it_wakes_for_what_it_may_have_missed(
    postgresql: PostgresServer, postgresql_template: str
) -> None:
    postgresql.create("waking", postgresql_template)
    waker = wake.listen(postgresql.url("waking"), Channel.SMS)
    assert waker.wait(LONG)
    postgresql.end_connections("waking")
    assert waker.wait(LONG)
    assert not waker.wait(SHORT)
    waker.close()
    postgresql.drop("waking")


def test_while_the_server_is_away_it_waits_and_does_not_fail() -> None:
    waker = wake.listen("postgresql://eschool@/nowhere?host=/nonexistent", Channel.SMS)
    began = time.monotonic()
    assert not waker.wait(SHORT)
    assert not waker.wait(SHORT)
    assert time.monotonic() - began < 8
    waker.close()
