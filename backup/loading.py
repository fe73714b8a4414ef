"""A backup's database put into an empty one, of either kind, within the transaction of the caller."""

import re
import sqlite3
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

import psycopg
from alembic import command
from psycopg import sql
from sqlalchemy import Connection, Table, text

from backup.rows import parsed, parsers, writers, written
from backup.sealed import BadBackupError
from backup.server_programs import program
from db.base import Base
from db.migrate import config
from errors import OperationError

BATCH = 2**20
"""Bytes of rows that are written together, a row's more at the most: some rows are recordings."""
NOT_LOADED = frozenset({"alembic_version"})
"""The migrations have written it already."""
_COPY = re.compile(rb'COPY (?:"?\w+"?\.)?"?(\w+)"? \((.*)\) FROM stdin;\n')
_SEQUENCE = re.compile(rb"SELECT pg_catalog\.setval\('(?:\"?\w+\"?\.)?\"?(\w+)\"?', (\d+), (true|false)\);\n")


def make_tables(connection: Connection, version: str) -> None:
    """The tables as that version of the program makes them, or those that are there brought up to it."""
    command.upgrade(config(connection), version)


def from_dump(connection: Connection, blocks: Iterator[bytes], told: Callable[[int], None]) -> None:
    """Load what pg_dump wrote, given in blocks, into tables of the same version. Raises OperationError."""
    into: _IntoServer | _IntoSqlite = (
        _IntoSqlite(connection) if connection.dialect.name == "sqlite" else _IntoServer(connection)
    )
    done = 0
    empty(connection)
    with into, _as_text(blocks) as lines:
        for line in lines:
            if found := _COPY.fullmatch(line):
                table = found[1].decode()
                if table in NOT_LOADED:
                    for _ in _rows(lines):
                        """It is passed over."""
                    continue
                columns = [name.strip().strip('"') for name in found[2].decode().split(",")]
                for number in into.copy(table, columns, _rows(lines)):
                    done += number
                    told(done)
            elif found := _SEQUENCE.fullmatch(line):
                into.set_sequence(found[1].decode(), int(found[2]), is_called=found[3] == b"true")


def from_sqlite(connection: Connection, path: Path, told: Callable[[int], None]) -> None:
    """Load a SQLite file into a server's tables; both are of this program's version. Raises OperationError."""
    done = 0
    empty(connection)
    with (
        _IntoServer(connection) as into,
        closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as source,
    ):
        for table in Base.metadata.sorted_tables:
            columns = [column.name for column in table.columns]
            names = ", ".join(f'"{name}"' for name in columns)
            makers = writers(table, columns)
            rows = source.execute(f'SELECT {names} FROM "{table.name}"')  # noqa: S608  # names of our own tables
            for number in into.copy(table.name, columns, (written(row, makers).encode() for row in rows)):
                done += number
                told(done)
        into.follow_ids(dict(source.execute("SELECT name, seq FROM sqlite_sequence").fetchall()))


def empty(connection: Connection) -> None:
    """Delete what migrations wrote into tables: the backup has it too."""
    for table in reversed(Base.metadata.sorted_tables):
        if connection.dialect.has_table(connection, table.name):
            connection.execute(table.delete())


class _IntoServer:
    """Foreign keys and indexes are made anew when all rows are there: so rows come in any order, and every key is
    checked once more.
    """

    def __init__(self, connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        self._server: psycopg.Connection = driver
        self._again: list[sql.SQL | sql.Composed] = []

    def __enter__(self) -> "_IntoServer":
        keys = self._server.execute(
            "SELECT c.relname, k.conname, pg_get_constraintdef(k.oid) FROM pg_constraint k "
            "JOIN pg_class c ON c.oid = k.conrelid "
            "WHERE k.contype = 'f' AND k.connamespace = current_schema()::regnamespace ORDER BY c.relname, k.conname"
        ).fetchall()
        indexes = self._server.execute(
            "SELECT c.relname, pg_get_indexdef(i.indexrelid) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
            "WHERE c.relnamespace = current_schema()::regnamespace "
            "AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid) ORDER BY c.relname"
        ).fetchall()
        for table, name, _ in keys:
            self._server.execute(
                sql.SQL("ALTER TABLE {} DROP CONSTRAINT {}").format(sql.Identifier(table), sql.Identifier(name))
            )
        for name, _ in indexes:
            self._server.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        self._again = [sql.SQL(definition) for _, definition in indexes]
        self._again += [
            sql.SQL("ALTER TABLE {} ADD CONSTRAINT {} {}").format(
                sql.Identifier(table), sql.Identifier(name), sql.SQL(definition)
            )
            for table, name, definition in keys
        ]
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            for statement in self._again:
                self._server.execute(statement)

    def copy(self, table: str, columns: Sequence[str], rows: Iterator[bytes]) -> Iterator[int]:
        """Write rows of COPY; gives how many, batch by batch."""
        into = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        if table not in Base.metadata.tables and not self._is_there(table):
            raise OperationError(f"The backup has a table {table} that this program's database has not.")
        # Values were read with the server's own zone, so every moment says which it is.
        with self._server.cursor() as cursor, cursor.copy(into) as copy:
            for batch in _batches(rows):
                copy.write(b"".join(batch))
                yield len(batch)

    def set_sequence(self, name: str, value: int, *, is_called: bool) -> None:
        """The ids go on where they were."""
        self._server.execute("SELECT setval(%s::regclass, %s, %s)", [name, value, is_called])

    def follow_ids(self, given: Mapping[str, int]) -> None:
        """The ids go on after the highest one there is, and after the highest one that was ever `given`, by table."""
        for table in Base.metadata.sorted_tables:
            if list(table.primary_key.columns.keys()) != ["id"]:
                continue
            name = self._server.execute("SELECT pg_get_serial_sequence(%s, 'id')", [table.name]).fetchone()
            if name and name[0]:
                self._server.execute(
                    sql.SQL(
                        "SELECT setval({sequence}, greatest(max(id), {given})) FROM {table} "
                        "HAVING greatest(max(id), {given}) IS NOT NULL"
                    ).format(
                        sequence=sql.Literal(name[0]),
                        table=sql.Identifier(table.name),
                        given=sql.Literal(given.get(table.name) or None),
                    )
                )

    def _is_there(self, table: str) -> bool:
        return self._server.execute("SELECT to_regclass(%s)", [table]).fetchone() != (None,)


class _IntoSqlite:
    """Foreign keys are not checked meanwhile, but all at the end: by whoever has opened the connection."""

    def __init__(self, connection: Connection) -> None:
        driver: Any = connection.connection.driver_connection
        self._file: sqlite3.Connection = driver

    def __enter__(self) -> "_IntoSqlite":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is to be made anew."""

    def copy(self, table: str, columns: Sequence[str], rows: Iterator[bytes]) -> Iterator[int]:
        """Write rows of COPY; gives how many, batch by batch."""
        known: Table | None = Base.metadata.tables.get(table)
        if known is None or not {*columns} <= {*known.columns.keys()}:
            raise OperationError(
                f"The backup has a table {table} that this program does not know: restore it onto PostgreSQL first."
            )
        makers = parsers(known, columns)
        statement = f'INSERT INTO "{table}" ({", ".join(columns)}) VALUES ({", ".join("?" * len(columns))})'  # noqa: S608
        for batch in _batches(rows):
            self._file.executemany(statement, [parsed(row[:-1].decode(), makers) for row in batch])
            yield len(batch)

    def set_sequence(self, name: str, value: int, *, is_called: bool) -> None:
        """SQLite has one only for tables whose ids must never come again: it goes on where the server's was."""
        table = Base.metadata.tables.get(name.removesuffix("_id_seq"))
        if table is None or not is_called or not table.dialect_options["sqlite"]["autoincrement"]:
            return
        found = self._file.execute(
            "UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", [value, table.name]
        ).rowcount
        if not found:  # it has no row yet, and SQLite makes it with the first one
            self._file.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", [table.name, value])


def check_rows(connection: Connection, rows: Mapping[str, int]) -> None:
    """Raises BadBackupError unless every table has as many rows as the backup says."""
    for table, number in rows.items():
        if table in NOT_LOADED:
            continue
        name = connection.dialect.identifier_preparer.quote(table)
        found = connection.execute(text(f"SELECT count(*) FROM {name}")).scalar()  # noqa: S608
        if found != number:
            raise BadBackupError(f"The table {table} has {found} rows, the backup says {number}: take another backup.")


@contextmanager
def _as_text(blocks: Iterator[bytes]) -> Iterator[IO[bytes]]:
    """The data of a dump as pg_restore writes it: COPY statements with their rows."""
    with tempfile.TemporaryFile() as complaints:
        process = subprocess.Popen(
            [program("pg_restore"), "--data-only", "--no-owner", "--no-privileges", "--file=-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=complaints,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        feeder = _Feeder(blocks, process.stdin)
        feeder.start()
        try:
            with process.stdout as lines:
                yield lines
            feeder.join()
            if feeder.failed is not None:
                raise feeder.failed
            if process.wait():
                complaints.seek(0)
                why = " ".join(complaints.read(2000).decode("utf-8", "replace").split())
                raise OperationError(f"The database of the backup cannot be read (pg_restore: {why}).")
        finally:
            process.kill()
            process.wait()
            feeder.join()


class _Feeder(threading.Thread):
    """Gives pg_restore the dump while its answer is read."""

    def __init__(self, blocks: Iterator[bytes], into: IO[bytes]) -> None:
        super().__init__(name="dump", daemon=True)
        self._blocks = blocks
        self._into = into
        self.failed: Exception | None = None

    def run(self) -> None:
        try:
            with self._into as file:
                for block in self._blocks:
                    try:
                        file.write(block)
                    except BrokenPipeError:
                        """It has enough, or has failed and says why; the rest is read to see that it is whole."""
        except BrokenPipeError:
            return
        except Exception as error:
            self.failed = error


def _rows(lines: IO[bytes]) -> Iterator[bytes]:
    r"""The lines up to `\.`."""
    for line in lines:
        if line == b"\\.\n":
            return
        yield line
    raise OperationError("The database of the backup ends in the middle of a table.")


def _batches(rows: Iterator[bytes]) -> Iterator[list[bytes]]:
    batch: list[bytes] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += len(row)
        if size >= BATCH:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
