"""Where the simulator is found: its port, its password, and the folder of received letters."""

import hashlib
import socket
from pathlib import Path

from runtime import endpoints
from settings import Settings

ADDRESS = endpoints.ADDRESS
USER = "eschool"
LETTERS = "mail"
"""Folder in the home."""

_ENDPOINT = endpoints.Endpoint("mail-simulator", lambda settings: settings.mail_simulator_port)

port = _ENDPOINT.port


def choose_another_if_taken(settings: Settings) -> None:
    """See `Endpoint.choose_another_if_taken`."""
    _ENDPOINT.choose_another_if_taken(settings, is_running)


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
    return _ENDPOINT.password(settings, 16)
