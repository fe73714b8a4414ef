"""Whether the database's file, or the server's, is whole: asked by a person, never by a process that serves."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Executable, func, select, text
from sqlalchemy.exc import DBAPIError

from db.base import Base
from db.connecting import database_url
from db.failures import reason
from db.migrate import transaction
from settings import Settings

FINDINGS = 20
"""How many SQLite looks for: damage seldom comes alone, and the first ones tell enough."""
INDEXES = text(
    "SELECT i.indexrelid, c.relname, i.indisvalid FROM pg_index i "
    "JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid "
    "JOIN pg_am a ON a.oid = c.relam "
    "WHERE t.relnamespace = current_schema()::regnamespace AND a.amname = 'btree' ORDER BY c.relname"
)


@dataclass(frozen=True, slots=True)
class Examination:
    """Sentences: what is damaged and what to do about it; and what could not be looked at."""

    damage: tuple[str, ...] = ()
    not_examined: tuple[str, ...] = ()


def examined(settings: Settings) -> Examination:
    """Read the whole database, which takes a second for each gigabyte or so, beside the processes that use it.

    Raises OperationError when it cannot be reached or is of another version.
    """
    url = database_url(settings.database)
    if url.drivername == "sqlite":
        path = Path(str(url.database))
        found = tuple(_of_file(path)) if path.exists() else ()
        if found:
            more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
            return Examination((f"The database {path} is damaged: {found[0]}{more}. {_what_to_do(path)}",))
        with transaction(settings):
            return Examination()
    with transaction(settings) as connection:
        return Examination(*_of_server(connection))


def _what_to_do(path: Path) -> str:
    return (
        "Stop every process, keep a copy of the file with its -wal and -shm, and restore the last backup; without one, "
        f"`sqlite3 {path} .recover | sqlite3 {path}.recovered` saves what can still be read. Then check the disk."
    )


def _of_file(path: Path) -> Iterator[str]:
    try:
        with closing(sqlite3.connect(path, timeout=15)) as connection:
            for (said,) in connection.execute(f"PRAGMA quick_check({FINDINGS})"):
                if said != "ok":
                    yield " ".join(str(said).split())
            broken = {(table, parent) for table, _, parent, _ in connection.execute("PRAGMA foreign_key_check")}
            for table, parent in sorted(broken):
                yield f"rows of {table} point at rows of {parent} that are not there"
    except sqlite3.DatabaseError as error:
        yield reason(error)


def _of_server(connection: Connection) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What an ordinary user of PostgreSQL may look at."""
    damage, not_examined = [], []
    advice = (
        "Stop every process and restore the last backup onto another disk; do not repair in place before the server's "
        "files have been copied."
    )
    for table in Base.metadata.sorted_tables:
        if error := _fails(connection, select(func.count()).select_from(table)):
            damage.append(f"The table {table.name} cannot be read: {error}. {advice}")
    failures = connection.execute(
        text("SELECT checksum_failures FROM pg_stat_database WHERE datname = current_database()")
    ).scalar()
    if failures is None:
        not_examined.append("The server keeps no checksums of its pages: switch them on with `pg_checksums --enable`.")
    elif failures:
        damage.append(f"The server has counted {failures} pages with a wrong checksum. {advice}")
    not_valid = connection.execute(text("SELECT conname FROM pg_constraint WHERE NOT convalidated ORDER BY 1"))
    damage += [f"The constraint {name} was never checked: run VALIDATE CONSTRAINT." for name in not_valid.scalars()]
    indexes = connection.execute(INDEXES).all()
    damage += [f"The index {row.relname} is not valid: run REINDEX." for row in indexes if not row.indisvalid]
    if _fails(connection, text("SELECT CAST('bt_index_check(regclass)' AS regprocedure)")):
        not_examined.append("Indexes: a superuser has to run CREATE EXTENSION amcheck in this database first.")
    elif _fails(connection, text("SELECT bt_index_check(CAST('pk_school' AS regclass))")):
        not_examined.append("Indexes: a superuser has to GRANT EXECUTE on bt_index_check(regclass) to this user first.")
    else:
        for row in indexes:
            if error := _fails(connection, select(func.bt_index_check(row.indexrelid))):
                damage.append(f"The index {row.relname} is damaged ({error}): run REINDEX INDEX, then check the disk.")
    return tuple(damage), tuple(not_examined)


def _fails(connection: Connection, statement: Executable) -> str:
    """The server's words when it cannot do it, else nothing; what went before goes on."""
    try:
        with connection.begin_nested():
            connection.execute(statement)
    except DBAPIError as error:
        return reason(error)
    return ""
