"""The FastAGI server: one thread a call, accepts at once, sheds what is too much, drains before it ends."""

import json
import socket
import socketserver
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


class FastAgiServer(socketserver.ThreadingTCPServer):
    """Listens for Asterisk. `call` serves each connection, `overload` one beyond `max_calls`."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False
    request_queue_size = BACKLOG

    def __init__(self, address: tuple[str, int], call: Handler, overload: Handler, max_calls: int) -> None:
        self.figures = Figures()
        self._call = call
        self._overload = overload
        self._max_calls = max_calls
        self._lock = threading.Lock()
        threading.stack_size(STACK_BYTES)
        super().__init__(address, _Connection)

    def verify_request(self, _request: object, _client: object) -> bool:
        """Called before a thread is started: beyond all bounds the connection is closed at once."""
        with self._lock:
            if self.figures.active >= self._max_calls + STRANGERS:
                self.figures.refused += 1
                return False
            self.figures.active += 1
            self.figures.accepted += 1
            return True

    def handle_error(self, _request: object, _client: object) -> None:
        """A failure of one connection is logged where it happens; socketserver would print its data."""

    def serve_one(self, connection: socket.socket) -> None:
        """Serve one accepted connection to its end."""
        wire = SocketWire(connection)
        wire.expect_within(FIRST_LINES_SECONDS)
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

    def drain(self, seconds: float) -> int:
        """Accept no more and wait up to `seconds` for the calls in progress; returns how many were cut off."""
        self.shutdown()
        self.server_close()
        deadline = time.monotonic() + seconds
        while self.figures.active and time.monotonic() < deadline:
            time.sleep(0.05)
        return self.figures.active


class _Connection(socketserver.BaseRequestHandler):
    server: FastAgiServer

    def setup(self) -> None:
        # A command is a small packet that waits for its answer: Nagle would hold each back.
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def handle(self) -> None:
        self.server.serve_one(self.request)
