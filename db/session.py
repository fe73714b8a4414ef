"""Sessions: `open_database(settings)`, then `.session()` to write or `.reading()` to read.

Sessions are short: open one, ask or write, close it; never hold one while a person listens or a server answers,
and never open one inside another. Any number of threads share one Database.

SQLite knows one writer at a time. Here the writers of a process queue for a pool of one connection, take the
write lock at the start of their transaction (BEGIN IMMEDIATE: never a lost race half-way) and wait for another
process's writer for up to `SQLITE_WAIT` seconds. Readers have a pool of their own and, thanks to WAL, wait for nobody.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic, sleep
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Dialect, Engine, create_engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import (
    DatabaseError,
    InterfaceError,
    InvalidatePoolError,
    NoSuchModuleError,
    OperationalError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection

import logs
from db import keys
from db.connecting import COMMAND, Use, arguments, database_url, is_full, patiently
from db.failures import failure
from db.migrations import HEAD
from db.poolers import PoolerRefusedError, refuse_shared
from db.vault import Vault
from errors import OperationError
from settings import Settings

log = logs.get(__name__)

Given = TypeVar("Given")
DIRECT = "ESCHOOL_DATABASE_DIRECT_URL"

SQLITE_WAIT = 15.0
"""Seconds that a writer waits for another process's writer."""
POOL_WAIT = 10.0
"""Seconds that a thread waits for a connection while others use them all."""
SERVER_POOL_WAIT = 5.0
"""The same on a server, where everybody who waits has given up after ten seconds in all."""
FULL_PATIENCE = 30.0
"""Seconds in which a server that is full must let us in once at our start: others start too, and need less later."""
SERVER_IDLE = 1.0
"""Seconds after which an idle connection is asked whether its server is still there."""
SQLITE_SYNCHRONOUS = "FULL"
"""A grade told to a parent survives a power cut: each commit waits for the disk (https://www.sqlite.org/pragma.html)."""
SQLITE_READERS = 8
"""Connections that read SQLite side by side in a process."""


class VersionRefusedError(OperationError):
    """The database was made by another version of the program."""


def make_engine(url: URL, *, reading: bool = False, use: Use = COMMAND, direct: URL | None = None) -> Engine:
    """An engine with the product's habits: UTC, short waits, few connections, nobody's data in error messages.

    `direct`: the server's own address where `url` is a PgBouncer's.
    """
    try:
        if url.drivername == "sqlite":
            return _sqlite_engine(url, reading)
        return _server_engine(url, use, direct)
    except (NoSuchModuleError, ModuleNotFoundError) as error:
        raise OperationError(f"The database driver is missing ({error}): install the packages of setup.cfg.") from error


def _server_engine(url: URL, use: Use, direct: URL | None) -> Engine:
    from db.pools import ServerPool, Watch, answers  # late: they import psycopg, and on SQLite none needs it

    engine = create_engine(
        url,
        hide_parameters=True,
        poolclass=ServerPool,
        pool_size=use.most,
        max_overflow=0,
        pool_timeout=SERVER_POOL_WAIT,
        pool_use_lifo=True,
        connect_args=arguments(use, pooled=direct is not None),
    )
    watch = Watch(lambda: answers(url, direct))
    watch.over(engine)

    @event.listens_for(engine, "do_connect")
    def connect(
        dialect: Dialect, _entry: ConnectionPoolEntry, arguments: list[Any], named: dict[str, Any]
    ) -> DBAPIConnection:
        return patiently(lambda: dialect.connect(*arguments, **named))

    @event.listens_for(engine, "connect")
    def begin_watching(connection: Any, _entry: ConnectionPoolEntry) -> None:
        if direct is not None:
            connection.execute("SET TIME ZONE 'UTC'")  # PgBouncer keeps it for us, unlike other options
            connection.commit()
        watch.start()

    @event.listens_for(engine, "engine_disposed")
    def end_watching(_engine: Engine) -> None:
        watch.stop()

    @event.listens_for(engine, "checkin")
    def note_time(_connection: DBAPIConnection | None, entry: ConnectionPoolEntry) -> None:
        watch.given_back(entry)
        entry.info["idle_since"] = monotonic()

    @event.listens_for(engine, "checkout")
    def ask_if_alive(connection: DBAPIConnection, entry: ConnectionPoolEntry, _proxy: PoolProxiedConnection) -> None:
        """A server that was restarted costs no caller an apology; asking every time would cost a fifth of a query."""
        watch.taken(entry, connection)
        if monotonic() - entry.info.get("idle_since", monotonic()) < SERVER_IDLE:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as error:
            raise InvalidatePoolError from error  # every connection of before is dead too: a new one is made

    return engine


def _sqlite_engine(url: URL, reading: bool) -> Engine:
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_size=SQLITE_READERS if reading else 1,
        max_overflow=0,
        pool_timeout=POOL_WAIT if reading else SQLITE_WAIT + POOL_WAIT,
        connect_args={"timeout": SQLITE_WAIT, "isolation_level": None},  # we send BEGIN ourselves, below
    )
    begin = "BEGIN" if reading else "BEGIN IMMEDIATE"

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {SQLITE_SYNCHRONOUS}")
        if reading:
            connection.execute("PRAGMA query_only = ON")

    @event.listens_for(engine, "begin")
    def begin_transaction(connection: Connection) -> None:
        # By the driver: SQLAlchemy's own way costs as much as a small query, and every transaction begins here.
        driver: Any = connection.connection.dbapi_connection
        try:
            driver.execute(begin)
        except sqlite3.OperationalError as error:
            raise OperationalError(begin, None, error) from error

    return engine


class Database:
    """One database. `key` is the platform's secret key: that it is this database's is proved before the first session.

    Every session carries the vault of the database's data keys for the rules that need it (`school.security.crypto`).
    `unfinished`: also while a data key is being exchanged, for the command that does it. `use`: who uses it, and with
    how many connections. `direct_url`: the server's own address, where `url` is a PgBouncer's.
    """

    def __init__(
        self, url: str, key: bytes, *, unfinished: bool = False, use: Use = COMMAND, direct_url: str = ""
    ) -> None:
        address = database_url(url)
        self._address = address
        direct = database_url(direct_url, DIRECT) if direct_url else None
        self._is_to_be_examined = address.drivername != "sqlite" and direct is None
        self._key = key
        self._unfinished = unfinished
        self._writer = make_engine(address, use=use, direct=direct)
        # A server needs no second pool: only the transaction is declared read-only.
        self._reader = (
            make_engine(address, reading=True)
            if address.drivername == "sqlite"
            else self._writer.execution_options(postgresql_readonly=True)
        )
        self._info: dict[str, Any] = {}
        self._check: Callable[[Connection], None] | None = None
        self._writing_session = sessionmaker(self._writer, info=self._info, expire_on_commit=False)
        self._reading_session = sessionmaker(self._reader, info=self._info, expire_on_commit=False)

    def vault(self) -> Vault:
        """What encrypts for this database. The first call, and the first session, look whether its key is right.

        Raises OperationError when the database does not answer, is of another version, or has another secret key
        (KeyRefusedError).
        """
        found: Vault | None = self._info.get("vault")
        return self.unlock() if found is None else found

    def unlock(self) -> Vault:
        """The vault as the database has it now; sessions that are opened from here on carry it. Raises as `vault`."""
        with _told_plainly(self._address):
            _check_that_there_is_one(self._address)
            if self._is_to_be_examined:
                refuse_shared(self._writer)
            with self._reader.connect() as connection:
                check_version(connection)
                found = keys.opened(connection, self._key, unfinished=self._unfinished)
            if found is None:
                with self._writer.begin() as connection:
                    found = keys.establish(connection, self._key)
            self._info["vault"] = found
            return found

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session that may write: commits at the end, rolls back on an error.

        Raises OperationError when the database does not answer, and what the check of `guarded` raises.
        """
        self.vault()
        with _told_plainly(self._address), self._writing_session() as session, session.begin():
            if self._check is None:
                yield session
                return
            self._check(session.connection())
            yield session
            session.flush()
            self._check(session.connection())

    def guarded(self, check: Callable[[Connection], None]) -> "Database":
        """The same database for who may write only as long as `check` raises nothing.

        It is asked in each session that may write, at its beginning and before it commits.
        """
        result = copy(self)
        result._check = check
        return result

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that only reads (writing in it fails): on SQLite it waits for no writer.

        Raises OperationError when the database does not answer.
        """
        self.vault()
        with _told_plainly(self._address), self._reading_session() as session:
            yield session

    def run(self, work: Callable[[Session, datetime], Given]) -> Given:
        """`work(session, now)` in a session that may write, with the present time in UTC; gives what it gives.

        Raises OperationError when the database does not answer.
        """
        with self.session() as session:
            return work(session, datetime.now(UTC))

    def scrub(self) -> None:
        """Rid the database's own files of what was deleted from its tables: free pages, write-ahead log, statistics.

        SQLite writes its file anew, which takes a second or two for each 100 MB, while writers wait; PostgreSQL makes
        the room of deleted rows free and its statistics anew, while nobody waits. Raises OperationError when others
        hold it up for too long.
        """
        sqlite = self._writer.dialect.name == "sqlite"
        with _told_plainly(self._address):
            if sqlite:
                self._scrub_sqlite()
                return
            with self._writer.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM (ANALYZE)")

    def _scrub_sqlite(self) -> None:
        driver = self._writer.raw_connection()
        try:
            cursor = driver.cursor()
            tables = {
                name for (name,) in cursor.execute("SELECT name FROM sqlite_master WHERE name LIKE 'sqlite_stat%'")
            }
            if "sqlite_stat4" in tables:
                cursor.execute("ANALYZE")  # it holds samples of indexed values
            cursor.execute("VACUUM")
            deadline = monotonic() + SQLITE_WAIT
            while cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:  # busy: somebody reads
                if monotonic() > deadline:
                    raise OperationError("The database is being read all the time: its log could not be emptied.")
                sleep(0.05)
        except sqlite3.Error as error:
            raise failure(error, self._address) from error
        finally:
            driver.close()

    def dispose(self) -> None:
        """Close the connections."""
        self._reader.dispose()
        self._writer.dispose()


@contextmanager
def _told_plainly(address: URL) -> Iterator[None]:
    try:
        yield
    except (DatabaseError, InterfaceError, PoolTimeout) as error:
        if not is_away(error):
            raise
        raise failure(error, address) from error


def is_away(error: Exception) -> bool:
    """Whether the database failed, and not what was asked of it: gone, full, locked for too long, damaged."""
    return isinstance(error, OperationalError | InterfaceError | PoolTimeout) or type(error) is DatabaseError


def engine_of(settings: Settings, use: Use) -> Engine:
    """An engine over the configured database, for a library that wants one."""
    direct = settings.database_direct_url
    url = database_url(settings.database)
    return make_engine(url, use=use, direct=database_url(direct, DIRECT) if direct else None)


def open_database(settings: Settings, use: Use = COMMAND) -> Database:
    """The configured database, reached once and found up to date, with its own secret key.

    Raises OperationError when it cannot be reached, was not set up or has another secret key, InputError when its
    address is not usable.
    """
    _check_that_there_is_one(database_url(settings.database))
    database = Database(settings.database, settings.key(), use=use, direct_url=settings.database_direct_url)
    deadline = monotonic() + FULL_PATIENCE
    while True:
        try:
            database.vault()
        except OperationError as error:
            if error.__cause__ is not None and is_full(error) and monotonic() < deadline:
                continue  # each try waits for a while itself
            database.dispose()
            raise
        return database


def _check_that_there_is_one(url: URL) -> None:
    """SQLite would make an empty file, and nobody would look for the one that is on a disk not mounted yet."""
    if url.drivername == "sqlite" and not Path(str(url.database)).exists():
        raise OperationError(f"There is no database {url.database} yet: run `eschool db upgrade`.")


def database_of_service(settings: Settings, use: Use) -> Database:
    """The configured database for a process that starts while it is away, too, and keeps trying.

    Raises OperationError when there is no secret key, KeyRefusedError when the database answers and has another one,
    VersionRefusedError when it answers and is of another version, PoolerRefusedError when it is reached by a pooler
    with which it cannot work.
    """
    database = Database(settings.database, settings.key(), use=use, direct_url=settings.database_direct_url)
    try:
        database.vault()
    except (keys.KeyRefusedError, VersionRefusedError, PoolerRefusedError):
        database.dispose()
        raise
    except OperationError as error:
        log.warning("database.away", reason=str(error))
    return database


def check_version(connection: Connection) -> None:
    """Raises VersionRefusedError when the database is of another version than this program, OperationError for none."""
    found: str | None = None
    if connection.dialect.has_table(connection, "alembic_version"):
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if found == HEAD:
        return
    if found is not None and found > HEAD:
        raise newer(found)
    refusal = VersionRefusedError if found else OperationError  # one that was not set up may be so in a moment
    raise refusal(f"The database is of version {found or 'none'}, this program needs {HEAD}: run `eschool db upgrade`.")


def newer(found: str) -> VersionRefusedError:
    """The refusal of a database that a later version of the program has upgraded."""
    return VersionRefusedError(
        f"The database is of version {found}, newer than this program's {HEAD}: install the version of the program "
        "that upgraded it, or restore the backup from before the upgrade."
    )
