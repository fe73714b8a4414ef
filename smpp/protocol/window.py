"""The window: submit_sm without a response yet, by sequence number, up to a limit."""

from collections.abc import Iterator
from typing import Generic, NamedTuple, TypeVar

FIRST, LAST = 0x00000001, 0x7FFFFFFF
"""Sequence numbers (SMPP 3.4, 5.1.4)."""

REMEMBERED = 10_000
"""Entries given up whose late answer is still understood."""

Item = TypeVar("Item")


def sequence_numbers() -> Iterator[int]:
    """1, 2, ... and round again, for every request of one connection."""
    while True:
        yield from range(FIRST, LAST + 1)


class PendingRequest(NamedTuple, Generic[Item]):
    """One request that is out; `sent_at` in seconds of the caller's clock."""

    item: Item
    sent_at: float


class Window(Generic[Item]):
    """Pairs answers with requests. Not shared between threads."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._out: dict[int, PendingRequest[Item]] = {}  # in order of sending: a dict keeps it
        self._given_up: dict[int, PendingRequest[Item]] = {}

    def __len__(self) -> int:
        return len(self._out)

    @property
    def free(self) -> int:
        """How many more may go out."""
        return self.size - len(self._out)

    def put(self, sequence: int, item: Item, now: float) -> None:
        """A request goes out. Raises ValueError when the window is full or the number is out already."""
        if len(self._out) >= self.size or sequence in self._out:
            raise ValueError("the window is full" if self.free <= 0 else f"{sequence} is out already")
        self._given_up.pop(sequence, None)
        self._out[sequence] = PendingRequest(item, now)

    def take(self, sequence: int) -> PendingRequest[Item] | None:
        """Its answer came: the request, or None for an answer to nothing that is out."""
        return self._out.pop(sequence, None)

    def take_late(self, sequence: int) -> PendingRequest[Item] | None:
        """The answer to a request given up before came after all."""
        return self._given_up.pop(sequence, None)

    def give_up(self, before: float) -> list[Item]:
        """Take out what was sent before the moment; a late answer is still understood."""
        old: list[Item] = []
        while self._out:
            sequence, entry = next(iter(self._out.items()))
            if entry.sent_at >= before:
                break
            del self._out[sequence]
            old.append(entry.item)
            self._given_up[sequence] = entry
        while len(self._given_up) > REMEMBERED:
            del self._given_up[next(iter(self._given_up))]
        return old

    def drain(self) -> list[PendingRequest[Item]]:
        """The connection ended: everything that was out."""
        entries = list(self._out.values())
        self._out.clear()
        self._given_up.clear()
        return entries
