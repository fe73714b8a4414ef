"""Periodic work of a process; what fails is logged and tried again the next time."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from time import monotonic

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


async def repeat(
    name: str, step: Callable[[], Awaitable[None]], *, while_true: Callable[[], bool], pause_seconds: float
) -> None:
    """Do a process's main work step by step, one after the other without a pause, while `while_true()`.

    A step that fails is logged as `<name>.database_away` (once, however long it is away) or `<name>.failed`, and the
    next one comes after a pause.
    """
    is_away = False
    while while_true():
        try:
            await step()
            is_away = False
        except OperationError as error:
            if not is_away:
                log.error(f"{name}.database_away", reason=str(error))
            is_away = True
            await asyncio.sleep(pause_seconds)
        except Exception as error:
            log.error(f"{name}.failed", error=logs.where(error))
            await asyncio.sleep(pause_seconds)


class PeriodicThread:
    """Does chores in a thread of its own, one after the other, each with so many seconds between: (seconds, chore)."""

    def __init__(self, name: str, *chores: tuple[float, Callable[[], object]]) -> None:
        self._chores = chores
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Do each chore now, and go on."""
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Begin no other chore, and wait so long for the one that is under way."""
        self._stopping.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        due = [monotonic()] * len(self._chores)
        while True:
            for number, (seconds, chore) in enumerate(self._chores):
                if self._stopping.is_set():
                    return
                if monotonic() >= due[number]:
                    with forgiving():
                        chore()
                    due[number] = monotonic() + seconds
            self._stopping.wait(max(min(due) - monotonic(), 0.0))
