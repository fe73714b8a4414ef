"""Wakes a sender as soon as there may be work, so that it need not ask the database all the time.

PostgreSQL tells by NOTIFY, on a connection of the waker's own. SQLite tells nobody: there a cheap question
(`PRAGMA data_version`, which reads no page of the file) finds out every few milliseconds whether anyone committed.
"""

import os
import select
import sqlite3
import threading
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Protocol

from sqlalchemy import URL, text
from sqlalchemy.orm import Session

import logs
from db.connecting import Use, connect, database_url
from db.failures import reason
from db.kinds import Channel

if TYPE_CHECKING:
    import psycopg

log = logs.get(__name__)

POLL = 0.015
"""Seconds between two looks at SQLite's data_version."""
RECONNECT = 1.0
"""Seconds between two tries to reach a database that is away."""
LONGEST_WAIT = 2.0
"""Seconds after which a sender looks for work though nobody said that there is any."""


def notify(session: Session, channel: Channel) -> None:
    """Wake the channel's senders when this transaction commits."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_notify(:name, '')"), {"name": _name(channel)})


def listen(address: str, channel: Channel) -> "Waker":
    """A waker for one sender; `address` is the URL of the database itself, which a PgBouncer's will not do for.

    Raises InputError for one that is not usable.
    """
    url = database_url(address)
    return _Polling(str(url.database)) if url.drivername == "sqlite" else _Listening(url, channel)


def seconds_until(due: datetime | None, now: datetime, *, at_least: float = 0.0) -> float:
    """How long a sender waits whose next message is due then; None: there is none."""
    return LONGEST_WAIT if due is None else min(max((due - now).total_seconds(), at_least), LONGEST_WAIT)


class Waker(Protocol):
    """Used by one thread, except `wake`, which any thread may call."""

    def wait(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds; True: there may be work. What was committed since the last call counts."""

    def wake(self) -> None:
        """End the wait at once, the present one or the next."""

    def close(self) -> None:
        """Give the connection back; nobody may wait any more."""


class _Polling:
    """On SQLite, with a connection that never reads a table. True also after somebody committed something else."""

    def __init__(self, path: str) -> None:
        self._file = Path(path).absolute().as_uri()
        self._try_at = 0.0
        self._connection: sqlite3.Connection | None = None
        self._seen: int | None = None
        self._poked = threading.Event()

    def wait(self, timeout: float) -> bool:
        until = monotonic() + timeout
        while True:
            changed = self._has_changed()
            left = until - monotonic()
            if changed or left <= 0:
                self._poked.clear()
                return changed
            if self._poked.wait(min(POLL, left)):
                self._poked.clear()
                return True

    def wake(self) -> None:
        self._poked.set()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _has_changed(self) -> bool:
        if self._connection is None and monotonic() < self._try_at:
            return False
        try:
            if self._connection is None:  # made where it is used: the connection belongs to the waiting thread
                self._try_at = monotonic() + RECONNECT
                # rw: SQLite would make an empty file where the disk with the database is not mounted yet.
                self._connection = sqlite3.connect(f"{self._file}?mode=rw", uri=True, check_same_thread=False)
            version: int = self._connection.execute("PRAGMA data_version").fetchone()[0]
        except sqlite3.Error as error:
            log.warning("waker.database_away", reason=reason(error))
            self.close()
            version = -1
        changed = version != self._seen
        self._seen = version
        return changed


class _Listening:
    """On PostgreSQL, by LISTEN; after the server was away it wakes once, for what it may have missed."""

    def __init__(self, url: URL, channel: Channel) -> None:
        self._url = url
        self._name = _name(channel)
        self._use = Use(f"{channel} waker", 1)
        self._connection: psycopg.Connection[tuple[object, ...]] | None = None
        self._try_at = 0.0
        self._reads, self._writes = os.pipe()
        os.set_blocking(self._reads, False)
        os.set_blocking(self._writes, False)

    def wait(self, timeout: float) -> bool:
        until = monotonic() + timeout
        while True:
            if self._connection is None and self._connect():
                return True
            left = max(0.0, until - monotonic())
            woken = self._woken_within(left if self._connection else min(left, RECONNECT))
            if woken or monotonic() >= until:
                return woken

    def wake(self) -> None:
        with suppress(BlockingIOError):  # it is full of calls to wake up already
            os.write(self._writes, b"!")

    def close(self) -> None:
        self._drop()
        os.close(self._reads)
        os.close(self._writes)

    def _woken_within(self, seconds: float) -> bool:
        waited = select.poll()
        waited.register(self._reads, select.POLLIN)
        if self._connection is not None:
            waited.register(self._connection.fileno(), select.POLLIN)
        readable = {descriptor for descriptor, _ in waited.poll(seconds * 1000)}
        poked = self._reads in readable and bool(os.read(self._reads, 65536))
        told = bool(readable - {self._reads}) and self._was_told()
        return poked or told

    def _was_told(self) -> bool:
        import psycopg

        assert self._connection is not None
        try:
            return bool(list(self._connection.notifies(timeout=0)))
        except psycopg.Error:
            self._drop()
            return False

    def _connect(self) -> bool:
        import psycopg  # late: every process imports this module, and on SQLite none needs it

        if monotonic() < self._try_at:
            return False
        self._try_at = monotonic() + RECONNECT
        try:
            self._connection = connect(self._url, self._use)
            self._connection.execute(psycopg.sql.SQL("LISTEN {}").format(psycopg.sql.Identifier(self._name)))
        except psycopg.Error as error:
            log.warning("waker.database_away", reason=reason(error))
            self._drop()
            return False
        return True

    def _drop(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _name(channel: Channel) -> str:
    return f"eschool_{channel}"
