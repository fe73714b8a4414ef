"""Only one scheduler is active, however many hosts start one.

On PostgreSQL it holds a lease, a row that it renews, and all is decided by the server's time. A host that is cut off
cannot renew it, and another one takes over when it has run out: no connection of the lost host has to be noticed.
When that host comes back, everything that it would do for the clock is refused by the lease (`Election.check`).
"""

import fcntl
from pathlib import Path
from time import monotonic
from typing import IO, Protocol

from sqlalchemy import Connection, text

import logs
from db.connecting import database_url
from db.session import Database
from errors import OperationError

log = logs.get(__name__)

NAME = "clock"
LEASE_SECONDS = 15
RENEW_SECONDS = 3.0
SAFE_SECONDS = LEASE_SECONDS - 2.0
"""So long after it asked, by its own clock, a holder believes that the lease is its own."""

TAKE = text(
    """
    INSERT INTO lease AS held (name, holder, term, until)
    VALUES (:name, :holder, 1, clock_timestamp() + make_interval(secs => :seconds))
    ON CONFLICT (name) DO UPDATE SET
        term = held.term + CASE WHEN held.holder = :holder AND held.until > clock_timestamp() THEN 0 ELSE 1 END,
        holder = excluded.holder,
        until = excluded.until
    WHERE held.holder = :holder OR held.until <= clock_timestamp()
    RETURNING term
    """
)
HELD = text(
    "SELECT 1 FROM lease WHERE name = :name AND holder = :holder AND term = :term AND until > clock_timestamp()"
)
LET_GO = text("UPDATE lease SET until = clock_timestamp() WHERE name = :name AND holder = :holder AND term = :term")


class LostError(OperationError):
    """Another host keeps the clock now, or may."""

    def __init__(self) -> None:
        super().__init__("This host does not keep the clock any more: another one does.")


class Election(Protocol):
    """`is_won` and `close` are used by one thread, `check` by any."""

    def is_won(self) -> bool:
        """Whether this process is the one, now. Asks to be it, or to stay it."""

    def check(self, connection: Connection) -> None:
        """Raises LostError, in a transaction of this connection, unless this process is still the one."""

    def close(self) -> None:
        """Let another one win."""


def election(address: str, database: Database, holder: str) -> Election:
    """By a lease in the database, or a lock of a file beside SQLite's. `address`: its URL, `holder`: this process."""
    url = database_url(address)
    if url.drivername == "sqlite":
        return _ByFile(Path(f"{url.database}.scheduler-lock"))
    return _ByLease(database, holder)


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

    def check(self, connection: Connection) -> None:
        """The lock ends with the process only."""

    def close(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None


class _ByLease:
    def __init__(self, database: Database, holder: str) -> None:
        self._database = database
        self._holder = holder
        self._term = 0
        self._renew_at = self._good_until = 0.0

    def is_won(self) -> bool:
        now = monotonic()
        if now >= self._renew_at or now >= self._good_until:
            self._ask()
        return monotonic() < self._good_until

    def check(self, connection: Connection) -> None:
        held = connection.execute(HELD, {"name": NAME, "holder": self._holder, "term": self._term}).scalar()
        if held is None:
            raise LostError

    def close(self) -> None:
        if not self._term:
            return
        try:
            with self._database.session() as session:
                session.execute(LET_GO, {"name": NAME, "holder": self._holder, "term": self._term})
        except OperationError as error:
            log.warning("election.database_away", reason=str(error))
        self._term, self._good_until = 0, 0.0

    def _ask(self) -> None:
        began = monotonic()
        try:
            with self._database.session() as session:
                asked = {"name": NAME, "holder": self._holder, "seconds": LEASE_SECONDS}
                term = session.execute(TAKE, asked).scalar()
        except OperationError as error:  # what it holds it holds until its time is over
            log.warning("election.database_away", reason=str(error))
            return
        if term is None or self._term not in (0, term):  # somebody else has it, or had it meanwhile
            self._term, self._renew_at, self._good_until = 0, 0.0, 0.0
            return
        self._term = term
        self._renew_at, self._good_until = began + RENEW_SECONDS, began + SAFE_SECONDS
