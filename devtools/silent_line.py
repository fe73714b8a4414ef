"""A line to a server that can go silent: packets are acknowledged, nothing arrives, nobody is told that it broke."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

CHUNK = 65536


class SilentLine:
    """Listens on `host`, on a free port, and forwards to `target`: a Unix socket's path, or an address and a port."""

    def __init__(self, target: Path | tuple[str, int], host: str = "127.0.0.1") -> None:
        self._target = target
        self._listener = socket.create_server((host, 0))
        self.host = host
        self.port: int = self._listener.getsockname()[1]
        self._flows = threading.Event()
        self._flows.set()
        self._ended = False
        self._open: list[socket.socket] = []

    def start(self) -> None:
        """Forward from here on."""
        threading.Thread(target=self._accept, name="silent-line", daemon=True).start()

    def fall_silent(self) -> None:
        """Hold back what is sent from here on."""
        self._flows.clear()

    def speak(self) -> None:
        """Forward again, what was held back first."""
        self._flows.set()

    def close(self) -> None:
        """End it with all its connections."""
        self._ended = True
        for one in (self._listener, *self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._flows.set()

    def _accept(self) -> None:
        while not self._ended:
            try:
                near, _ = self._listener.accept()
                far = self._reach()
            except OSError:
                continue
            self._open += [near, far]
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._forward, args=(one, other), daemon=True).start()

    def _reach(self) -> socket.socket:
        if isinstance(self._target, tuple):
            return socket.create_connection(self._target)
        far = socket.socket(socket.AF_UNIX)
        far.connect(str(self._target))
        return far

    def _forward(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(CHUNK):
                self._flows.wait()
                target.sendall(data)
            self._flows.wait()
            target.shutdown(socket.SHUT_WR)


@contextmanager
def silent_line(target: Path | tuple[str, int], host: str = "127.0.0.1") -> Iterator[SilentLine]:
    """A line that forwards, and is closed at the end."""
    line = SilentLine(target, host)
    line.start()
    try:
        yield line
    finally:
        line.close()
