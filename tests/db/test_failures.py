"""What people are told when the database fails: who holds it, what is wrong, and what to do."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from db import session as sessions
from db.connecting import COMMAND
from db.failures import lock_holders, reason
from db.migrations import HEAD
from db.session import Database, VersionRefusedError, database_of_service, open_database
from errors import DiskError, OperationError
from settings import Settings
from tests.cli.test_command_line import eschool, sentence
from tests.conftest import settings_for

HOLDER = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode").fetchone()
connection.execute(sys.argv[2])
connection.execute("UPDATE alembic_version SET version_num = version_num")
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def of_sqlite(sqlite_template: Path, tmp_path: Path) -> Settings:
    (tmp_path / "eschool.db").write_bytes(sqlite_template.read_bytes())
    return settings_for(tmp_path, f"sqlite:///{tmp_path / 'eschool.db'}")


def touch(session: Session, _now: datetime) -> None:
    session.execute(text("UPDATE alembic_version SET version_num = version_num"))


def fill(session: Session, _now: datetime) -> None:
    session.execute(text("CREATE TABLE large (content BLOB)"))
    session.execute(text("INSERT INTO large VALUES (randomblob(8000000))"))


@contextmanager
def another_program(path: Path, begin: str) -> Iterator[int]:
    """A program that holds the lock of a writer; gives its process number."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path), begin], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process.pid
        process.communicate("")


@pytest.mark.parametrize("begin", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_who_holds_the_lock_is_named(of_sqlite: Settings, monkeypatch: pytest.MonkeyPatch, begin: str) -> None:
    monkeypatch.setattr(sessions, "SQLITE_WAIT", 0.3)
    database = open_database(of_sqlite)
    path = of_sqlite.home_path / "eschool.db"
    with another_program(path, begin) as process:
        with pytest.raises(OperationError, match=rf"is locked by python\S* \(process {process}\)"):
            database.run(touch)
        with database.reading() as session:  # readers wait for nobody
            session.execute(text("SELECT 1"))
    assert lock_holders(path) == []
    database.run(touch)
    database.dispose()


def test_who_holds_a_database_of_the_older_kind_of_journal_is_named(of_sqlite: Settings) -> None:
    path = of_sqlite.home_path / "eschool.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")
    with another_program(path, "BEGIN IMMEDIATE") as process:
        (holder,) = lock_holders(path)
        assert f"(process {process})" in holder


@pytest.mark.parametrize("what", ["a row twice", "a value left out", "a value of another kind"])
def test_no_value_of_a_row_stands_in_what_is_logged(database: Database, what: str) -> None:
    odd = {
        "sqlite": ("SELECT CAST(x'd09cd0b0d180d0b8d18fd0' AS text)", "UTF-8"),
        "postgresql": ("SELECT CAST('Мария' AS integer)", "cannot be used (InvalidTextRepresentation"),
    }
    given, told = {
        "a row twice": ("INSERT INTO pupil VALUES ('Мария', 1), ('Мария', 2)", "unique"),
        "a value left out": ("INSERT INTO pupil VALUES ('Мария', NULL)", "null"),
        "a value of another kind": odd[database._writer.dialect.name],
    }[what]
    with database._writer.connect() as connection:
        connection.execute(text("CREATE TEMPORARY TABLE pupil (name text PRIMARY KEY, grade integer NOT NULL)"))
        with pytest.raises(DBAPIError) as raised:
            connection.execute(text(given)).all()
    words = reason(raised.value)
    assert told in words.replace("UNIQUE", "unique").replace("NULL", "null")
    assert "Мария" not in words
    assert "\n" not in words


@pytest.mark.skipif(os.geteuid() != 0, reason="mounts a small disk")
def test_a_full_disk_is_told(sqlite_template: Path, tmp_path: Path) -> None:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4m", "none", str(folder)], check=False)
    if mount.returncode != 0:
        pytest.skip("nothing can be mounted here")
    try:
        (folder / "eschool.db").write_bytes(sqlite_template.read_bytes())
        database = open_database(settings_for(tmp_path, f"sqlite:///{folder / 'eschool.db'}"))
        with pytest.raises(DiskError, match=r"disk is full .*: make room") as raised:
            database.run(fill)
        assert raised.value.is_full
        database.run(touch)  # what there is room for goes on, without a restart
        database.dispose()
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_damaged_file_names_the_command_that_examines_it(of_sqlite: Settings) -> None:
    path = of_sqlite.home_path / "eschool.db"
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(os.urandom(path.stat().st_size - 4096))
    with pytest.raises(OperationError, match=r"is damaged .*eschool db check"):
        open_database(of_sqlite)
    path.write_bytes(b"no database at all" * 1000)
    with pytest.raises(OperationError, match=r"is damaged .*eschool db check"):
        open_database(of_sqlite)


@pytest.mark.parametrize("version", ["0001", "9999"])
def test_another_version_is_refused_by_all_that_read_and_write(settings: Settings, version: str) -> None:
    database = open_database(settings)
    with database.session() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :version"), {"version": version})
    database.dispose()
    what = f"newer than this program's {HEAD}" if version > HEAD else "run `eschool db upgrade`"
    for opens in (open_database, database_of_service):
        with pytest.raises(VersionRefusedError, match=what):
            opens(settings, COMMAND)


PROCESSES = (("agi", "serve"), ("agi", "dial"), ("sms", "serve"), ("mail", "serve"), ("scheduler", "serve"))
COMMANDS = (("db", "check"), ("db", "upgrade"), ("outbox", "show"), ("demo",), ("key", "fingerprint"))


@pytest.mark.slow
@pytest.mark.parametrize("command", [*PROCESSES, *COMMANDS], ids=" ".join)
def test_a_newer_database_is_one_sentence_whatever_is_asked(of_sqlite: Settings, command: tuple[str, ...]) -> None:
    with closing(sqlite3.connect(of_sqlite.home_path / "eschool.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    result = eschool(*command, home=of_sqlite.home_path, ESCHOOL_SECRET_KEY=of_sqlite.secret_key)
    told = [line for line in (result.stderr + result.stdout).splitlines() if "9999" in line]
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert len(told) == 1, result.stderr + result.stdout
    assert "newer than this program's" in told[0]


def test_a_database_that_was_not_set_up_is_waited_for_by_services(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, f"sqlite:///{tmp_path / 'eschool.db'}")
    database = database_of_service(settings, COMMAND)
    assert not (tmp_path / "eschool.db").exists()
    with pytest.raises(OperationError, match="There is no database"), database.reading():
        pass
    with closing(sqlite3.connect(tmp_path / "eschool.db")) as connection:
        connection.execute("CREATE TABLE other (id)")
    with pytest.raises(OperationError, match="run `eschool db upgrade`"), database.reading():
        pass
    assert "eschool db upgrade" in sentence(eschool("db", "check", home=tmp_path), 1)
