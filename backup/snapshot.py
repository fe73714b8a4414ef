"""The database as it is at one moment, while the processes go on writing."""

import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql
from sqlalchemy import URL

from backup import disk
from backup.server_programs import USE, environment, program
from db.connecting import connect
from db.failures import failure
from db.migrations import HEAD
from errors import OperationError

KEYS = "SELECT DISTINCT secret_key FROM data_key"
PAGES = 4096
"""Pages of SQLite that are copied between two words about progress."""
Told = Callable[[str, int, int], None]
"""Is told what is done, how many bytes of it, and of how many (0: nobody knows)."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """`rows` by table; `file` is to be read to its end."""

    made_at: datetime
    version: str
    rows: Mapping[str, int]
    keys: frozenset[str]
    """Fingerprints of the secret keys that its data keys are wrapped with: one, or none in an old database."""
    file: IO[bytes]
    size: int
    """Bytes, or 0: it is not known before its end."""
    check_end: Callable[[], None] = lambda: None
    """To be called at the end of `file`. Raises OperationError when that is not the end of the database."""


@contextmanager
def of_sqlite(path: Path, work: Path, told: Told) -> Iterator[Snapshot]:
    """A copy by SQLite's own backup API, in the folder `work`.

    The source's read transaction stays open meanwhile, so the whole copy is of one moment and nobody who writes makes
    it begin anew; writers wait for nothing, their write-ahead log grows until it is done.
    """
    if not path.exists():
        raise OperationError(f"There is no database {path} yet: run `eschool db upgrade`.")
    disk.check_room(work, path.stat().st_size, "a copy of the database")
    copy = work / "copy.db"
    with disk.told(work, "the copy of the database"), closing(sqlite3.connect(path, timeout=15)) as source:
        page_size = source.execute("PRAGMA page_size").fetchone()[0]
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()  # the moment: from here on the snapshot holds
        made_at = datetime.now(UTC)

        def step(_status: int, remaining: int, total: int) -> None:
            told("copying the database", (total - remaining) * page_size, total * page_size)

        with closing(sqlite3.connect(copy)) as target:
            source.backup(target, pages=PAGES, progress=step, sleep=0)
            target.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
        source.rollback()
    with disk.told(work, "the copy of the database"), closing(sqlite3.connect(copy)) as found:
        version, rows = _checked(sqlite_version(found)), sqlite_rows(found)
        keys = frozenset(row[0] for row in found.execute(KEYS)) if "data_key" in rows else frozenset()
    with copy.open("rb") as file:
        yield Snapshot(made_at, version, rows, keys, file, copy.stat().st_size)


@contextmanager
def of_server(url: URL, _work: Path, _told: Told) -> Iterator[Snapshot]:
    """What pg_dump writes, in its custom format and not compressed; the rows are counted in the same snapshot."""
    try:
        with connect(url, USE) as connection:
            for limit in ("idle_in_transaction_session_timeout", "statement_timeout"):
                connection.execute(f"SET {limit} = 0")  # it is idle while pg_dump works, and counting may take long
            connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            found = connection.execute("SELECT pg_export_snapshot(), current_schema()").fetchone()
            assert found is not None
            name, schema = found
            made_at = datetime.now(UTC)
            version, rows = _checked(server_version(connection)), server_rows(connection)
            keys = frozenset(row[0] for row in connection.execute(KEYS)) if "data_key" in rows else frozenset()
            with _dumped(url, name, schema) as (file, check_end):
                yield Snapshot(made_at, version, rows, keys, file, 0, check_end)
    except psycopg.Error as error:
        raise failure(error, url) from error


@contextmanager
def _dumped(url: URL, snapshot: str, schema: str) -> Iterator[tuple[IO[bytes], Callable[[], None]]]:
    command = [program("pg_dump"), "--format=custom", "--compress=0", "--no-owner", "--no-privileges", "--no-password"]
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            [*command, f"--snapshot={snapshot}", f"--schema={schema}"],
            stdout=subprocess.PIPE,
            stderr=complaints,
            env=environment(url),
        )
        assert process.stdout is not None

        def check_end() -> None:
            if process.wait():
                complaints.seek(0)
                why = " ".join(complaints.read(2000).decode("utf-8", "replace").split())
                raise OperationError(f"pg_dump failed: {why}")

        with process.stdout as file:
            try:
                yield file, check_end
            finally:
                process.kill()  # it has ended, or nobody needs the rest
                process.wait()


def sqlite_version(connection: sqlite3.Connection) -> str | None:
    """The version of the tables; None: it has none."""
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError:
        return None
    return str(row[0]) if row else None


def sqlite_rows(connection: sqlite3.Connection) -> dict[str, int]:
    """How many rows each table has."""
    names = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name"
    ).fetchall()
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in names}  # noqa: S608


def server_version(connection: psycopg.Connection) -> str | None:
    """The same of a server."""
    if connection.execute("SELECT to_regclass('alembic_version')").fetchone() == (None,):
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def server_rows(connection: psycopg.Connection) -> dict[str, int]:
    """The same of a server."""
    found = {}
    for (name,) in connection.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename"
    ).fetchall():
        row = connection.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name))).fetchone()
        assert row is not None
        found[name] = int(row[0])
    return found


def _checked(version: str | None) -> str:
    """Only what this program can restore is a backup. Raises OperationError."""
    if version is None or version > HEAD:
        raise OperationError(
            f"The database is of version {version or 'none'}, this program is of {HEAD}: back it up with the program "
            "that made it."
        )
    return version
