"""A backup's database made anew in an empty place, brought up to this program's version, and looked at."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import DBAPIError

from backup import disk, loading
from backup.archive import DATABASE, Reader
from backup.sealed import BadBackupError, Header
from backup.server_programs import USE
from backup.snapshot import Told, sqlite_rows
from db import keys
from db.failures import failure, is_damaged, reason
from db.migrate import alone, engine_for
from db.migrations import HEAD
from db.vault import Vault
from errors import DiskError, InputError, OperationError

UNFIT = (psycopg.IntegrityError, psycopg.DataError, sqlite3.IntegrityError)
"""What is in the backup does not fit its own tables."""
AWAY = (psycopg.OperationalError, psycopg.InterfaceError, sqlite3.OperationalError)
"""The database into which it is restored failed."""


@dataclass(frozen=True, slots=True)
class Source:
    """An opened backup; `work` is a private folder for what is needed meanwhile."""

    reader: Reader
    secret_key: bytes
    work: Path
    told: Told

    @property
    def size(self) -> int:
        """Bytes of the database as it lies in the backup."""
        return self.reader.manifest.files[DATABASE[self.reader.header.database]].size


def check_versions(header: Header, url: URL) -> None:
    """Raises InputError when this program cannot make that database of the backup."""
    if header.version > HEAD:
        raise InputError(
            f"The backup is of version {header.version}, newer than this program's {HEAD}: restore it with the program "
            f"that made it ({header.program}) or a newer one."
        )
    if header.database == "postgresql" and url.drivername == "sqlite" and header.version != HEAD:
        raise InputError(
            f"The backup is of version {header.version}, this program is of {HEAD}: restore it onto PostgreSQL, or "
            f"with the program that made it ({header.program})."
        )


@contextmanager
def built(source: Source, url: URL) -> Iterator[Connection]:
    """The database, in a transaction that the end of the context commits; of SQLite it is committed already.

    On a server all of it is one transaction, also bringing up an older version: nobody uses the database yet, so the
    indexes and checks that an upgrade leaves for later (`db.migrations.online`) are made at once, and a restore that is
    broken off leaves nothing. That needs migrations which commit nothing themselves.

    `url` names a SQLite file that is not there yet, or an empty database of a server. Raises OperationError.
    """
    try:
        if url.drivername == "sqlite":
            _build_file(source, Path(str(url.database)), url)
        with transaction(url, is_alone=url.drivername != "sqlite") as connection:
            if url.drivername != "sqlite":
                _build_on_server(source, connection)
            yield connection
    except DiskError as error:
        raise DiskError(f"{error} Nothing was restored.", is_full=error.is_full) from error
    except (DBAPIError, psycopg.Error, sqlite3.Error) as error:
        raise _in_words(error, url) from error


def _in_words(error: Exception, url: URL) -> OperationError:
    """What the driver's or SQLAlchemy's error means for the backup."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, UNFIT) or is_damaged(error):
        return BadBackupError(f"The database of the backup cannot be restored: {reason(error)}. Take another one.")
    if not isinstance(cause, AWAY):
        return OperationError(f"The database of the backup could not be restored: {reason(error)}.")
    told = failure(error, url, named=True)
    return DiskError(f"{told} Nothing was restored.", is_full=told.is_full) if isinstance(told, DiskError) else told


def vault_of(connection: Connection, secret_key: bytes) -> Vault:
    """What encrypts for the restored database; it is tried. Raises BadBackupError when it reads nothing."""
    vault = keys.opened(connection, secret_key, unfinished=True) or keys.establish(connection, secret_key)
    read, unreadable = keys.tried(connection, vault)
    if unreadable and not read:
        raise BadBackupError("The secret key opens nothing of what the backup's database holds encrypted.")
    return vault


def _build_file(source: Source, path: Path, url: URL) -> None:
    reader = source.reader
    if reader.header.database == "sqlite":
        extract(source, path)
        check_file(path)
        with transaction(url, keys_checked=False) as connection:
            loading.check_rows(connection, reader.manifest.rows)
            if reader.header.version != HEAD:
                loading.make_tables(connection, HEAD)
    else:
        with transaction(url, keys_checked=False) as connection:
            loading.make_tables(connection, HEAD)
            _load_dump(source, connection)
    check_file(path)


def _build_on_server(source: Source, connection: Connection) -> None:
    reader = source.reader
    _prepare(connection)
    if reader.header.database == "postgresql":
        loading.make_tables(connection, reader.header.version)
        _load_dump(source, connection)
    else:
        file = source.work / "source.db"
        _build_file(source, file, URL.create("sqlite", database=str(file)))
        loading.make_tables(connection, HEAD)
        with closing(sqlite3.connect(file)) as brought_up:
            rows = dict(reader.manifest.rows) if reader.header.version == HEAD else sqlite_rows(brought_up)
        loading.from_sqlite(connection, file, lambda done: source.told("loading rows", done, sum(rows.values())))
        loading.check_rows(connection, rows)
        file.unlink()
    if reader.header.version != HEAD:
        loading.make_tables(connection, HEAD)


def _load_dump(source: Source, connection: Connection) -> None:
    rows = source.reader.manifest.rows
    blocks = source.reader.blocks(DATABASE["postgresql"])
    loading.from_dump(connection, blocks, lambda done: source.told("loading rows", done, sum(rows.values())))
    loading.check_rows(connection, rows)


def _prepare(connection: Connection) -> None:
    """As long as it takes. Raises InputError for a database that is not empty."""
    for limit in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
        connection.execute(text(f"SET LOCAL {limit} = 0"))
    check_empty(connection)


def check_empty(connection: Connection) -> None:
    """Raises InputError for a server's database that holds a table."""
    there = connection.execute(
        text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename LIMIT 1")
    ).scalar()
    if there is not None:
        raise InputError(
            f"The database holds a table {there} already: nothing is overwritten, so give the address of an empty one."
        )


def extract(source: Source, path: Path) -> None:
    """Write the backup's SQLite file to `path`, compared with the manifest. Raises OperationError."""
    done = 0
    with disk.told(path.parent, "the database"), path.open("xb") as file:
        for block in source.reader.blocks(DATABASE["sqlite"]):
            file.write(block)
            done += len(block)
            source.told("restoring the database", done, source.size)


def check_file(path: Path) -> None:
    """Raises BadBackupError when a SQLite file is damaged, or rows point at nothing."""
    with closing(sqlite3.connect(path)) as connection:
        for (said,) in connection.execute("PRAGMA quick_check(1)"):
            if said != "ok":
                raise BadBackupError(f"The database of the backup is damaged ({said}): take another backup.")
        broken = connection.execute("PRAGMA foreign_key_check").fetchone()
        if broken:
            raise BadBackupError(f"Rows of {broken[0]} in the backup point at nothing: take another backup.")


@contextmanager
def transaction(url: URL, *, keys_checked: bool = True, is_alone: bool = False) -> Iterator[Connection]:
    """One transaction on a connection of its own.

    `keys_checked`: whether SQLite looks at foreign keys meanwhile; `is_alone`: whether upgrades of the server's
    database, and other restores into it, have to wait. Raises OperationError when the database fails.
    """
    with (
        engine_for(url, USE, foreign_keys=keys_checked) as engine,
        alone(engine) if is_alone else nullcontext(),
        engine.begin() as connection,
    ):
        yield connection
