"""How answered calls ended, for as long as the database is away: told as soon as it is back.

The dialer counts an answered call of which nothing is told within 20 seconds of its hang-up as cut short, and rings the
family again. It notes the hang-up when the database is back, so there is time to tell it here.
"""

import threading
from collections.abc import Callable
from datetime import UTC, datetime

import logs
from db.kinds import CallResult
from db.session import Database
from errors import OperationError
from runtime.periodic import PeriodicThread
from school.calling.policy import Pauses
from school.dialling import attempts

log = logs.get(__name__)

RETRY_SECONDS = 1.0
KEPT_AT_MOST = 20_000
STOP_SECONDS = 5.0


class LateResults:
    """Keeps them in memory, in the order in which they came. Any thread may add one."""

    def __init__(
        self, database: Database, pauses: Pauses, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database, self._pauses, self._now = database, pauses, now
        self._lock = threading.Lock()
        self._waiting: list[tuple[str, CallResult]] = []
        self._thread: PeriodicThread | None = None

    def add(self, channel_id: str, result: CallResult) -> None:
        """The database did not take this one. Where nothing runs that would try again, it is lost."""
        with self._lock:
            if self._thread is not None and len(self._waiting) < KEPT_AT_MOST:
                self._waiting.append((channel_id, result))
                return
        log.error("outbound.not_told", result=result)

    def start(self) -> None:
        """Try again from now on."""
        self._thread = PeriodicThread("late-results", (RETRY_SECONDS, self.tell))
        self._thread.start()

    def stop(self) -> None:
        """One more try, and what is not taken then is lost."""
        if self._thread is not None:
            self._thread.stop(STOP_SECONDS)
            self._thread = None
            self.tell()

    def tell(self) -> None:
        """Tell what waits; while the database is away it waits on."""
        with self._lock:
            told = list(self._waiting)
        if not told:
            return
        try:
            with self._database.session() as session:
                for channel_id, result in told:
                    attempts.told(session, channel_id, result, self._now(), self._pauses)
        except OperationError:
            return  # which the voice server has said already
        with self._lock:
            del self._waiting[: len(told)]
        log.info("outbound.told_late", count=len(told))
