"""What a process does from time to time beside its work; a chore that fails is logged and done again the next time."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import logs
from errors import OperationError

log = logs.get(__name__)


@contextmanager
def forgiving() -> Iterator[None]:
    """Log what fails inside and go on: links, calls and letters must not suffer."""
    try:
        yield
    except OperationError as error:
        log.warning("chore.database_away", reason=str(error))
    except Exception as error:
        log.error("chore.failed", error=logs.where(error))


async def every(seconds: float, chore: Callable[[], Awaitable[None]]) -> None:
    """Do `chore` now and again and again with so many seconds between, until cancelled."""
    while True:
        with forgiving():
            await chore()
        await asyncio.sleep(seconds)
