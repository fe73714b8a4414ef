"""How answered calls ended, for as long as the database is away: told as soon as it is back.

The dialer counts an answered call of which nothing is told within 20 seconds of its hang-up as cut short, and rings the
family again. It notes the hang-up when the database is back, so there is time to tell it here.
"""

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import logs
from db.kinds import CallResult
from db.session import Database
from runtime.batches import BatchWriter
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
        self._writer = BatchWriter()

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
            if self._waiting:
                log.error("outbound.not_told", count=len(self._waiting))

    def tell(self) -> None:
        """Tell what waits; while the database is away it waits on, and what the database refuses is given up."""
        with self._lock:
            waiting = _Results(tuple(self._waiting))
        if not waiting.size:
            return
        written = self._writer.write(self._store, waiting)
        left = sum(batch.size for batch in written.left)
        with self._lock:
            del self._waiting[: waiting.size - left]  # the left ones are the last: it went away in the midst of them
        if told := sum(batch.size for batch, _ in written.stored):
            log.info("outbound.told_late", count=told)

    def _store(self, results: "_Results") -> None:
        with self._database.session() as session:
            for channel_id, result in results.entries:
                attempts.told(session, channel_id, result, self._now(), self._pauses)


@dataclass(frozen=True, slots=True)
class _Results:
    """Channels and how their calls ended."""

    entries: tuple[tuple[str, CallResult], ...]

    @property
    def size(self) -> int:
        return len(self.entries)

    def one_by_one(self) -> "Iterable[_Results]":
        return (_Results((entry,)) for entry in self.entries)
