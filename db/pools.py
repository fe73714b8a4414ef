"""The pool of connections to a server: it shrinks when nobody needs them, and nobody hangs on a server that is silent.

The kernel notices a host that is gone (`db.connecting`). It does not notice a server or a PgBouncer that is frozen
while its host acknowledges every packet. A thread per pool looks for connections that have been in use for long, asks
the server on a new connection, and ends those connections when it does not answer: who waits for one gets an error. A
long report on a server that answers goes on.
"""

import os
import select
import socket
import threading
import weakref
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any

import psycopg
from sqlalchemy import URL, Engine, QueuePool
from sqlalchemy.pool import ConnectionPoolEntry

import logs
from db.connecting import Use, arguments, libpq_address

log = logs.get(__name__)

IDLE_SECONDS = 20.0
"""A connection that nobody needed for so long is given back to the server."""
LOOK_SECONDS = 0.5
SUSPECT_SECONDS = 2.0
"""A connection in use for so long makes us ask whether the server answers."""
ASK_AGAIN_SECONDS = 2.0
ANSWER_SECONDS = 2
"""How long it may take to let us in, and to answer."""


class ServerPool(QueuePool):
    """SQLAlchemy's pool, the connection used last first, which can give back what is idle."""

    def close_idle(self, seconds: float) -> None:
        """Close the connections that were given back so long ago (`idle_since` of their entry), the oldest first."""
        while True:
            queue: Any = self._pool  # of SQLAlchemy's own: its types leave out what it has of Python's
            with queue.mutex:
                waiting = queue.queue
                if not waiting or monotonic() - waiting[0].info.get("idle_since", monotonic()) < seconds:
                    return
                entry = waiting.popleft()
                self._dec_overflow()
            entry.close()


class Watch:
    """Of one engine. `answers`: whether its server is there, asked in another way than by the engine."""

    def __init__(self, answers: Callable[[], bool]) -> None:
        self._answers = answers
        self._out: dict[int, tuple[Any, float]] = {}
        self._engine: Callable[[], Engine | None] = lambda: None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()
        self._answered_at = 0.0

    def over(self, engine: Engine) -> None:
        """Watch this engine's connections from its first connection on."""
        self._engine = weakref.ref(engine)

    def taken(self, entry: ConnectionPoolEntry, connection: Any) -> None:
        """A thread uses a connection."""
        self._out[id(entry)] = (connection, monotonic())

    def given_back(self, entry: ConnectionPoolEntry) -> None:
        """Nobody waits for it any more."""
        self._out.pop(id(entry), None)

    def start(self) -> None:
        """Begin, unless it runs; in a process that was forked it does not."""
        if self._thread is None or not self._thread.is_alive():
            self._stopping = threading.Event()
            self._thread = threading.Thread(target=self._run, args=(self._stopping,), name="connections", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End."""
        self._stopping.set()

    def _run(self, stopping: threading.Event) -> None:
        while not stopping.wait(LOOK_SECONDS):
            engine = self._engine()
            if engine is None:
                return
            try:
                if isinstance(engine.pool, ServerPool):
                    engine.pool.close_idle(IDLE_SECONDS)
                self._look()
            except Exception as error:
                log.error("connections.failed", error=logs.where(error))
            del engine

    def _look(self) -> None:
        now = monotonic()
        suspects = [(key, one) for key, (one, since) in list(self._out.items()) if now - since > SUSPECT_SECONDS]
        if not suspects or now - self._answered_at < ASK_AGAIN_SECONDS:
            return
        if self._answers():
            self._answered_at = monotonic()
            return
        log.error("connections.database_away", reason="it accepts packets and gives no answer", ended=len(suspects))
        for key, connection in suspects:
            if self._out.get(key, (None,))[0] is connection:
                _end(connection)


def _end(connection: Any) -> None:
    """Have whoever waits for it get an error: its socket tells that the other side is gone."""
    with suppress(OSError, psycopg.Error):
        number = connection.fileno()
        with socket.socket(fileno=os.dup(number)) as line:
            if not connection.closed and connection.fileno() == number:
                line.shutdown(socket.SHUT_RDWR)


def answers(url: URL, direct: URL | None) -> bool:
    """Whether the server lets us in and answers a question in time; that it refuses us is an answer too.

    `direct`: the server's own address, where `url` is a PgBouncer's. That answers a question only when it has a server
    connection free, so it is only asked to let us in.
    """
    if direct is not None:
        return _lets_in(url, pooled=True, ask=False) and _lets_in(direct, pooled=False, ask=True)
    return _lets_in(url, pooled=False, ask=True)


def _lets_in(url: URL, *, pooled: bool, ask: bool) -> bool:
    given = arguments(Use("probe", 1), pooled=pooled) | {"connect_timeout": ANSWER_SECONDS}
    try:
        with psycopg.connect(libpq_address(url), **given) as connection:
            if not ask:
                return True
            connection.pgconn.send_query(b"SELECT 1")
            connection.pgconn.flush()
            waited = select.poll()
            waited.register(connection.fileno(), select.POLLIN)
            has_answered = bool(waited.poll(ANSWER_SECONDS * 1000))
            connection.pgconn.finish()
            return has_answered
    except psycopg.errors.ConnectionTimeout:
        return False
    except psycopg.Error:
        return True
