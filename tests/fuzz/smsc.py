"""An SMSC that says whatever a case has it say: one connection at a time, octets in both directions."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from smpp.protocol.framing import LONGEST, SHORTEST, Frame, FrameBuffer, FramingError
from smpp.protocol.pdus import RESPONSE, Command, bare

BINDS = (Command.BIND_TRANSCEIVER, Command.BIND_RECEIVER, Command.BIND_TRANSMITTER)
Answer = Callable[[Frame], bytes]


def accepted(submit: Frame) -> bytes:
    """The ordinary answer to a submit_sm."""
    return bare(Command.SUBMIT_SM | RESPONSE, submit.sequence, body=b"%x\0" % (submit.sequence & 0xFFFFFFFF))


@dataclass
class Heard:
    """What the gateway said on one connection."""

    frames: list[tuple[float, Frame]] = field(default_factory=list)
    problem: str = ""

    def answers(self) -> Iterator[tuple[float, Frame]]:
        """Its responses, generic_nack among them."""
        for at, frame in list(self.frames):
            if frame.command_id & RESPONSE:
                yield at, frame


class Smsc:
    """Listens on a free port. What reads the connection is a thread of its own."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.2)
        self.port: int = self._listener.getsockname()[1]
        self.heard = Heard()
        self.answers: list[Answer] = []
        """To the next submit_sm; then all are accepted."""
        self._connection: socket.socket | None = None
        self._bound = threading.Event()
        self._news = threading.Condition()
        self._speaking = threading.Lock()
        self._stopping = False
        self._serving = threading.Thread(target=self._serve, daemon=True)
        self._serving.start()

    def wait_until_bound(self, seconds: float) -> bool:
        """Whether the gateway is bound, now or soon."""
        return self._bound.wait(seconds)

    @property
    def is_bound(self) -> bool:
        """Whether it is now."""
        return self._bound.is_set()

    def say(self, *pieces: bytes) -> None:
        """Send, a packet each, and nothing else between them; a gateway that is gone is seen later."""
        connection = self._connection
        with self._speaking:
            for piece in pieces:
                try:
                    if connection:
                        connection.sendall(piece)
                except OSError:
                    return

    def wait_for(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Whether it is so before the time is over or the connection is."""
        deadline = time.monotonic() + seconds
        with self._news:
            while not condition():
                left = deadline - time.monotonic()
                if left <= 0 or not self.is_bound:
                    return condition()
                self._news.wait(min(left, 0.2))
        return True

    def drop(self) -> None:
        """End the connection."""
        if self._connection:
            with contextlib.suppress(OSError):
                self._connection.shutdown(socket.SHUT_RDWR)
        deadline = time.monotonic() + 2
        while self._bound.is_set() and time.monotonic() < deadline:
            time.sleep(0.002)

    def stop(self) -> None:
        """End everything."""
        self._stopping = True
        self.drop()
        self._serving.join()
        self._listener.close()

    def _serve(self) -> None:
        while not self._stopping:
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._connection = connection
                self._hold(connection)
                self._connection = None
                self._bound.clear()
            with self._news:
                self._news.notify_all()

    def _hold(self, connection: socket.socket) -> None:
        heard, frames = Heard(), FrameBuffer()
        while True:
            try:
                data = connection.recv(65536)
            except OSError:
                return
            if not data:
                return
            try:
                for frame in frames.feed(data):
                    self._hear(heard, frame)
            except FramingError as error:
                heard.problem = str(error)
                return

    def _hear(self, heard: Heard, frame: Frame) -> None:
        if frame.command_id in BINDS:
            self.say(bare(frame.command_id | RESPONSE, frame.sequence, body=b"smsc\0"))
            self.heard = heard
            self._bound.set()
        elif frame.command_id == Command.ENQUIRE_LINK:
            self.say(bare(Command.ENQUIRE_LINK | RESPONSE, frame.sequence))
        elif frame.command_id == Command.SUBMIT_SM:
            self.say(self.answers.pop(0)(frame) if self.answers else accepted(frame))
        with self._news:
            heard.frames.append((time.monotonic(), frame))
            self._news.notify_all()


def headers(stream: bytes) -> tuple[list[tuple[int, int]], bool]:
    """(command_id, sequence) of the PDUs of a stream, and whether it ends with a whole one."""
    found, at = [], 0
    while at + SHORTEST <= len(stream):
        length, command, _, sequence = struct.unpack_from(">LLLL", stream, at)
        if not SHORTEST <= length <= LONGEST or at + length > len(stream):
            break
        found.append((command, sequence))
        at += length
    return found, at == len(stream)
