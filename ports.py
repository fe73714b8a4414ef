"""Ports of the servers for trying out: a free one, chosen once and kept in the home folder.

Whoever asks first chooses; all processes of a home get the same. They listen for this machine only.
"""

import random
import secrets
import socket
from pathlib import Path

from errors import OperationError

ADDRESS = "127.0.0.1"
"""Whoever reaches such a server can write as anybody: it never listens further."""

_RANGE = (12_000, 32_000)
"""Below the range from which the kernel gives out its own (ip_local_port_range)."""


def kept(path: Path) -> int:
    """The port in this file, which is made with a free one in it when there is none; its folder exists.

    Raises OperationError when the file is damaged or no port is free.
    """
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


def is_free(port: int) -> bool:
    """Whether a server could listen on it now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ADDRESS, port))
        except OSError:
            return False
        return True


def _free_port() -> int:
    for _ in range(200):
        port = random.randrange(*_RANGE)  # noqa: S311  # no secret
        if is_free(port):
            return port
    raise OperationError("No free port was found: set ESCHOOL_SMS_SIMULATOR_PORT and ESCHOOL_MAIL_SIMULATOR_PORT.")
