"""The FastAGI server: one thread a call, accepts at once, sheds what is too much, drains before it ends."""

import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace

from asterisk.agi import AGIHangup

import logs
from agi.line import Line
from agi.wire import BadClientError, SocketWire

log = logs.get(__name__)

STACK_BYTES = 512 * 1024
"""A thread's stack. Python's own default of 8 MB is only reserved, yet 1000 calls would reserve 8 GB."""

BACKLOG = 1024
"""Connections the kernel holds for us: Asterisk waits two seconds for a connect, so none may be refused."""

SPARE_THREADS, IDLE_THREADS = 16, 64
"""Threads that wait for the next call: so many at least, that a rush need not wait for threads to be made, and so
many at most."""

FIRST_LINES_PAUSE = 0.001
"""Seconds given to Asterisk, which sends its first two dozen lines one by one: a thread that woke up for each would
queue for the interpreter as often."""

ACCEPT_RETRY_SECONDS = 0.1
"""Pause after a connection that could not be accepted, for example because the process has no descriptor left."""

FIRST_LINES_SECONDS = 5.0
STRANGERS = 64
"""Threads above the cap of calls, for connections that are not calls yet: health checks, scanners, overload."""

Handler = Callable[[Line], None]
"""Serves one call. Raises AGIHangup or BadClientError when the peer is gone or wrong."""


@dataclass
class Figures:
    """The server's health: counters since its start, and calls at this moment."""

    accepted: int = 0
    refused: int = 0
    bad_clients: int = 0
    failed: int = 0
    active: int = 0


class FastAgiServer:
    """Listens for Asterisk. `call` serves each connection, `overload` one beyond `max_calls`.

    Every thread accepts a call itself and serves it to its end: no single thread stands between a rush of calls and
    those who are to serve them.
    """

    def __init__(self, address: tuple[str, int], call: Handler, overload: Handler, max_calls: int) -> None:
        """Listen at once; calls are served from `start` on. Raises OSError when the address is not to be had."""
        self.figures = Figures()
        self._call = call
        self._overload = overload
        self._max_calls = max_calls
        self._lock = threading.Lock()
        self._idle = 0
        self._closed = False
        self.socket = socket.create_server(address, backlog=BACKLOG)
        # Each connection inherits it. A command is a small packet that waits for its answer: Nagle would hold it back.
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens; the port is the real one when 0 was asked for."""
        host, port = self.socket.getsockname()
        return host, port

    def start(self) -> None:
        """Serve calls, in threads of its own, until `drain`."""
        threading.stack_size(STACK_BYTES)
        for _ in range(SPARE_THREADS):
            self._add_thread()

    def drain(self, seconds: float) -> int:
        """Accept no more and wait up to `seconds` for the calls in progress; returns how many were cut off."""
        if not self._closed:
            self._closed = True
            self.socket.shutdown(socket.SHUT_RDWR)  # wakes the threads that wait in accept; closing alone would not
            self.socket.close()
        deadline = time.monotonic() + seconds
        while self.figures.active and time.monotonic() < deadline:
            time.sleep(0.05)
        return self.figures.active

    def _add_thread(self) -> None:
        with self._lock:
            self._idle += 1
        try:
            threading.Thread(target=self._serve_calls, name="call", daemon=True).start()
        except RuntimeError:  # the system gives no more threads: those that there are go on
            with self._lock:
                self._idle -= 1
            log.error("thread.refused", active=self.figures.active)

    def _serve_calls(self) -> None:
        """One thread's life: accept, serve, again, until enough others wait."""
        while not self._closed:
            try:
                connection, _ = self.socket.accept()
            except OSError as error:
                if not self._closed:
                    log.error("accept.failed", error=error.strerror)
                    time.sleep(ACCEPT_RETRY_SECONDS)
                continue
            with connection:
                if self._admit():
                    self.serve_one(connection)
            with self._lock:
                if self._idle >= IDLE_THREADS:
                    return
                self._idle += 1

    def _admit(self) -> bool:
        """Count a call in and see to it that threads are left; False beyond all bounds: it is closed at once."""
        with self._lock:
            self._idle -= 1
            if self.figures.active >= self._max_calls + STRANGERS:
                self.figures.refused += 1
                return False
            self.figures.active += 1
            self.figures.accepted += 1
            few = self._idle < SPARE_THREADS
        if few:
            self._add_thread()
        return True

    def serve_one(self, connection: socket.socket) -> None:
        """Serve one accepted connection to its end."""
        wire = SocketWire(connection)
        wire.expect_within(FIRST_LINES_SECONDS)
        time.sleep(FIRST_LINES_PAUSE)
        try:
            line = Line(wire, wire)
            if line.script == "status":
                calls = replace(self.figures, active=self.figures.active - 1)  # who asks is no call
                connection.sendall((json.dumps(asdict(calls)) + "\n").encode())
            elif self.figures.active > self._max_calls:
                self.figures.refused += 1
                self._overload(line)
            else:
                self._call(line)
        except AGIHangup:
            return
        except BadClientError as error:
            self.figures.bad_clients += 1
            log.warning("client.bad", reason=str(error))
        except Exception as error:
            self.figures.failed += 1
            log.error("call.failed", error=logs.where(error))
        finally:
            with self._lock:
                self.figures.active -= 1
