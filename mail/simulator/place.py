"""Where the simulator is found: its port, its password, and the folder of the letters it got."""

import hashlib
import hmac
import socket
from pathlib import Path

import ports
from settings import Settings

ADDRESS = ports.ADDRESS
USER = "eschool"
LETTERS = "mail"
"""Folder in the home."""


def port(settings: Settings) -> int:
    """The configured port; 0: a free one, chosen once and kept in <home>/mail-simulator.port.

    The sender and the simulator ask in any order and get the same. Raises OperationError when the file is damaged.
    """
    if settings.mail_simulator_port:
        return settings.mail_simulator_port
    settings.prepare_home()
    return ports.kept(_port_file(settings))


def choose_another_if_taken(settings: Settings) -> None:
    """Forget the kept port when another program uses it by now; to be called before the processes are started."""
    if settings.mail_simulator_port or not _port_file(settings).exists() or is_running(settings):
        return
    if not ports.is_free(port(settings)):
        _port_file(settings).unlink()


def folder(settings: Settings) -> Path:
    """Where the letters are, one .eml file each; their names sort by arrival."""
    return settings.home_path / LETTERS


def is_running(settings: Settings) -> bool:
    """Whether this home's simulator answers, not another copy's."""
    try:
        with socket.create_connection((ADDRESS, port(settings)), timeout=2) as peer:
            return greeting(settings).encode() in peer.recv(512)
    except OSError:
        return False


def greeting(settings: Settings) -> str:
    """What it calls itself; from it nobody learns the password."""
    return "eschool mail simulator " + hashlib.sha256(password(settings).encode()).hexdigest()[:8]


def password(settings: Settings) -> str:
    """What the sender signs in with, so that no letter gets to another copy on this machine by mistake."""
    return hmac.new(settings.key(), b"mail simulator", hashlib.sha256).hexdigest()[:16]


def _port_file(settings: Settings) -> Path:
    return settings.home_path / "mail-simulator.port"
