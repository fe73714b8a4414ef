"""Counts what the web's processes served, all together, in memory that they share: no disk can be full or damaged here.

prometheus_client would share by files, one for each process that ever was. A page of a mapped file for which the disk
has no room ends the process that writes it (SIGBUS), in the midst of a request.
"""

import mmap
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from threading import Lock

BUCKETS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
"""Upper bounds in seconds; the last bucket, without one, is for all that took longer."""

Key = tuple[str, str, str]
"""Endpoint, method, status."""

_KEY_BYTES = 120
_KEYS = 1024
"""So many kinds of requests are told apart in each process. There are some hundred endpoints."""
_VALUES = len(BUCKETS) + 2
"""The count of each bucket, and all seconds together."""
_SLOT_VALUES = 1 + _KEYS * _VALUES
_SLOT_BYTES = _SLOT_VALUES * 8 + _KEYS * _KEY_BYTES


@dataclass
class Histogram:
    """What was served of one kind: how many requests in each bucket of BUCKETS and beyond, and their seconds."""

    counts: list[int]
    seconds: float


class RequestFigures:
    """To be made before the processes that share it are forked; each writes in a slot of its own, and all read."""

    def __init__(self, slots: int) -> None:
        self._memory = mmap.mmap(-1, slots * _SLOT_BYTES)  # zeroed, and real memory only where it is written
        self._slots = [_Slot(self._memory, number * _SLOT_BYTES) for number in range(slots)]
        self._own: _Slot | None = self._slots[0]

    def write_in(self, slot: int | None) -> None:
        """This process's slot from here on, whose last owner has ended: it counts on. None: it counts nothing."""
        self._own = None if slot is None else self._slots[slot]
        if self._own is not None:
            self._own.take_over()

    def note(self, key: Key, seconds: float) -> None:
        """One request more. Any thread."""
        if self._own is not None:
            self._own.note(key, seconds)

    def all(self) -> dict[Key, Histogram]:
        """Of all processes together, since their common start."""
        found: dict[Key, Histogram] = {}
        for slot in self._slots:
            for key, counts, seconds in slot.read():
                one = found.setdefault(key, Histogram([0] * (len(BUCKETS) + 1), 0.0))
                one.counts = [sum(pair) for pair in zip(one.counts, counts, strict=True)]
                one.seconds += seconds
        return found


class _Slot:
    """One process's part: how many keys there are, the values of each, and the keys themselves."""

    def __init__(self, memory: mmap.mmap, begin: int) -> None:
        self._values = memoryview(memory)[begin : begin + _SLOT_VALUES * 8].cast("d")
        self._names = memoryview(memory)[begin + _SLOT_VALUES * 8 : begin + _SLOT_BYTES]
        self._places: dict[Key, int] = {}
        self._lock = Lock()

    def take_over(self) -> None:
        self._lock = Lock()
        self._places = {self._key(number): number for number in range(int(self._values[0]))}

    def note(self, key: Key, seconds: float) -> None:
        with self._lock:
            place = self._places.get(key)
            if place is None and (place := self._new(key)) is None:
                return
            begin = 1 + place * _VALUES
            self._values[begin + bisect_left(BUCKETS, seconds)] += 1
            self._values[begin + _VALUES - 1] += seconds

    def _new(self, key: Key) -> int | None:
        """Its place; who reads meanwhile, and who comes after a sudden end, sees it whole or not at all."""
        place = len(self._places)
        name = "\0".join(key).encode()[:_KEY_BYTES]
        if place == _KEYS:
            return None
        self._names[place * _KEY_BYTES : (place + 1) * _KEY_BYTES] = name.ljust(_KEY_BYTES, b"\0")
        self._values[0] = place + 1
        self._places[key] = place
        return place

    def read(self) -> Iterator[tuple[Key, list[int], float]]:
        for number in range(int(self._values[0])):
            *counts, seconds = self._values[1 + number * _VALUES : 1 + (number + 1) * _VALUES]
            yield self._key(number), [int(count) for count in counts], seconds

    def _key(self, number: int) -> Key:
        name = bytes(self._names[number * _KEY_BYTES : (number + 1) * _KEY_BYTES])
        endpoint, method, status, *_ = (*name.rstrip(b"\0").decode("utf-8", "replace").split("\0"), "", "")
        return endpoint, method, status
