"""Where a call waits for the school: beside the line it is served on, when other lines share its thread."""

from collections.abc import Callable
from typing import Protocol, TypeVar

Result = TypeVar("Result")


class Aside(Protocol):
    """A place to work at."""

    def __call__(self, work: Callable[[], Result]) -> Result:
        """Do `work`; returns what it returns and raises what it raises."""


def here(work: Callable[[], Result]) -> Result:
    """Where there is but one call: at once, in the same thread."""
    return work()
