"""Free ports, below the range from which the kernel assigns its own."""

import errno
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
"""Where the few ports of a telephone are taken from, and where the hundreds of a PBX: scattered over all of the
share the former would leave no room for the latter."""
_lock = threading.Lock()
_given: set[int] = set()
_next = {place: random.randrange(place.start, place.stop) for place in (_SMALL, _LARGE)}
"""Where to look next: one block stands beside the other, so that no gaps are lost. Other test runs began elsewhere."""


def is_free(port: int) -> bool:
    """Whether the port can be used on the loopback by TCP and UDP."""
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                return False
    return True


def free_port() -> int:
    """One free port."""
    return free_block(1)


def free_block(size: int) -> int:
    """The first of `size` consecutive ports that nobody has. Raises RuntimeError when there are none."""
    place = _SMALL if size < 100 else _LARGE
    with _lock:
        for _ in place:
            first = _next[place] if _next[place] + size <= place.stop else place.start
            block = range(first, first + size)
            if _given.isdisjoint(block) and all(map(is_free, (*block[:: max(1, size // 20)], block[-1]))):
                _given.update(block)
                _next[place] = first + size
                return first
            _next[place] = first + 1
    raise RuntimeError("there are no free ports on this machine")


def give_back(first: int, size: int = 1) -> None:
    """Let others have these ports: whoever had them has ended."""
    with _lock:
        _given.difference_update(range(first, first + size))
