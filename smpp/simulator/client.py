"""Plays a telephone at the running simulator, for a command or a test that may block."""

import json
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Self

from errors import OperationError
from settings import Settings
from smpp.simulator import endpoint
from smpp.simulator.process import check_no_operators


@dataclass(frozen=True, slots=True)
class Received:
    """A short message on the telephone's screen."""

    number: int
    sender: str
    parts: int
    at: datetime
    text: str = field(repr=False)
    parameters: tuple[str, ...] = ()
    """The operator's own optional parameters: what marks a message that charges is among them."""


class Telephone:
    """The telephone with this E.164 number, from `with` on; only then does it notice what arrives.

    Raises InputError where operators are configured, OperationError when no simulator runs or it stops.
    """

    def __init__(self, settings: Settings, phone: str) -> None:
        check_no_operators(settings)
        self._path = endpoint.control_socket(settings)
        self._phone = phone
        self._socket = socket.socket(socket.AF_UNIX)
        self._octets = bytearray()
        self._arrived: list[Received] = []
        self.taken = False
        """Whether a gateway has acknowledged what was sent last."""

    def __enter__(self) -> Self:
        try:
            self._socket.connect(str(self._path))
        except OSError:
            self._socket.close()
            raise OperationError(
                "The SMS simulator does not run: start everything with `make run`, or it alone with "
                "`eschool sms simulate` (and the same ESCHOOL_HOME)."
            ) from None
        self._do("watch", phone=self._phone)
        self._until("watching")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()

    def send(self, text: str) -> None:
        """Text to the short code."""
        self.taken = False
        self._do("text", **{"from": self._phone}, text=text)
        self._until("sent")

    def texts(self) -> list[Received]:
        """What the telephone remembers, oldest first."""
        self._do("texts", phone=self._phone)
        before, self._arrived = self._arrived, []
        self._until("end")
        remembered, self._arrived = self._arrived, before
        return remembered

    def received(self, seconds: float) -> Received | None:
        """The next text that arrives within so many seconds."""
        deadline = time.monotonic() + seconds
        while not self._arrived:
            if (remaining := deadline - time.monotonic()) <= 0:
                return None
            self._notice(self._read(remaining))
        return self._arrived.pop(0)

    def all_received(self) -> Iterator[Received]:
        """Every text to arrive, until the simulator stops or the caller has enough."""
        while True:
            if text := self.received(3600):
                yield text

    def _do(self, what: str, **values: str) -> None:
        self._socket.sendall(json.dumps({"do": what, **values}).encode() + b"\n")

    def _until(self, event: str) -> dict[str, Any]:
        while True:
            told = self._read(10.0)
            if told is None or told["event"] == "error":
                raise OperationError("The SMS simulator does not answer: start it again.")
            if told["event"] == event:
                return told
            self._notice(told)

    def _notice(self, told: dict[str, Any] | None) -> None:
        if told is None:
            return
        if told["event"] == "taken":
            self.taken = True
        elif told["event"] == "text":
            at = datetime.fromisoformat(told["at"])
            parameters = tuple(told["parameters"])
            self._arrived.append(Received(told["number"], told["sender"], told["parts"], at, told["text"], parameters))

    def _read(self, seconds: float) -> dict[str, Any] | None:
        """The next line; None: it did not come in time."""
        self._socket.settimeout(seconds)
        while (end := self._octets.find(b"\n")) < 0:
            try:
                octets = self._socket.recv(65536)
            except TimeoutError:
                return None
            except OSError:
                octets = b""
            if not octets:
                raise OperationError("The SMS simulator was stopped.")
            self._octets += octets
        line = bytes(self._octets[:end])
        del self._octets[: end + 1]
        told: dict[str, Any] = json.loads(line)
        return told
