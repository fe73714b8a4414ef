"""Upgrading a database, even when several processes try at once."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import URL, Connection, event, text
from sqlalchemy.exc import DatabaseError, InterfaceError
from sqlalchemy.pool import ConnectionPoolEntry

import logs
from db import keys
from db.migrations import HEAD, VERSIONS
from db.session import check_version, database_url, is_away, make_engine, reason
from errors import OperationError
from runtime.home import RESTORING
from settings import Settings

log = logs.get(__name__)

ADVISORY_LOCK = 0x6573_6368_6F6F_6C  # "eschool"


def upgrade(settings: Settings) -> None:
    """Create or upgrade the configured database; a new one gets a secret key, unless there is one.

    Raises OperationError when it cannot be reached, is newer, or was written with another secret key.
    """
    url = database_url(settings.database)
    if url.drivername == "sqlite":
        settings.prepare_home()
        _make_folder(Path(str(url.database)).parent)
        _check_no_restore(Path(str(url.database)))
    with _transaction(url) as connection:
        _wait_for_others(connection)
        before = version(connection)
        if before is not None and before > HEAD:
            raise OperationError(f"The database is of version {before}, newer than this program's {HEAD}.")
        if before is None:
            settings.make_key()  # only here: a new key beside old data would read none of it
        key = settings.key()
        if before != HEAD:
            command.upgrade(config(connection), "head")
            log.info("database.upgraded", before=before, after=HEAD)
        keys.establish(connection, key)


def _check_no_restore(path: Path) -> None:
    """Raises OperationError where a backup was half restored: a new, empty school is not what anybody wants there."""
    if not path.exists() and (path.parent / RESTORING).exists():
        raise OperationError(
            f"A restore into {path.parent} was interrupted: run `eschool restore` again, or delete the folder "
            f"{RESTORING} there."
        )


def upgrade_new(settings: Settings) -> None:
    """Make the tables where there are none; a database that has some is left as it is."""
    url = database_url(settings.database)
    if url.drivername == "sqlite":
        is_new = not Path(str(url.database)).exists()
    else:
        with _transaction(url) as connection:
            is_new = version(connection) is None
    if is_new:
        upgrade(settings)


def draft(settings: Settings, message: str) -> Path:
    """Write the next migration file by comparing the configured database with db.models; gives its path.

    Alembic sees neither changed CHECKs nor moved data: those are for the developer to add.
    """
    with _transaction(database_url(settings.database)) as connection:
        script: Any = command.revision(config(connection), message, autogenerate=True, rev_id=f"{int(HEAD) + 1:04}")
        return Path(script.path)


def version(connection: Connection) -> str | None:
    """The revision a database is at; None: it has no tables yet."""
    return MigrationContext.configure(connection).get_current_revision()


def config(connection: Connection) -> Config:
    """Alembic's configuration, for a connection whose transaction the caller commits."""
    result = Config()
    result.set_main_option("script_location", str(VERSIONS.parent))
    result.set_main_option("path_separator", "os")
    result.attributes["connection"] = connection
    return result


def _wait_for_others(connection: Connection) -> None:
    """Let one process upgrade at a time: SQLite's BEGIN IMMEDIATE does already, PostgreSQL takes a lock till commit."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": ADVISORY_LOCK})


@contextmanager
def transaction(settings: Settings) -> Iterator[Connection]:
    """One transaction on the configured database as it is, without a look at its key: for exchanging that.

    Raises OperationError when it does not answer or is of another version.
    """
    url = database_url(settings.database)
    if url.drivername == "sqlite" and not Path(str(url.database)).exists():
        raise OperationError(f"There is no database {url.database} yet: run `eschool db upgrade`.")
    with _transaction(url) as connection:
        check_version(connection)
        yield connection


@contextmanager
def _transaction(url: URL) -> Iterator[Connection]:
    """One transaction on a connection of its own. Raises OperationError when the database fails."""
    engine = make_engine(url)
    if url.drivername == "sqlite":
        event.listen(engine, "connect", _without_foreign_keys)
    try:
        with engine.begin() as connection:
            yield connection
            if url.drivername == "sqlite" and (broken := connection.execute(text("PRAGMA foreign_key_check")).first()):
                raise OperationError(
                    f"The upgrade left rows of {broken[0]} that point at nothing: nothing was changed."
                )
    except (DatabaseError, InterfaceError) as error:
        if not is_away(error):
            raise
        address = url.render_as_string(hide_password=True)
        raise OperationError(f"The database {address} does not answer: {reason(error)}.") from error
    finally:
        engine.dispose()


def _without_foreign_keys(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    """SQLite changes a table by copying and dropping it, and would delete what points at its rows with them.

    https://www.sqlite.org/lang_altertable.html, section 7: the keys are checked at the end instead.
    """
    connection.execute("PRAGMA foreign_keys = OFF")


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OperationError(f"The folder {folder} cannot be made ({error.strerror}): set ESCHOOL_HOME.") from error
