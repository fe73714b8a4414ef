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
_SMALL, _LARGE = range(_FIRST, _FIRST + _SHARE // 2), range(_FIRST + _SHARE // 2, _FIRST + _SHARE)
"""Where the few ports of a telephone are taken from, and where the hundreds of an exchange: scattered over all of the
share the former would leave no room for the latter."""
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
        place = _SMALL if size < 100 else _LARGE
        first = random.randrange(place.start, place.stop - size)
        block = range(first, first + size)
        with _lock:
            if _given.isdisjoint(block) and all(map(is_free, (*block[:: max(1, size // 20)], block[-1]))):
                _given.update(block)
                return first
    raise RuntimeError("there are no free ports on this machine")
