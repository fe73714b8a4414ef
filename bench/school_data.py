"""Fills a database with a whole platform of made-up schools, fast.

    python -m bench.school_data postgresql://... --schools 80 --students 50000 --grades 5000000

The database is brought up to date first; what it holds stays, the new schools come beside it. On PostgreSQL foreign
keys are not checked meanwhile where the account may switch that off (a superuser).
"""

import argparse
import io
import sqlite3
import time
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import psycopg
from psycopg import sql

from db.connecting import database_url
from db.migrate import upgrade
from demonstration.rows.platform import COLUMNS, Schools, Size
from school.security.crypto import vault_of
from settings import Settings

KEY = "a key for the bench that is long enough to be one"
BATCH = 20_000


@dataclass(frozen=True, slots=True)
class Filled:
    """What was written: new schools' ids, rows by table, seconds it took."""

    schools: tuple[int, ...]
    rows: dict[str, int]
    seconds: float


def fill(url: str, size: Size, *, key: bytes = KEY.encode(), seed: int = 1) -> Filled:
    """Add schools to a migrated database. `key` is the platform's secret key: national ids are encrypted with it."""
    began = time.perf_counter()
    address = database_url(url)
    vault = vault_of(key)
    if address.drivername == "sqlite":
        with closing(sqlite3.connect(str(address.database))) as lite, lite:
            schools = Schools(size, _last_ids(lite), vault, seed=seed)
            rows = {table: _into_sqlite(lite, table, schools) for table in COLUMNS}
            lite.execute("ANALYZE")
    else:
        with psycopg.connect(address.set(drivername="postgresql").render_as_string(hide_password=False)) as server:
            server.execute("SET TIME ZONE 'UTC'")
            _stop_checking(server)
            schools = Schools(size, _last_ids(server), vault, seed=seed)
            rows = {table: _into_postgresql(server, table, schools) for table in COLUMNS}
            _set_sequences(server)
            server.commit()
            server.autocommit = True
            server.execute("VACUUM ANALYZE")
    ids = tuple(dict.fromkeys(one.school_id for one in schools.classes))
    return Filled(ids, rows, time.perf_counter() - began)


def _last_ids(connection: Any) -> dict[str, int]:
    """The highest id of each table that has ids of its own."""
    return {
        table: connection.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0]
        for table, columns in COLUMNS.items()
        if columns[0] == "id"
    }


def _into_sqlite(connection: sqlite3.Connection, table: str, schools: Schools) -> int:
    columns = COLUMNS[table]
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
    return connection.executemany(statement, schools.rows(table)).rowcount


def _into_postgresql(connection: psycopg.Connection, table: str, schools: Schools) -> int:
    names = sql.SQL(", ").join(map(sql.Identifier, COLUMNS[table]))
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
    rows, count = schools.rows(table), 0
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        while batch := list(islice(rows, BATCH)):
            text = io.StringIO()
            for row in batch:
                text.write("\t".join([_copied(value) for value in row]))
                text.write("\n")
            copy.write(text.getvalue())
            count += len(batch)
    return count


def _copied(value: Any) -> str:
    """A value in COPY's text format; our texts hold neither tabs nor backslashes."""
    if value is None:
        return "\\N"
    return "\\\\x" + value.hex() if isinstance(value, bytes) else str(value)


def _stop_checking(connection: psycopg.Connection) -> None:
    try:
        with connection.transaction():
            connection.execute("SET session_replication_role = replica")
    except psycopg.errors.InsufficientPrivilege:
        pass  # slower, and right all the same


def _set_sequences(connection: psycopg.Connection) -> None:
    for table, columns in COLUMNS.items():
        if columns[0] == "id":
            connection.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")


def main() -> None:
    """Read the command line, migrate, fill, and say how long it took."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("url")
    for name, default in (("schools", 80), ("students", 50_000), ("grades", 5_000_000)):
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    upgrade(Settings(home=Path(mkdtemp(prefix="eschool-bench-")), database_url=asked.url, secret_key=KEY))
    filled = fill(asked.url, Size(asked.schools, asked.students, asked.grades))
    for table, rows in filled.rows.items():
        print(f"{table:22}{rows:>12,}")
    print(f"schools {filled.schools[0]}..{filled.schools[-1]} in {filled.seconds:.1f} s")


if __name__ == "__main__":
    main()
