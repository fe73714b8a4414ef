"""Where the simulator is found: its SMPP port, its password, and the socket by which telephones are played."""

import hashlib
import hmac
import socket
from pathlib import Path

import ports
from errors import OperationError
from settings import Settings

ADDRESS = ports.ADDRESS

SYSTEM_ID = "eschool"

LONGEST_SOCKET_PATH = 107
"""Octets that the kernel takes for the path of a Unix socket (sun_path less its NUL)."""


def port(settings: Settings) -> int:
    """The configured port; 0: a free one, chosen once and kept in <home>/sms-simulator.port.

    The gateway and the simulator ask in any order and get the same. Raises OperationError when the file is damaged.
    """
    if settings.sms_simulator_port:
        return settings.sms_simulator_port
    settings.prepare_home()
    return ports.kept(_port_file(settings))


def choose_another_if_taken(settings: Settings) -> None:
    """Forget the kept port when another program uses it by now; to be called before the processes are started."""
    if settings.sms_simulator_port or not _port_file(settings).exists() or is_running(settings):
        return
    if not ports.is_free(port(settings)):
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
