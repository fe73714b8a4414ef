"""The record of a call is kept whatever happens to the database, and stored once."""

import stat
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Connection, Engine, event, func, select

from agi.call_spool import CallSpool
from db.events import EventRef
from db.kinds import CallDirection, CallOutcome, EventKind, InputKind
from db.models import Call
from db.models import CallStep as StepOfCall
from db.session import Database
from devtools.site import SECRET_KEY
from school.hearing.call_log import CallRecord, CallStep
from tests.runtime.test_whole_file import parts

BEGAN = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)


def record() -> CallRecord:
    return CallRecord(
        call_id=uuid4(),
        direction=CallDirection.INBOUND,
        caller="+359888000001",
        started_at=BEGAN,
        answered_at=BEGAN,
        ended_at=BEGAN + timedelta(seconds=40),
        outcome=CallOutcome.HUNG_UP,
        subscription_id=None,
        student_id=None,
        steps=(
            CallStep(BEGAN, "greeting", InputKind.NONE),
            CallStep(BEGAN + timedelta(seconds=3), "main-menu", InputKind.HANGUP),
        ),
        heard=(EventRef(EventKind.GRADE, 7),),
    )


def replace_id(call: CallRecord) -> CallRecord:
    return replace(call, call_id=uuid4())


def away(tmp_path: Path) -> Database:
    """A database that does not answer: its folder is gone."""
    return Database(f"sqlite:///{tmp_path / 'gone' / 'eschool.db'}", SECRET_KEY.encode())


def stored_calls(database: Database) -> list[tuple[str, int]]:
    with database.reading() as session:
        steps = select(func.count()).where(StepOfCall.call_id == Call.id).scalar_subquery()
        return [(str(call_id), count) for call_id, count in session.execute(select(Call.call_id, steps))]


def test_a_call_is_stored_at_once(database: Database, tmp_path: Path) -> None:
    call = record()
    CallSpool(database, tmp_path / "waiting").store(call)
    assert stored_calls(database) == [(str(call.call_id), 2)]
    assert not (tmp_path / "waiting").exists()


def test_calls_that_end_together_share_a_transaction_and_a_bad_record_loses_none_of_the_others(
    database: Database, tmp_path: Path
) -> None:
    spool, commits = CallSpool(database, tmp_path / "waiting"), 0
    ended = [record() for _ in range(20)]
    naive = replace(record(), started_at=datetime(2026, 11, 23))  # noqa: DTZ001

    @event.listens_for(Engine, "commit")
    def count(_connection: Connection) -> None:
        nonlocal commits
        commits += 1

    spool.start()
    try:
        for one in ended:
            spool.store(one)
        spool.stop()
        assert commits <= 3
        spool.start()
        for one in (naive, *map(replace_id, ended)):
            spool.store(one)
        spool.stop()
    finally:
        event.remove(Engine, "commit", count)
    assert len(stored_calls(database)) == 40


def test_nobody_waits_for_a_record_and_stopping_waits_for_all(database: Database, tmp_path: Path) -> None:
    spool = CallSpool(database, tmp_path / "waiting")
    spool.start()
    with database.session() as session:
        session.connection()  # the write lock of SQLite is taken
        for _ in range(5):
            spool.store(record())
    spool.stop()
    assert len(stored_calls(database)) == 5


def test_while_calls_go_on_those_that_wait_on_disk_are_stored(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("agi.call_spool.RETRY_SECONDS", 0.3)  # the test waits as long
    folder = tmp_path / "waiting"
    nowhere = away(tmp_path)
    spool = CallSpool(database, folder)
    spool.start()
    CallSpool(nowhere, folder).store(record())
    nowhere.dispose()
    deadline, ended = time.monotonic() + 30, 0
    while list(folder.iterdir()) and time.monotonic() < deadline:
        spool.store(record())
        ended += 1
        time.sleep(0.1)
    spool.stop()
    assert list(folder.iterdir()) == []
    assert len(stored_calls(database)) == ended + 1


def test_a_call_without_a_database_waits_on_disk_for_its_owner_alone_and_is_stored_once(
    database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "waiting"
    call = record()
    nowhere = away(tmp_path)
    CallSpool(nowhere, folder).store(call)
    nowhere.dispose()
    (file,) = folder.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    copy = file.read_text("utf-8")

    back = CallSpool(database, folder)
    assert back.drain_once() == 1
    assert list(folder.iterdir()) == []
    file.write_text(copy, "utf-8")  # as if the process had been killed between storing and deleting
    back.drain_once()
    assert stored_calls(database) == [(str(call.call_id), 2)]


def test_while_the_database_stays_away_nothing_is_lost(tmp_path: Path) -> None:
    folder = tmp_path / "waiting"
    nowhere = away(tmp_path)
    spool = CallSpool(nowhere, folder)
    for _ in range(3):
        spool.store(record())
    assert spool.drain_once() == 0
    assert len(list(folder.iterdir())) == 3
    nowhere.dispose()


def test_what_a_crash_left_half_written_is_not_kept(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has the caller's number, and nobody comes back to it."""
    monkeypatch.setattr("agi.call_spool.RETRY_SECONDS", 0.1)  # the test waits as long
    left, writing = parts(tmp_path)
    spool = CallSpool(database, tmp_path)
    spool.start()
    deadline = time.monotonic() + 30
    while left.exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    spool.stop()
    assert (left.exists(), writing.exists()) == (False, True)


@pytest.mark.parametrize("rubbish", ["", "{", '{"call_id": "x"}', "[]"])
def test_a_damaged_file_is_set_aside_and_the_others_are_stored(
    database: Database, tmp_path: Path, rubbish: str
) -> None:
    folder = tmp_path / "waiting"
    nowhere = away(tmp_path)
    CallSpool(nowhere, folder).store(record())
    nowhere.dispose()
    (folder / "0.json").write_text(rubbish, "utf-8")
    assert CallSpool(database, folder).drain_once() == 1
    assert [path.name for path in folder.iterdir()] == ["0.unreadable"]
