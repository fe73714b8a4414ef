"""The FastAGI server: a green thread for each call, a limit of calls, and draining before it ends.

All lines live in one thread of the system. With a system's thread a call, hundreds of threads queue for the
interpreter, and on a machine busy with sound each hand-over waits for a processor: readers of the database waited ten
seconds for their turn, and their callers heard the apology. Nothing here may therefore wait but for a line; what waits
for a database or a disk is done by `agi.workers`.
"""

import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import gevent
from asterisk.agi import AGIHangup
from gevent import socket as green
from gevent.event import Event

import logs
from agi.line import Line
from agi.transport import BadClientError, SocketTransport

log = logs.get(__name__)

BACKLOG = 1024
"""Connections the kernel holds for us: Asterisk waits two seconds for a connect, so none may be refused."""

FIRST_LINES_PAUSE = 0.001
"""Seconds given to Asterisk, which sends its first two dozen lines one by one, so that they are read in one go."""

ACCEPT_RETRY_SECONDS = 0.1
"""Pause after a connection that could not be accepted, for example because the process has no descriptor left."""

FIRST_LINES_SECONDS = 5.0
STRANGERS = 64
"""Connections above the cap of calls, that are not calls yet: health checks, scanners, overload."""

Handler = Callable[[Line], None]
"""Serves one call. Raises AGIHangup or BadClientError when the peer is gone or wrong."""


@dataclass
class Figures:
    """The server's health: counters since its start, and calls at this moment.

    Who only asks how it is, a load balancer that connects and leaves, and a scanner are no calls.
    """

    accepted: int = 0
    refused: int = 0
    bad_clients: int = 0
    failed: int = 0
    active: int = 0


def _nothing() -> None:
    """Nobody has to be stopped: the server was not started yet, or is being stopped already."""


class FastAgiServer:
    """Listens for Asterisk. `call` serves each connection, `overload` one beyond `max_calls`."""

    def __init__(
        self,
        address: tuple[str, int],
        call: Handler,
        overload: Handler,
        max_calls: int,
        more_figures: Callable[[], dict[str, int]] = dict,
    ) -> None:
        """Listen at once; calls are served from `start` on. Raises OSError when the address is not to be had.

        more_figures: what else is told to who asks how the server is; it may not wait for anything.
        """
        self.figures = Figures()
        self._more_figures = more_figures
        self._call = call
        self._overload = overload
        self._max_calls = max_calls
        self._stop = _nothing
        self._connections = 0
        self._socket = socket.create_server(address, backlog=BACKLOG)
        # Each connection inherits it. A command is a small packet that waits for its answer: Nagle would hold it back.
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        host, port = self._socket.getsockname()
        self.address: tuple[str, int] = (host, port)
        """Where it listens; the port is the real one when 0 was asked for."""

    def told(self) -> dict[str, int]:
        """All figures, as who asks how the server is gets them."""
        return asdict(self.figures) | self._more_figures()

    def start(self) -> None:
        """Serve calls, in a thread of its own, until `drain`."""
        started = threading.Event()
        threading.Thread(target=self._serve, args=(started,), name="calls", daemon=True).start()
        started.wait()

    def drain(self, seconds: float) -> int:
        """Accept no more and wait up to `seconds` for the calls in progress; returns how many were cut off."""
        stop, self._stop = self._stop, _nothing
        stop()
        deadline = time.monotonic() + seconds
        while self._connections and time.monotonic() < deadline:
            time.sleep(0.05)
        return self._connections

    def _serve(self, started: threading.Event) -> None:
        """The life of the lines' thread."""
        hub, stopped = gevent.get_hub(), Event()
        waker = hub.loop.async_()  # the one thing of a loop that other threads may touch
        waker.start(stopped.set)
        self._stop = waker.send
        accepting = gevent.spawn(self._accept_calls, green.socket(fileno=self._socket.detach()))
        started.set()
        stopped.wait()
        accepting.kill()
        while self._connections:
            gevent.sleep(0.05)
        waker.stop()
        waker.close()
        hub.destroy(destroy_loop=True)

    def _accept_calls(self, listener: Any) -> None:
        with listener:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError as error:
                    log.error("accept.failed", error=error.strerror)
                    gevent.sleep(ACCEPT_RETRY_SECONDS)
                    continue
                if self._connections >= self._max_calls + STRANGERS:
                    self.figures.refused += 1
                    connection.close()
                    continue
                self._connections += 1
                gevent.spawn(self._serve_one, connection)

    def _serve_one(self, connection: Any) -> None:
        """Serve one accepted connection to its end."""
        try:
            with connection:
                self._hold(connection)
        finally:
            self._connections -= 1

    def _hold(self, connection: Any) -> None:
        transport = SocketTransport(connection)
        transport.expect_within(FIRST_LINES_SECONDS)
        gevent.sleep(FIRST_LINES_PAUSE)
        try:
            line = Line(transport, transport)
            if line.script == "status":
                transport.write(json.dumps(self.told()) + "\n")
            elif self.figures.active >= self._max_calls:
                self.figures.refused += 1
                self._overload(line)
            else:
                self.figures.accepted += 1
                self.figures.active += 1
                try:
                    self._call(line)
                finally:
                    self.figures.active -= 1
        except AGIHangup:
            return
        except BadClientError as error:
            self.figures.bad_clients += 1
            log.warning("client.bad", reason=str(error))
        except Exception as error:
            self.figures.failed += 1
            log.error("call.failed", error=logs.where(error))
