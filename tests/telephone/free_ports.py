"""Ports nobody uses, below the range from which the kernel gives out its own."""

import random
import socket
import threading

_LOWEST, _HIGHEST = 12_000, 32_000
_lock = threading.Lock()
_given: set[int] = set()


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
    """The first of `size` consecutive ports that were not given out before; some of many are tried."""
    for _ in range(500):
        first = random.randrange(_LOWEST, _HIGHEST - size)
        block = range(first, first + size)
        with _lock:
            if _given.isdisjoint(block) and all(map(is_free, (*block[:: max(1, size // 20)], block[-1]))):
                _given.update(block)
                return first
    raise RuntimeError("there are no free ports on this machine")
