"""What became of letters -> the database, in a thread of its own: the next letter is announced meanwhile."""

import threading
from collections.abc import Sequence
from contextvars import copy_context
from datetime import UTC, datetime, timedelta

import logs
from db.session import Database
from errors import OperationError
from school import outbox
from school.outbox import Result

log = logs.get(__name__)

AGAIN_SECONDS = 0.5
"""Pause before the next try while the database is away."""

GivenBack = tuple[Sequence[int], timedelta]


class Recorder:
    """`result` and `give_back` are called by the sending thread, and return at once."""

    def __init__(self, database: Database, owner: str) -> None:
        self._database = database
        self._owner = owner
        self._results: list[Result] = []
        self._given_back: list[GivenBack] = []
        self._changed = threading.Condition()
        self._unwritten = 0
        self._stopping = False
        self._thread = threading.Thread(target=copy_context().run, args=(self._run,), name="recorder", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def result(self, result: Result) -> None:
        """How a message ended."""
        with self._changed:
            self._results.append(result)
            self._unwritten += 1
            self._changed.notify_all()

    def give_back(self, message_ids: Sequence[int], pause: timedelta = timedelta(0)) -> None:
        """Claimed messages that were not sent: they are ready again, after a pause."""
        if message_ids:
            with self._changed:
                self._given_back.append((message_ids, pause))
                self._unwritten += 1
                self._changed.notify_all()

    def settled(self, seconds: float) -> bool:
        """Wait until all is in the database; False: it takes longer than so many seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._unwritten, seconds)

    def stop(self, seconds: float) -> None:
        """Write what is there, for so long; leases of what is not written run out by themselves."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join(seconds)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._unwritten or self._stopping)
                results, given_back = self._results, self._given_back
                if not results and not given_back:
                    return
                self._results, self._given_back = [], []
            try:
                self._write(results, given_back)
            except OperationError as error:
                log.error("recorder.database_away", reason=str(error), entries=len(results) + len(given_back))
                with self._changed:
                    self._results, self._given_back = results + self._results, given_back + self._given_back
                    if self._stopping:
                        return
                    self._changed.wait(AGAIN_SECONDS)
                continue
            except Exception as error:
                log.error("recorder.failed", error=logs.where(error), entries=len(results) + len(given_back))
            with self._changed:
                self._unwritten -= len(results) + len(given_back)
                self._changed.notify_all()

    def _write(self, results: Sequence[Result], given_back: Sequence[GivenBack]) -> None:
        now = datetime.now(UTC)
        with self._database.session() as session:
            if results:
                outbox.record(session, self._owner, results, now)
            for message_ids, pause in given_back:
                outbox.release(session, self._owner, message_ids, now, pause)
