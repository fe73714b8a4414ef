"""Writes the results of letters in a thread of its own; the next letter is announced meanwhile."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from db.session import Database
from runtime.batches import AGAIN_SECONDS, BatchWriter
from school import outbox
from school.outbox import Result


@dataclass(slots=True)
class Batch:
    """What is written in one transaction."""

    results: list[Result] = field(default_factory=list)
    given_back: list[tuple[Sequence[int], timedelta]] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Entries."""
        return len(self.results) + len(self.given_back)

    def one_by_one(self) -> Iterable["Batch"]:
        """The same, each entry alone."""
        yield from (Batch(results=[entry]) for entry in self.results)
        yield from (Batch(given_back=[entry]) for entry in self.given_back)

    def before(self, later: "Batch") -> "Batch":
        """These entries and then those."""
        return Batch(self.results + later.results, self.given_back + later.given_back)


class Recorder:
    """`result` and `give_back` are called by the sending thread, and return at once."""

    def __init__(self, database: Database, owner: str) -> None:
        self._database = database
        self._owner = owner
        self._waiting = Batch()
        self._writer = BatchWriter()
        self._changed = threading.Condition()
        self._unwritten = 0
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()

    def result(self, result: Result) -> None:
        """How a message ended."""
        with self._changed:
            self._waiting.results.append(result)
            self._unwritten += 1
            self._changed.notify_all()

    def give_back(self, message_ids: Sequence[int], pause: timedelta = timedelta(0)) -> None:
        """Claimed messages that were not sent: they are ready again, after a pause."""
        if message_ids:
            with self._changed:
                self._waiting.given_back.append((message_ids, pause))
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
                batch, self._waiting = self._waiting, Batch()
            if not batch.size:
                return
            written = self._writer.write(self._store, batch)
            with self._changed:
                for left in reversed(written.left):
                    self._waiting = left.before(self._waiting)
                self._unwritten -= batch.size - sum(left.size for left in written.left)
                self._changed.notify_all()
                if written.left:
                    if self._stopping:
                        return
                    self._changed.wait(AGAIN_SECONDS)

    def _store(self, batch: Batch) -> None:
        now = datetime.now(UTC)
        with self._database.session() as session:
            if batch.results:
                outbox.record(session, self._owner, batch.results, now)
            for message_ids, pause in batch.given_back:
                outbox.release(session, self._owner, message_ids, now, pause)
