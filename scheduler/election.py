"""Only one scheduler is active, however many hosts start one: whoever holds the lock, until its process dies."""

import fcntl
from contextlib import suppress
from pathlib import Path
from typing import IO, Protocol

import psycopg

import logs
from db.session import database_url

log = logs.get(__name__)

ADVISORY_LOCK = 0x6573_6363_6C6F_636B  # "escclock"
CONNECT_SECONDS = 3


class Election(Protocol):
    """Used by one thread."""

    def is_won(self) -> bool:
        """Whether this process is the one, now. Asks for the lock, or whether it is still held."""

    def close(self) -> None:
        """Let another one win."""


def election(address: str) -> Election:
    """By a lock of the database `address` (its URL): an advisory one of PostgreSQL, one of a file beside SQLite's."""
    url = database_url(address)
    if url.drivername == "sqlite":
        return _ByFile(Path(f"{url.database}.scheduler-lock"))
    return _ByServer(url.set(drivername="postgresql").render_as_string(hide_password=False))


class _ByFile:
    """Everybody who uses a SQLite file is on its host."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: IO[bytes] | None = None
        self._is_away = False

    def is_won(self) -> bool:
        if self._held is not None:
            return True
        try:
            file = self._path.open("ab")
        except OSError as error:  # a read-only disk, or one that is not mounted yet: it may be mended at any time
            if not self._is_away:
                log.warning("election.file_away", reason=error.strerror)
            self._is_away = True
            return False
        self._is_away = False
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return False
        self._held = file
        return True

    def close(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None


class _ByServer:
    """The lock is the connection's: a server that was restarted, or a broken line, ends it."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._connection: psycopg.Connection[tuple[bool]] | None = None
        self._holds = False

    def is_won(self) -> bool:
        try:
            if self._connection is None:
                self._connection = psycopg.connect(
                    self._address,
                    autocommit=True,
                    connect_timeout=CONNECT_SECONDS,
                    keepalives_idle=5,
                    keepalives_interval=2,
                    keepalives_count=3,
                )
            if self._holds:
                self._connection.execute("SELECT 1")
                return True
            row = self._connection.execute("SELECT pg_try_advisory_lock(%s)", [ADVISORY_LOCK]).fetchone()
        except psycopg.Error as error:
            log.warning("election.database_away", error=type(error).__name__)
            self.close()
            return False
        self._holds = bool(row and row[0])
        return self._holds

    def close(self) -> None:
        if self._connection is not None:
            if self._holds:  # the server notices a closed line only a little later
                with suppress(psycopg.Error):
                    self._connection.execute("SELECT pg_advisory_unlock(%s)", [ADVISORY_LOCK])
            self._connection.close()
            self._connection = None
        self._holds = False
