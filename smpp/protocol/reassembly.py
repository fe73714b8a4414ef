"""Parts of long messages that subscribers send -> whole texts: any order, duplicates, other people's parts in between.

Pure logic over a store. The key holds the source address: two subscribers may use the same reference at the same time.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from types import MappingProxyType
from typing import Protocol

from smpp.protocol.decoding import Decoded, decode
from smpp.protocol.segmentation import DefaultAlphabet
from smpp.protocol.user_data_header import Concatenation

TIME_LIMIT = timedelta(minutes=30)
"""How long the parts of one message may take; after it the same reference is a new message."""

GAP = "[…]"
"""Stands for parts that never came in the text of a message given up."""


@dataclass(frozen=True, slots=True)
class Key:
    """What the parts of one message have in common. `kind` as in Concatenation."""

    operator: str
    source: str
    destination: str
    kind: str
    reference: int


@dataclass(frozen=True, slots=True)
class PartPayload:
    """One part: octets without header, and their data_coding."""

    octets: bytes
    data_coding: int


@dataclass(frozen=True, slots=True)
class Assembly:
    """The parts of one message that have come, by number from 1. Kept when complete, to know a repeated part."""

    total: int
    first_at: datetime
    parts: Mapping[int, PartPayload]

    @property
    def complete(self) -> bool:
        """Whether no part is missing."""
        return len(self.parts) == self.total

    def text(self, alphabet: DefaultAlphabet = DefaultAlphabet.GSM) -> Decoded:
        """The text of what has come, `GAP` where parts are missing.

        Neighbouring parts of one coding are decoded together: telephones cut surrogate pairs in two.
        """
        problem = None if self.complete else "incomplete"
        texts: list[str] = []
        for coding, numbers in groupby(range(1, self.total + 1), self._coding):
            if coding is None:
                texts.append(GAP)
                continue
            decoded = decode(b"".join(self.parts[number].octets for number in numbers), coding, alphabet)
            texts.append(decoded.text)
            problem = problem or decoded.problem
        return Decoded("".join(texts), problem)

    def _coding(self, number: int) -> int | None:
        part = self.parts.get(number)
        return part.data_coding if part else None


class Store(Protocol):
    """Keeps assemblies. All calls for one part happen in one transaction of the caller's, which `load` must make others
    wait for: parts of one message may come by two binds at once.
    """

    def load(self, key: Key) -> Assembly | None:
        """The assembly under the key."""

    def save(self, key: Key, assembly: Assembly) -> None:
        """Insert or replace."""

    def remove(self, key: Key) -> None:
        """Forget; nothing happens when there is none."""

    def begun_before(self, moment: datetime) -> Iterable[tuple[Key, Assembly]]:
        """Assemblies whose first part came before the moment."""


@dataclass(frozen=True, slots=True)
class Added:
    """What one part led to.

    `whole`: the message that it completed. `given_up`: an incomplete message that it took the place of, because the
    sender used its reference again. `repeated`: the part had come before, nothing is to be done.
    """

    whole: Assembly | None = None
    given_up: Assembly | None = None
    repeated: bool = False


def add(store: Store, key: Key, told: Concatenation, part: PartPayload, now: datetime) -> Added:
    """Add one part. `told` comes from its header or SAR parameters and was checked there (1 <= number <= total)."""
    present = store.load(key)
    if present and _is_continued(present, told, part, now):
        if told.number in present.parts:
            return Added(repeated=True)
        present = replace(present, parts=MappingProxyType({**present.parts, told.number: part}))
        store.save(key, present)
        return Added(whole=present if present.complete else None)
    fresh = Assembly(told.total, now, MappingProxyType({told.number: part}))
    store.save(key, fresh)
    return Added(
        whole=fresh if fresh.complete else None, given_up=present if present and not present.complete else None
    )


def give_up_old(store: Store, now: datetime) -> list[tuple[Key, Assembly]]:
    """Forget what is past the time limit; returns the incomplete ones, so that what did come is not lost."""
    old = list(store.begun_before(now - TIME_LIMIT))
    for key, _ in old:
        store.remove(key)
    return [(key, assembly) for key, assembly in old if not assembly.complete]


def _is_continued(present: Assembly, told: Concatenation, part: PartPayload, now: datetime) -> bool:
    """Whether the part belongs to the present message rather than to a new one under the same reference."""
    return (
        present.total == told.total
        and now - present.first_at <= TIME_LIMIT
        and present.parts.get(told.number, part) == part
    )


class MemoryStore:
    """A store for one process that need not survive it: the simulator's and the tests'."""

    def __init__(self) -> None:
        self._kept: dict[Key, Assembly] = {}

    def load(self, key: Key) -> Assembly | None:
        """The assembly under the key."""
        return self._kept.get(key)

    def save(self, key: Key, assembly: Assembly) -> None:
        """Insert or replace."""
        self._kept[key] = assembly

    def remove(self, key: Key) -> None:
        """Forget."""
        self._kept.pop(key, None)

    def begun_before(self, moment: datetime) -> Iterable[tuple[Key, Assembly]]:
        """Assemblies whose first part came before the moment."""
        return [(key, assembly) for key, assembly in self._kept.items() if assembly.first_at < moment]
