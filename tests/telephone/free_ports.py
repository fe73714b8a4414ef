"""Ports nobody uses, below the range from which the kernel gives out its own."""

import random
import socket

_LOWEST, _HIGHEST = 20_000, 32_000


def is_free(port: int) -> bool:
    """Whether the port can be used on the loopback by TCP and UDP."""
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


def free_port() -> int:
    """One free port."""
    return free_block(1)


def free_block(size: int) -> int:
    """The first of `size` consecutive ports; the first, the last and some between are known to be free."""
    for _ in range(200):
        first = random.randrange(_LOWEST, _HIGHEST - size)
        if all(is_free(port) for port in range(first, first + size, max(1, size // 20))) and is_free(first + size - 1):
            return first
    raise RuntimeError("there are no free ports on this machine")
