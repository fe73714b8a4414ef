"""The bytes of AGI: lines in, lines out, over FastAGI's socket or a plain script's standard streams.

pyst2 reads lines of any length and waits for ever; a server facing garbage, floods and silence may not.
"""

import socket
import time
from typing import Protocol, TextIO

from asterisk.agi import AGIHangup

MAX_LINE = 4096
"""Bytes of the longest line taken from Asterisk; its own buffer is 2048."""

COMMAND_SECONDS = 300.0
"""How long one command may take: the longest text read out plus the wait for a key."""


class BadClientError(Exception):
    """What is at the other end does not speak AGI."""


class Reader(Protocol):
    """Where lines come from."""

    def readline(self) -> str:
        """The next line without its end. Raises AGIHangup at the stream's end, BadClientError on rubbish."""


class Writer(Protocol):
    """Where lines go; pyst2 writes a command and flushes."""

    def write(self, text: str, /) -> object:
        """Send `text`."""

    def flush(self) -> object:
        """Nothing stays behind."""


class SocketTransport:
    """FastAGI's socket: bounded lines, and a deadline that a client sending a byte now and then cannot stretch."""

    def __init__(self, connection: socket.socket) -> None:
        self._socket = connection
        self._buffer = bytearray()
        self._deadline: float | None = None

    def expect_within(self, seconds: float) -> None:
        """All lines until the next `expect_within` or write must come within `seconds`."""
        self._deadline = time.monotonic() + seconds

    def readline(self) -> str:
        """The next line. Raises AGIHangup when the peer is gone or silent for too long."""
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > MAX_LINE:
                raise BadClientError("a line longer than AGI allows")
            self._receive()
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line.decode("utf-8", "replace").strip()

    def _receive(self) -> None:
        deadline = self._deadline if self._deadline is not None else time.monotonic() + COMMAND_SECONDS
        left = deadline - time.monotonic()
        if left <= 0:
            raise BadClientError("nothing said for too long")
        self._socket.settimeout(left)
        try:
            data = self._socket.recv(4096)
        except TimeoutError:
            raise BadClientError("nothing said for too long") from None
        except OSError as error:
            raise AGIHangup(f"the connection broke: {error.strerror}") from None
        if not data:
            raise AGIHangup("the connection was closed")
        self._buffer += data

    def write(self, text: str, /) -> None:
        """Send a command; from now on its answer is expected."""
        self.expect_within(COMMAND_SECONDS)
        try:
            self._socket.sendall(text.encode())
        except OSError as error:
            raise AGIHangup(f"the connection broke: {error.strerror}") from None

    def flush(self) -> None:
        """Nothing is kept back."""


class StdioTransport:
    """A plain AGI script's standard streams."""

    def __init__(self, source: TextIO, target: TextIO) -> None:
        self._source = source
        self._target = target

    def readline(self) -> str:
        """The next line. Raises AGIHangup at the stream's end."""
        line = self._source.readline(MAX_LINE)
        if not line:
            raise AGIHangup("the stream was closed")
        if not line.endswith("\n"):
            raise BadClientError("a line longer than AGI allows")
        return line.strip()

    def write(self, text: str, /) -> None:
        """Send a command."""
        try:
            self._target.write(text)
        except OSError as error:
            raise AGIHangup(f"the stream broke: {error.strerror}") from None

    def flush(self) -> None:
        """Push it out."""
        try:
            self._target.flush()
        except OSError as error:
            raise AGIHangup(f"the stream broke: {error.strerror}") from None
