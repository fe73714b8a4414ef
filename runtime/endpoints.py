"""Where the servers for trying the product are found: on the loopback address, each at a port kept in its home.

Whoever asks first chooses a free port, which is kept in the home folder; all processes of a home get the same.
"""

import hashlib
import hmac
import random
import secrets
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from errors import OperationError
from settings import Settings

ADDRESS = "127.0.0.1"
"""Whoever reaches such a server can write as anybody: it never listens further."""

_RANGE = (12_000, 32_000)
"""Below the range from which the kernel gives out its own (ip_local_port_range)."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A server's port and password. `name` as in `<home>/<name>.port`; `configured` gives its port's setting."""

    name: str
    configured: Callable[[Settings], int]

    def port(self, settings: Settings) -> int:
        """The configured port; 0: a free one, chosen once and kept in `<home>/<name>.port`.

        A server and its clients ask in any order and get the same. Raises OperationError when the file is damaged.
        """
        if configured := self.configured(settings):
            return configured
        path = self._file(settings)
        if not path.exists():
            settings.prepare_home()
        return _kept(path)

    def choose_another_if_taken(self, settings: Settings, is_running: Callable[[Settings], bool]) -> None:
        """Forget the kept port when another program uses it by now; to be called before the processes are started."""
        if self.configured(settings) or not self._file(settings).exists() or is_running(settings):
            return
        if not is_free(self.port(settings)):
            self._file(settings).unlink()

    def password(self, settings: Settings, digits: int) -> str:
        """What its clients must know, so that those of another copy on this machine are not served by mistake."""
        purpose = self.name.replace("-", " ").encode()
        return hmac.new(settings.key(), purpose, hashlib.sha256).hexdigest()[:digits]

    def _file(self, settings: Settings) -> Path:
        return settings.home_path / f"{self.name}.port"


def is_free(port: int) -> bool:
    """Whether a server could listen on it now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError:
            return False
        return True


def _kept(path: Path) -> int:
    if not path.exists():
        fresh = path.with_suffix(f".{secrets.token_hex(4)}")
        fresh.write_text(f"{_free_port()}\n", "ascii")
        try:
            path.hardlink_to(fresh)  # the first of two processes wins, both then read the same port
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    written = path.read_text("ascii", "replace").strip()
    if not (written.isdecimal() and 0 < int(written) <= 65535):
        raise OperationError(f"{path} holds no port: delete it, and another one is chosen.")
    return int(written)


def _free_port() -> int:
    for _ in range(200):
        port = random.randrange(*_RANGE)  # noqa: S311  # no secret
        if is_free(port):
            return port
    raise OperationError(
        "No free port was found: set ESCHOOL_SMS_SIMULATOR_PORT, ESCHOOL_MAIL_SIMULATOR_PORT "
        "and ESCHOOL_EPAY_SIMULATOR_PORT."
    )
