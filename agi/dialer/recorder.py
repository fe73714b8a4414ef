"""Writes the results of calls in batches: whatever gathers during one commit is the next batch."""

import asyncio
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import UTC, datetime

from db.session import Database
from runtime.batches import AGAIN_SECONDS, BatchWriter
from runtime.blocking import run_blocking
from school.calling.policy import Pauses
from school.dialling import attempts
from school.dialling.attempts import Ended


@dataclass(slots=True)
class Batch:
    """What is written in one transaction."""

    answered: list[str] = field(default_factory=list)
    machines: list[str] = field(default_factory=list)
    ends: list[Ended] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Entries."""
        return len(self.answered) + len(self.machines) + len(self.ends)

    def one_by_one(self) -> Iterable["Batch"]:
        """The same, each entry alone."""
        yield from (Batch(answered=[one]) for one in self.answered)
        yield from (Batch(machines=[one]) for one in self.machines)
        yield from (Batch(ends=[one]) for one in self.ends)

    def before(self, later: "Batch") -> "Batch":
        """These entries and then those."""
        return Batch(self.answered + later.answered, self.machines + later.machines, self.ends + later.ends)


class Recorder:
    """Used in the event loop's thread. `recorded` is called after each commit."""

    def __init__(self, database: Database, executor: Executor, pauses: Pauses, recorded: Callable[[], None]) -> None:
        self._database = database
        self._executor = executor
        self._pauses = pauses
        self._recorded = recorded
        self._waiting = Batch()
        self._writer = BatchWriter()
        self._news = asyncio.Event()
        self._stopping = False

    def answered(self, channel_id: str) -> None:
        """A call was taken."""
        self._waiting.answered.append(channel_id)
        self._news.set()

    def talks_on(self, channel_id: str) -> None:
        """It sounds like a machine."""
        self._waiting.machines.append(channel_id)
        self._news.set()

    def ended(self, end: Ended) -> None:
        """A telephone was hung up."""
        self._waiting.ends.append(end)
        self._news.set()

    def stop(self) -> None:
        """Let `run` end once everything is written, or at once when the database is away."""
        self._stopping = True
        self._news.set()

    async def run(self) -> None:
        """Write until stopped."""
        while self._waiting.size or not self._stopping:
            if not self._waiting.size:
                self._news.clear()
                await self._news.wait()
                continue
            batch, self._waiting = self._waiting, Batch()
            written = await run_blocking(self._executor, self._writer.write, self._store, batch)
            if written.stored:
                self._recorded()
            for left in reversed(written.left):
                self._waiting = left.before(self._waiting)
            if written.left:
                if self._stopping:
                    return  # the next start finds these calls gone and settles what it can
                await asyncio.sleep(AGAIN_SECONDS)

    def _store(self, batch: Batch) -> None:
        """In a thread of its own."""
        now = datetime.now(UTC)
        with self._database.session() as session:
            if batch.answered:
                attempts.answered(session, batch.answered, now)
            if batch.machines:
                attempts.sounds_like_machine(session, batch.machines)
            if batch.ends:
                attempts.ended(session, batch.ends, now, self._pauses)
