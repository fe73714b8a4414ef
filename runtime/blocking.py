"""Runs blocking work, such as a database's, outside a thread that serves many and must not wait."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Protocol, TypeVar, TypeVarTuple

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")


async def run_blocking(executor: Executor, work: Callable[[*Arguments], Result], *arguments: *Arguments) -> Result:
    """Do `work(*arguments)` in one of the executor's threads while the event loop goes on.

    Returns what it returns and raises what it raises.
    """
    return await asyncio.get_running_loop().run_in_executor(executor, work, *arguments)


class RunBlocking(Protocol):
    """The same for who may wait for it: a call on a green thread, or one that has a process of its own."""

    def __call__(self, work: Callable[[], Result]) -> Result:
        """Do `work`; returns what it returns and raises what it raises."""


def run_here(work: Callable[[], Result]) -> Result:
    """At once, in the same thread: nobody else is kept waiting."""
    return work()
