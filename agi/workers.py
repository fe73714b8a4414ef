"""Threads beside the lines' thread: what a call waits for must not keep the others waiting."""

from collections.abc import Callable
from typing import cast

from gevent.threadpool import ThreadPool

from agi.aside import Result


class Workers:
    """Threads beside the lines' thread, asked from its green threads. First come, first served."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._pool: ThreadPool | None = None

    def __call__(self, work: Callable[[], Result]) -> Result:
        """The green thread that asks waits; the others go on."""
        if self._pool is None:  # made by the lines' thread, to whose loop it belongs
            self._pool = ThreadPool(self._count)
        result, error = self._pool.apply(_attempt, (work,))
        if error is not None:
            raise error
        return cast(Result, result)


def _attempt(work: Callable[[], Result]) -> tuple[Result | None, Exception | None]:
    """Nothing is raised in the worker: gevent prints what is, personal data included."""
    try:
        return work(), None
    except Exception as error:
        return None, error
