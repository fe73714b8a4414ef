"""After the database was away: those who hold leases could not renew them meanwhile, and get the time to."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from errors import OperationError

PATIENCE_SECONDS = 15.0
"""How long leases that ran out are left alone after the database is back. Whoever lives tries again every second, and
records what went out meanwhile; whoever does not come back by then counts as dead."""


class Patience:
    """One sender's, used by one thread at a time. `clock` counts seconds."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._is_away = False
        self._until: float | None = None

    @contextmanager
    def asking(self) -> Iterator[None]:
        """The database is asked inside; that it was away shows by OperationError, which is raised on."""
        try:
            yield
        except OperationError:
            self._is_away = True
            raise
        if self._is_away:
            self._is_away = False
            self._until = self._clock() + PATIENCE_SECONDS

    @property
    def is_over(self) -> bool:
        """Whether leases that ran out may be ended."""
        return not self._is_away and (self._until is None or self._clock() >= self._until)
