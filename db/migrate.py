"""Upgrading a database, even when several processes try at once."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import URL, Connection, Engine, event, text
from sqlalchemy.exc import DatabaseError, InterfaceError
from sqlalchemy.pool import ConnectionPoolEntry

import logs
from db import keys
from db.connecting import Use, database_url
from db.failures import failure
from db.migrations import HEAD, VERSIONS
from db.migrations.online import LOCK_TIMEOUT, OWN_TRANSACTIONS, finish
from db.session import check_version, is_away, make_engine, newer
from errors import OperationError
from runtime.home import RESTORING
from settings import Settings

log = logs.get(__name__)

ADVISORY_LOCK = 0x6573_6368_6F6F_6C  # "eschool"
UPGRADE = Use("upgrade", 3)
LOCK_PATIENCE = 300.0
"""Seconds in which others must let a step have its lock once."""
LOCK_PAUSE = 0.5
LOCK_NOT_AVAILABLE = "55P03"
"""https://www.postgresql.org/docs/current/errcodes-appendix.html"""


def upgrade(settings: Settings) -> None:
    """Create or upgrade the configured database; a new one gets a secret key, unless there is one.

    On SQLite all steps are one transaction; on PostgreSQL each is one of its own, and what takes long is done after
    them while others write (`db.migrations.online`).

    Raises OperationError when it cannot be reached, is newer, was written with another secret key, or is held by others
    for too long.
    """
    url = database_url(settings.database_direct)
    if url.drivername == "sqlite":
        settings.prepare_home()
        _make_folder(Path(str(url.database)).parent)
        _check_no_restore(Path(str(url.database)))
        with _transaction(url) as connection:
            before, key = _begin(settings, connection)
            if before != HEAD:
                command.upgrade(config(connection), "head")
            keys.establish(connection, key)
    else:
        with engine_for(url) as engine, alone(engine):
            with engine.connect() as connection:
                before, key = _begin(settings, connection)
            _step_by_step(engine)
            with engine.begin() as connection:
                keys.establish(connection, key)
    if before != HEAD:
        log.info("database.upgraded", before=before, after=HEAD)


def _begin(settings: Settings, connection: Connection) -> tuple[str | None, bytes]:
    """The revision it is at, and the secret key; a new database gets one."""
    before = version(connection)
    if before is not None and before > HEAD:
        raise newer(before)
    if before is None:
        settings.make_key()  # only here: a new key beside old data would read none of it
    return before, settings.key()


def _step_by_step(engine: Engine) -> None:
    """Each step in a transaction; one that cannot have a lock at once is tried again, and what was done stays done."""
    deadline = monotonic() + LOCK_PATIENCE
    while True:
        try:
            with engine.connect() as connection:
                connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
                connection.execute(text("SET idle_in_transaction_session_timeout = 0"))
                connection.commit()
                configured = config(connection)
                configured.attributes[OWN_TRANSACTIONS] = True
                command.upgrade(configured, "head")
            with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                finish(connection)
            return
        except DatabaseError as error:
            if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
            if monotonic() > deadline:
                raise OperationError(
                    "The upgrade waits for a lock that others hold for too long: stop all processes, and what else "
                    "reads the database (a backup, a report), then run it again; it goes on where it was."
                ) from None
            log.warning("database.locked", reason="others use a table that is to be changed: it is tried again")
            sleep(LOCK_PAUSE)


@contextmanager
def alone(engine: Engine) -> Iterator[None]:
    """Let one process at a time upgrade a server's database, or restore into it.

    It asks again and again instead of waiting in one statement: an index that is built beside its table's use would
    wait for that statement, and that for it.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while not connection.execute(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": ADVISORY_LOCK}).scalar():
            sleep(LOCK_PAUSE)
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": ADVISORY_LOCK})


def _check_no_restore(path: Path) -> None:
    """Raises OperationError where a backup was half restored: a new, empty school is not what anybody wants there."""
    if not path.exists() and (path.parent / RESTORING).exists():
        raise OperationError(
            f"A restore into {path.parent} was interrupted: run `eschool restore` again, or delete the folder "
            f"{RESTORING} there."
        )


def upgrade_new(settings: Settings) -> None:
    """Make the tables where there are none; a database that has some is left as it is."""
    url = database_url(settings.database_direct)
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
    with _transaction(database_url(settings.database_direct)) as connection:
        script: Any = command.revision(config(connection), message, autogenerate=True, rev_id=f"{int(HEAD) + 1:04}")
        return Path(script.path)


@contextmanager
def autocommitting(settings: Settings) -> Iterator[Connection]:
    """A connection to the configured server that commits each statement, with short waits for locks.

    Raises OperationError when it does not answer, is of another version, or others hold a lock for too long.
    """
    with engine_for(database_url(settings.database_direct)) as engine, engine.connect() as plain:
        connection = plain.execution_options(isolation_level="AUTOCOMMIT")
        check_version(connection)
        connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        try:
            yield connection
        except DatabaseError as error:
            if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
            raise OperationError(
                "Others use the table: stop all processes, and what else reads the database."
            ) from None


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


@contextmanager
def transaction(settings: Settings) -> Iterator[Connection]:
    """One transaction on the configured database as it is, without a look at its key: for exchanging that.

    Raises OperationError when it does not answer or is of another version.
    """
    url = database_url(settings.database_direct)
    if url.drivername == "sqlite" and not Path(str(url.database)).exists():
        raise OperationError(f"There is no database {url.database} yet: run `eschool db upgrade`.")
    with _transaction(url) as connection:
        check_version(connection)
        yield connection


@contextmanager
def _transaction(url: URL) -> Iterator[Connection]:
    """One transaction on a connection of its own. Raises OperationError when the database fails."""
    with engine_for(url) as engine, engine.begin() as connection:
        yield connection
        if url.drivername == "sqlite" and (broken := connection.execute(text("PRAGMA foreign_key_check")).first()):
            raise OperationError(f"The upgrade left rows of {broken[0]} that point at nothing: nothing was changed.")


@contextmanager
def engine_for(url: URL, use: Use = UPGRADE, *, foreign_keys: bool = False) -> Iterator[Engine]:
    """An engine of its own. `foreign_keys`: whether SQLite looks at them, which a change of tables must do without.

    Raises OperationError when the database fails.
    """
    engine = make_engine(url, use=use)
    if url.drivername == "sqlite" and not foreign_keys:
        event.listen(engine, "connect", _without_foreign_keys)
    try:
        yield engine
    except (DatabaseError, InterfaceError) as error:
        if not is_away(error):
            raise
        raise failure(error, url, named=True) from error
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
