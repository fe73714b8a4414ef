"""What a telephone hears, as A-law bytes with their times, while it is still being written."""

import bisect
import threading
import time
import warnings
from collections.abc import Callable
from pathlib import Path

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.13 has it from audioop-lts
    import audioop

_HEADER_BYTES = 44
_LOOK_SECONDS = 0.01
_SILENT_LEVEL = 8
"""A-law's zero, as 16-bit samples have it."""


class Recording:
    """Follows a growing WAV file (16 bit mono, 8 kHz) that `find` tells once it exists.

    Packets may be lost, so the file's length says little of time: the times at which it grew do.
    """

    def __init__(self, find: Callable[[], Path | None]) -> None:
        self._find = find
        self._times: list[float] = []
        self._lengths: list[int] = []
        self._sound = b""
        self._spoken_at: float | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()

    def sound(self) -> bytes:
        """All that was heard so far, A-law, 8000 bytes a second."""
        path = self._find()
        if path is not None:
            with path.open("rb") as file:
                file.seek(_HEADER_BYTES + 2 * len(self._sound))
                samples = file.read()
            self._sound += audioop.lin2alaw(samples[: len(samples) // 2 * 2], 2)
        return self._sound

    def has_sound(self) -> bool:
        """Whether anything but silence was heard."""
        return self._spoken_at is not None

    def heard_at(self, offset: int) -> float:
        """time.monotonic() at which the byte `offset` of the sound was heard."""
        index = bisect.bisect_right(self._lengths, offset)
        return self._times[min(index, len(self._times) - 1)] if self._times else time.monotonic()

    def quiet_for(self) -> float:
        """Seconds since the last sound that was no silence (or since the beginning)."""
        return time.monotonic() - (self._spoken_at or self._started)

    def stop(self) -> None:
        """Look no more."""
        self._stop.set()
        self._thread.join()

    def _follow(self) -> None:
        self._started = time.monotonic()
        length = 0
        while not self._stop.wait(_LOOK_SECONDS):
            path = self._find()
            grown = (path.stat().st_size - _HEADER_BYTES) // 2 if path else 0
            if path and grown > length:
                if _has_words(path, length, grown):
                    self._spoken_at = time.monotonic()
                length = grown
                self._times.append(time.monotonic())
                self._lengths.append(length)


def _has_words(path: Path, first: int, last: int) -> bool:
    """Whether there is anything but silence between two samples of the file."""
    with path.open("rb") as file:
        file.seek(_HEADER_BYTES + 2 * first)
        return audioop.max(file.read(2 * (last - first)), 2) > _SILENT_LEVEL
