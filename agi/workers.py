"""Worker threads beside the calls' thread, so that a call that waits does not hold up the others."""

from collections.abc import Callable
from typing import cast

from gevent import Timeout
from gevent.threadpool import ThreadPool

from errors import DatabaseAwayError
from runtime.blocking import Result

PATIENCE = 10.0
"""Seconds that a call waits for what it asked. A database that neither answers nor refuses holds the workers, and who
comes after must not listen to silence until it is their turn."""


_Outcome = tuple[Result | None, Exception | None]


class Workers:
    """Threads beside the lines' thread, asked from its green threads. First come, first served."""

    def __init__(self, count: int, patience: float = PATIENCE) -> None:
        self._count = count
        self._patience = patience
        self._pool: ThreadPool | None = None

    def __call__(self, work: Callable[[], Result]) -> Result:
        """The green thread that asks waits; the others go on.

        Raises DatabaseAwayError when the work is not done in time; it may be done all the same, as after a hangup.
        """
        if self._pool is None:  # made by the lines' thread, to whose loop it belongs
            self._pool = ThreadPool(self._count)
        late = DatabaseAwayError("The database does not answer: every worker waits for it.")
        with Timeout(self._patience, late):
            result, error = cast(_Outcome[Result], self._pool.spawn(_attempt, work).get())
        if error is not None:
            raise error
        return cast(Result, result)


def _attempt(work: Callable[[], Result]) -> _Outcome[Result]:
    """Nothing is raised in the worker: gevent prints what is, personal data included."""
    try:
        return work(), None
    except Exception as error:
        return None, error
