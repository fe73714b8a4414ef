"""The telephones behind the simulator: what each received last, and who is looking at its screen."""

import asyncio
from collections import OrderedDict, defaultdict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

KEPT_TEXTS = 20
"""Texts that a telephone remembers."""

KEPT_TELEPHONES = 1000
"""Telephones that are remembered; the one that received nothing for longest is forgotten first."""


@dataclass(frozen=True, slots=True)
class Text:
    """A short message as its reader sees it. `phone` is E.164; `number` counts the texts of all telephones from 1."""

    number: int
    phone: str
    sender: str
    parts: int
    at: datetime
    text: str = field(repr=False)
    parameters: tuple[str, ...] = ()
    """The operator's own optional parameters that came with it, each as tag=value in hexadecimal."""


class Telephones:
    """All telephones; of one thread."""

    def __init__(self) -> None:
        self._texts: OrderedDict[str, deque[Text]] = OrderedDict()
        self._watchers: defaultdict[str, set[asyncio.Queue[Text]]] = defaultdict(set)
        self._count = 0

    def receive(
        self, phone: str, sender: str, text: str, parts: int, at: datetime, parameters: tuple[str, ...] = ()
    ) -> None:
        """A text arrives at a telephone."""
        self._count += 1
        arrived = Text(self._count, phone, sender, parts, at, text, parameters)
        self._texts.setdefault(phone, deque(maxlen=KEPT_TEXTS)).append(arrived)
        self._texts.move_to_end(phone)
        if len(self._texts) > KEPT_TELEPHONES:
            self._texts.popitem(last=False)
        for watcher in self._watchers.get(phone, ()):
            watcher.put_nowait(arrived)

    def texts(self, phone: str) -> tuple[Text, ...]:
        """What a telephone remembers, oldest first."""
        return tuple(self._texts.get(phone, ()))

    @contextmanager
    def watched(self, phone: str) -> Iterator[asyncio.Queue[Text]]:
        """A queue that gets every text to arrive at a telephone from now on."""
        watcher: asyncio.Queue[Text] = asyncio.Queue()
        self._watchers[phone].add(watcher)
        try:
            yield watcher
        finally:
            self._watchers[phone].discard(watcher)
            if not self._watchers[phone]:
                del self._watchers[phone]
