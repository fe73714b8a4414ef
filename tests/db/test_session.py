"""Sessions: what is committed, what is rolled back, who waits for whom, what a person is told when it fails."""

import asyncio
import multiprocessing
import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from db.migrate import upgrade
from db.models import School, SchoolYear
from db.session import SQLITE_WAIT, Database, open_database
from db.threads import SessionThreads
from devtools.pbx import CHECKOUT
from devtools.postgres import running_server
from devtools.site import SECRET_KEY
from errors import InputError, OperationError
from tests.conftest import settings_for

NOW = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)


def school(code: str) -> dict[str, object]:
    return {"institution_code": code, "name": "СУ", "town": "Русе", "created_at": NOW}


def test_the_product_waits_for_the_disk_at_each_commit(sqlite_template: Path) -> None:
    """A grade told to a parent survives a power cut; only tests do without, so it is asked in a process of its own."""
    asks = (
        "import sys; from sqlalchemy import make_url; from db.session import make_engine; "
        "print(make_engine(make_url(sys.argv[1])).connect().exec_driver_sql('PRAGMA synchronous').scalar())"
    )
    done = subprocess.run(
        [sys.executable, "-c", asks, f"sqlite:///{sqlite_template}"], capture_output=True, text=True, cwd=CHECKOUT
    )
    assert done.stdout == "2\n", done.stderr  # FULL


class TestTransactions:
    def test_a_session_commits_at_its_end(self, database: Database) -> None:
        with database.session() as session:
            session.execute(insert(School).values(school("1")))
        with database.reading() as session:
            assert session.scalars(select(School.institution_code)).all() == ["1"]

    def test_an_error_rolls_everything_back(self, database: Database) -> None:
        def fail_half_way() -> None:
            with database.session() as session:
                session.execute(insert(School).values(school("1")))
                raise KeyError

        with pytest.raises(KeyError):
            fail_half_way()
        with database.reading() as session:
            assert session.scalars(select(School.institution_code)).all() == []

    def test_a_reading_session_cannot_write(self, database: Database) -> None:
        def write() -> None:
            with database.reading() as session:
                session.execute(insert(School).values(school("1")))
                session.commit()

        with pytest.raises((OperationError, DBAPIError)):
            write()

    def test_foreign_keys_hold(self, database: Database) -> None:
        def write() -> None:
            with database.session() as session:
                session.execute(
                    insert(SchoolYear).values(school_id=77, starts_on=NOW.date(), ends_on=NOW.date() + timedelta(9))
                )

        with pytest.raises(DBAPIError, match=r"(?i)foreign key"):
            write()

    def test_no_value_of_a_row_stands_in_an_error(self, database: Database) -> None:
        def write_twice() -> None:
            with database.session() as session:
                session.execute(insert(School).values(school("1") | {"name": "Тайно училище"}))
                session.execute(insert(School).values(school("1") | {"name": "Тайно училище"}))

        with pytest.raises(DBAPIError) as caught:
            write_twice()
        assert "Тайно" not in str(caught.value)


class TestWorkInASession:
    """`Database.run`, and the same from an event loop."""

    @staticmethod
    def _add(session: Session, now: datetime) -> timedelta | None:
        session.execute(insert(School).values(school("1") | {"created_at": now}))
        return now.utcoffset()

    @staticmethod
    def _fail_half_way(session: Session, _now: datetime) -> None:
        session.execute(insert(School).values(school("2")))
        raise KeyError

    def test_it_is_committed_at_its_end_and_gives_what_it_gave(self, database: Database) -> None:
        assert database.run(self._add) == timedelta(0)
        with pytest.raises(KeyError):
            database.run(self._fail_half_way)
        assert database.run(lambda session, _: session.scalars(select(School.institution_code)).all()) == ["1"]

    def test_from_an_event_loop_it_waits_in_a_thread(self, database: Database) -> None:
        async def work() -> timedelta | None:
            with ThreadPoolExecutor(1) as executor:
                in_session = SessionThreads(database, executor)
                offset = await in_session(self._add)
                with pytest.raises(KeyError):
                    await in_session(self._fail_half_way)
                return offset

        assert asyncio.run(work()) == timedelta(0)
        with database.reading() as session:
            assert session.scalars(select(School.institution_code)).all() == ["1"]


class TestMoments:
    def test_a_moment_comes_back_in_utc(self, database: Database) -> None:
        sofia = datetime.fromisoformat("2026-11-24T18:00:00+02:00")
        with database.session() as session:
            session.execute(insert(School).values(school("1") | {"created_at": sofia}))
        with database.reading() as session:
            created = session.scalars(select(School.created_at)).one()
        assert created == sofia
        assert created.isoformat() == "2026-11-24T16:00:00+00:00"

    def test_a_naive_moment_is_refused(self, database: Database) -> None:
        def write() -> None:
            with database.session() as session:
                session.execute(insert(School).values(school("1") | {"created_at": datetime(2026, 11, 24)}))  # noqa: DTZ001

        with pytest.raises(Exception, match="time zone"):
            write()


class TestOpening:
    def test_a_missing_sqlite_file_says_what_to_run(self, tmp_path: Path) -> None:
        with pytest.raises(OperationError, match="run `eschool db upgrade`"):
            open_database(settings_for(tmp_path, f"sqlite:///{tmp_path / 'none.db'}"))

    def test_a_database_without_tables_says_what_to_run(self, tmp_path: Path) -> None:
        sqlite3.connect(tmp_path / "empty.db").close()
        with pytest.raises(OperationError, match=r"version none.*run `eschool db upgrade`"):
            open_database(settings_for(tmp_path, f"sqlite:///{tmp_path / 'empty.db'}"))

    def test_a_file_that_is_no_database_is_named_as_such(self, tmp_path: Path) -> None:
        (tmp_path / "letter.db").write_text("Уважаеми родители, " * 100)
        with pytest.raises(OperationError, match="not a database"):
            open_database(settings_for(tmp_path, f"sqlite:///{tmp_path / 'letter.db'}"))

    def test_a_server_that_is_away_is_told_in_one_sentence_without_its_password(self, tmp_path: Path) -> None:
        with pytest.raises(OperationError, match="does not answer") as caught:
            open_database(settings_for(tmp_path, f"postgresql://eschool:geheim@/x?host={tmp_path}"))
        assert "geheim" not in str(caught.value)
        assert "\n" not in str(caught.value)

    @pytest.mark.parametrize(
        ("url", "told"),
        [
            ("eschool.db", "not a database address"),
            ("mysql://root@localhost/eschool", "names mysql"),
            ("sqlite://", "names no SQLite file"),
            ("sqlite:///:memory:", "names no SQLite file"),
        ],
    )
    def test_an_unusable_address_is_explained(self, url: str, told: str, tmp_path: Path) -> None:
        with pytest.raises(InputError, match=told):
            open_database(settings_for(tmp_path, url))


class TestManyAtOnce:
    def test_a_writer_who_waits_for_too_long_is_told_so_and_writes_later(
        self, sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("db.session.SQLITE_WAIT", 0.2)
        path = tmp_path / "locked.db"
        path.write_bytes(sqlite_template.read_bytes())
        database = Database(f"sqlite:///{path}", SECRET_KEY.encode())
        another = sqlite3.connect(path, isolation_level=None)
        another.execute("BEGIN IMMEDIATE")
        with pytest.raises(OperationError, match="does not answer: database is locked"), database.session() as session:
            session.execute(insert(School).values(school("1")))
        another.execute("ROLLBACK")
        another.close()
        with database.session() as session:
            session.execute(insert(School).values(school("1")))
        database.dispose()

    def test_threads_and_another_process_write_and_nobody_meets_a_locked_database(
        self, sqlite_template: Path, tmp_path: Path
    ) -> None:
        path = tmp_path / "busy.db"
        path.write_bytes(sqlite_template.read_bytes())
        url = f"sqlite:///{path}"
        other = multiprocessing.get_context("spawn").Process(target=write_schools, args=(url, "process", 150))
        other.start()
        database = Database(url, SECRET_KEY.encode())
        failures: list[BaseException] = []
        waits: list[float] = []

        def call(number: int) -> None:
            try:
                for turn in range(5):
                    began = time.perf_counter()
                    with database.reading() as session:
                        session.scalar(select(School.id).limit(1))
                    with database.session() as session:
                        session.execute(insert(School).values(school(f"{number}-{turn}")))
                    waits.append(time.perf_counter() - began)
            except BaseException as error:
                failures.append(error)

        threads = [threading.Thread(target=call, args=(number,)) for number in range(60)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        other.join()
        assert failures == []
        assert other.exitcode == 0
        with database.reading() as session:
            assert len(session.scalars(select(School.id)).all()) == 60 * 5 + 150
        database.dispose()
        print(f"longest wait of 60 threads beside a writing process: {max(waits):.2f} s")

    def test_a_reader_does_not_wait_for_a_writer(self, sqlite_template: Path, tmp_path: Path) -> None:
        path = tmp_path / "slow.db"
        path.write_bytes(sqlite_template.read_bytes())
        database = Database(f"sqlite:///{path}", SECRET_KEY.encode())
        with database.session() as writing:
            writing.execute(insert(School).values(school("1")))
            began = time.perf_counter()
            with database.reading() as session:
                assert session.scalar(select(School.id)) is None
            assert time.perf_counter() - began < SQLITE_WAIT / 2
        database.dispose()


class TestServerRestart:
    def test_connections_of_before_a_restart_are_replaced_unnoticed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("db.session.SERVER_IDLE", 0.0)
        with running_server() as server:
            server.create("kept")
            upgrade(settings_for(tmp_path, server.url("kept")))
            database = Database(server.url("kept"), SECRET_KEY.encode())
            with database.reading() as session:
                assert session.scalar(text("SELECT 1")) == 1
            server.end_connections("kept")
            with database.reading() as session:
                assert session.scalar(text("SELECT 1")) == 1
        with pytest.raises(OperationError, match="does not answer"), database.reading() as session:
            session.scalar(text("SELECT 1"))
        database.dispose()


def write_schools(url: str, name: str, many: int) -> None:
    database = Database(url, SECRET_KEY.encode())
    for number in range(many):
        with database.session() as session:
            session.execute(insert(School).values(school(f"{name[0]}{number}")))
            time.sleep(0.002)  # a writer that holds the lock for a while
    database.dispose()
