"""Answers that take equally long whether or not what was typed exists."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

SECONDS = 0.15
"""More than the work of either takes; less than anybody minds."""


@contextmanager
def even_time(seconds: float = SECONDS) -> Iterator[None]:
    """Let what is done inside end no sooner than this after its beginning."""
    began = time.perf_counter()
    try:
        yield
    finally:
        time.sleep(max(0.0, seconds - (time.perf_counter() - began)))
