"""Ports nobody uses, below the range from which the kernel gives out its own."""

import os
import random
import socket
import threading

_LOWEST, _HIGHEST = 12_000, 32_000
_WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
_WORKER = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_SHARE = (_HIGHEST - _LOWEST) // _WORKERS
_FIRST = _LOWEST + _WORKER * _SHARE
"""Test processes that run side by side each choose from a share of their own."""
_SINGLES = _SHARE // 2
"""Single ports are taken from the lower half of it: scattered over all of it they would leave no room for blocks."""
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
        first = random.randrange(
            *((_FIRST, _FIRST + _SINGLES) if size == 1 else (_FIRST + _SINGLES, _FIRST + _SHARE - size))
        )
        block = range(first, first + size)
        with _lock:
            if _given.isdisjoint(block) and all(map(is_free, (*block[:: max(1, size // 20)], block[-1]))):
                _given.update(block)
                return first
    raise RuntimeError("there are no free ports on this machine")
