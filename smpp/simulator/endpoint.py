"""Where the simulator is found: its SMPP port, its password, and the socket for playing telephones."""

import socket
from pathlib import Path

from errors import OperationError
from runtime import endpoints
from settings import Settings

ADDRESS = endpoints.ADDRESS

SYSTEM_ID = "eschool"

LONGEST_SOCKET_PATH = 107
"""Octets that the kernel takes for the path of a Unix socket (sun_path less its NUL)."""

_ENDPOINT = endpoints.Endpoint("sms-simulator", lambda settings: settings.sms_simulator_port)

port = _ENDPOINT.port


def choose_another_if_taken(settings: Settings) -> None:
    """See `Endpoint.choose_another_if_taken`."""
    _ENDPOINT.choose_another_if_taken(settings, is_running)


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
    return _ENDPOINT.password(settings, 8)
