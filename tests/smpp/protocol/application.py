"""What stands behind a link in the tests: keeps what arrives and answers as it is told."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import wraps
from typing import Any

from devtools.smsc import Smsc
from smpp.protocol.link import Arrival, Link
from smpp.protocol.outcomes import SubmitOutcome
from smpp.protocol.pdus import Address, Message, Submit
from smpp.protocol.session import LinkSettings, LinkState

PARENT = Address("359888123456", 1, 1)
SHORT_CODE = Address("1987", 3, 0)


class Application:
    """Stores at once unless told to `hold` (answer later) or to `fail` (the store is broken)."""

    def __init__(self) -> None:
        self.arrivals: list[Arrival] = []
        self.late: list[tuple[Submit, SubmitOutcome]] = []
        self.states: list[LinkState] = []
        self.hold = self.fail = False

    @property
    def messages(self) -> list[Message]:
        return [arrival.message for arrival in self.arrivals]

    def arrived(self, link: Link, arrival: Arrival) -> None:
        if self.fail:
            raise RuntimeError("the database is away")
        self.arrivals.append(arrival)
        if not self.hold:
            arrival.stored()

    def late_response(self, link: Link, submit: Submit, outcome: SubmitOutcome) -> None:
        self.late.append((submit, outcome))

    def changed(self, link: Link) -> None:
        self.states.append(link.state)


def settings_for(smsc: Smsc, **changes: Any) -> LinkSettings:
    """A bind to the SMSC, quick to notice and to come back."""
    plain = LinkSettings("a1/1", "a1", "127.0.0.1", smsc.port, "eschool", "secret", longest_retry_seconds=0.2)
    return replace(plain, **changes)


def in_a_loop(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Runs an async test in an event loop of its own."""

    @wraps(test)
    def run(*arguments: Any, **named: Any) -> None:
        asyncio.run(test(*arguments, **named))

    return run


def submitted(link: Link, submit: Submit) -> "asyncio.Future[SubmitOutcome]":
    """Hand over a message; the future tells how it ended."""
    future: asyncio.Future[SubmitOutcome] = asyncio.get_running_loop().create_future()
    link.submit(submit, lambda outcome: None if future.done() else future.set_result(outcome))
    return future


@asynccontextmanager
async def linked(smsc: Smsc, application: Application, **changes: Any) -> AsyncIterator[Link]:
    """A bound link."""
    link = Link(settings_for(smsc, **changes), application)
    link.start()
    try:
        await until(lambda: link.state is LinkState.BOUND)
        yield link
    finally:
        await link.stop(0.5)


async def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait until it is so."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, "it did not come to pass"
        await asyncio.sleep(0.005)


def text(words: str = "Ivan: Otlichen (6)", to: Address = PARENT) -> Submit:
    """A short plain message."""
    return Submit(SHORT_CODE, to, words.encode("ascii"))
