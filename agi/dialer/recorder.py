"""What became of the calls -> the database, in batches: whatever gathered while the last commit ran is the next one."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import UTC, datetime

import logs
from db.session import Database
from errors import OperationError
from school.outbound import attempts
from school.outbound.attempts import Ended
from school.outbound.policy import Pauses

log = logs.get(__name__)

AGAIN_SECONDS = 0.5


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
        loop = asyncio.get_running_loop()
        away = False
        while self._waiting.size or not self._stopping:
            if not self._waiting.size:
                self._news.clear()
                await self._news.wait()
                continue
            batch, self._waiting = self._waiting, Batch()
            try:
                await loop.run_in_executor(self._executor, self._store, batch)
                away = False
                self._recorded()
            except OperationError as error:
                if not away:
                    log.error("recorder.database_away", reason=str(error), entries=batch.size)
                away = True
                self._waiting = batch.before(self._waiting)
                if self._stopping:
                    return  # the next start finds these calls gone and settles what it can
                await asyncio.sleep(AGAIN_SECONDS)
            except Exception as error:
                log.error("recorder.failed", error=logs.where(error), entries=batch.size)
                await self._one_by_one(batch)

    async def _one_by_one(self, batch: Batch) -> None:
        """Something in the batch cannot be stored: the rest must not suffer."""
        loop = asyncio.get_running_loop()
        singles = [Batch(answered=[one]) for one in batch.answered]
        singles += [Batch(machines=[one]) for one in batch.machines]
        singles += [Batch(ends=[one]) for one in batch.ends]
        for single in singles:
            try:
                await loop.run_in_executor(self._executor, self._store, single)
            except OperationError:
                self._waiting = single.before(self._waiting)
            except Exception as error:
                log.error("recorder.given_up", error=logs.where(error))
        self._recorded()

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
