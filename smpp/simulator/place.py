"""Where the simulator is found: its SMPP port, its password, and the socket by which telephones are played."""

import hashlib
import hmac
import random
import secrets
import socket
from pathlib import Path

from errors import OperationError
from settings import Settings

ADDRESS = "127.0.0.1"
"""Whoever reaches the simulator can text as anybody: it never listens further."""

SYSTEM_ID = "eschool"

LONGEST_SOCKET_PATH = 107
"""Octets that the kernel takes for the path of a Unix socket (sun_path less its NUL)."""


_PORTS = (12_000, 32_000)
"""Below the range from which the kernel gives out its own (ip_local_port_range)."""


def port(settings: Settings) -> int:
    """The configured port; 0: a free one, chosen once and kept in <home>/sms-simulator.port.

    The gateway and the simulator ask in any order and get the same. Raises OperationError when the file is damaged.
    """
    if settings.sms_simulator_port:
        return settings.sms_simulator_port
    path = _port_file(settings)
    if not path.exists():
        settings.prepare_home()
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


def choose_another_if_taken(settings: Settings) -> None:
    """Forget the kept port when another program uses it by now; to be called before the processes are started."""
    if settings.sms_simulator_port or not _port_file(settings).exists() or is_running(settings):
        return
    if not _is_free(port(settings)):
        _port_file(settings).unlink()


def control_socket(settings: Settings) -> Path:
    """The Unix socket of the telephones, in the private home. Raises OperationError when its path is too long."""
    path = settings.home_path / "sms-simulator.socket"
    if len(str(path).encode()) > LONGEST_SOCKET_PATH:
        raise OperationError(f"{path} is too long for a socket: set ESCHOOL_HOME to a folder with a shorter path.")
    return path


def is_running(settings: Settings) -> bool:
    """Whether this home's simulator answers."""
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(control_socket(settings)))
        except OSError:
            return False
    return True


def password(settings: Settings) -> str:
    """What a bind must know, so that the gateway of another copy on this machine is not served by mistake."""
    return hmac.new(settings.key(), b"sms simulator", hashlib.sha256).hexdigest()[:8]


def _port_file(settings: Settings) -> Path:
    return settings.home_path / "sms-simulator.port"


def _free_port() -> int:
    for _ in range(200):
        port = random.randrange(*_PORTS)  # noqa: S311  # no secret
        if _is_free(port):
            return port
    raise OperationError("No port was found for the SMS simulator: set ESCHOOL_SMS_SIMULATOR_PORT.")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError:
            return False
        return True
