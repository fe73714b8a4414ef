"""One way to stop: SIGTERM or SIGINT asks a process to finish, a second one ends it at once with exit status 1.

`stop_requested()` is for a process whose main thread waits, `stop_event()` for one that runs an event loop. What is
under way when the second signal comes is left as after a crash, which every process is made for.
"""

import asyncio
import os
import signal
from collections.abc import Callable
from queue import Empty, SimpleQueue

SIGNALS = (signal.SIGTERM, signal.SIGINT)
FORCED_STATUS = 1
"""Exit status after the second signal."""


class StopRequest:
    """Whether this process is to stop. Any thread may use it, and a signal's handler too.

    A handler runs in the main thread between two of its instructions. If that thread is just about to wait for a
    threading.Event it holds the event's lock, so a handler that sets the event would wait for it for ever.
    SimpleQueue.put is made to be called there.
    """

    def __init__(self) -> None:
        self._is_set = False
        self._wakings: SimpleQueue[None] = SimpleQueue()

    def set(self) -> None:
        """Ask the process to stop."""
        self._is_set = True
        self._wakings.put(None)

    def is_set(self) -> bool:
        """Whether it was asked to."""
        return self._is_set

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it is asked to stop, for so many seconds at most; tells whether it was asked."""
        if not self._is_set:
            try:
                self._wakings.get(timeout=seconds)
            except Empty:
                return self._is_set
            self._wakings.put(None)  # whoever else waits
        return True


def stop_requested() -> StopRequest:
    """What SIGTERM or SIGINT sets from now on. To be called in the main thread."""
    request = StopRequest()
    on_signal = _ask_once(request.set)
    for number in SIGNALS:
        signal.signal(number, lambda _number, _frame: on_signal())
    return request


def stop_event() -> asyncio.Event:
    """What SIGTERM or SIGINT sets from now on. To be called in the event loop, in the main thread."""
    event = asyncio.Event()
    on_signal = _ask_once(event.set)
    for number in SIGNALS:
        asyncio.get_running_loop().add_signal_handler(number, on_signal)
    return event


def _ask_once(ask: Callable[[], None]) -> Callable[[], None]:
    was_asked = False

    def on_signal() -> None:
        nonlocal was_asked
        if was_asked:
            os._exit(FORCED_STATUS)  # sys.exit would wait for every thread that waits for the database
        was_asked = True
        ask()

    return on_signal


async def until_stopped(stop: asyncio.Event, *tasks: "asyncio.Task[None]") -> None:
    """Wait until `stop` is set.

    A task that ends before that is a mistake in it: its error is raised, or RuntimeError if it has none.
    """
    stopped = asyncio.ensure_future(stop.wait())
    try:
        done, _ = await asyncio.wait([stopped, *tasks], return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
    for task in tasks:
        if task in done:
            task.result()
            raise RuntimeError(f"{task.get_coro()} ended")
