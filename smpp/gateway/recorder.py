"""Writes what happened on the links in batches: whatever gathers during one commit is the next batch.

Only after the commit is a delivery acknowledged, and a message no longer in doubt.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from smpplib import consts

from db.session import Database
from runtime.batches import AGAIN_SECONDS, BatchWriter
from runtime.blocking import run_blocking
from school import outbox
from school.outbox import Report, Result, TakenPart
from smpp.gateway import receiver
from smpp.gateway.lanes import Attempt
from smpp.gateway.receiver import Piece
from smpp.protocol.link import Arrival

MOST_AT_ONCE = 1000
"""Entries of one kind in one transaction."""

Entry = TypeVar("Entry")


@dataclass(slots=True)
class Batch:
    """What is written in one transaction, in this order."""

    results: list[tuple[Result, Attempt | None]] = field(default_factory=list)
    late: list[tuple[int, TakenPart]] = field(default_factory=list)
    given_back: list[tuple[Sequence[int], timedelta]] = field(default_factory=list)
    reports: list[tuple[Report, Arrival]] = field(default_factory=list)
    pieces: list[tuple[Piece, Arrival]] = field(default_factory=list)

    @property
    def of_ours(self) -> int:
        """Entries of what we did."""
        return len(self.results) + len(self.late) + len(self.given_back)

    @property
    def size(self) -> int:
        """Entries."""
        return self.of_ours + len(self.reports) + len(self.pieces)

    def take_ours(self) -> "Batch":
        """Take out the oldest entries of what we did, up to `MOST_AT_ONCE` of each kind, and the receipts with results.

        Many of them are of the same messages, which are then written once.
        """
        reports = _cut(self.reports) if self.results else []
        return Batch(_cut(self.results), _cut(self.late), _cut(self.given_back), reports)

    def take_deliveries(self) -> "Batch":
        """Take out the oldest deliveries, up to `MOST_AT_ONCE` of each kind."""
        return Batch(reports=_cut(self.reports), pieces=_cut(self.pieces))

    def one_by_one(self) -> "Iterable[Batch]":
        """The same, each entry alone."""
        yield from (Batch(results=[entry]) for entry in self.results)
        yield from (Batch(late=[entry]) for entry in self.late)
        yield from (Batch(given_back=[entry]) for entry in self.given_back)
        yield from (Batch(reports=[entry]) for entry in self.reports)
        yield from (Batch(pieces=[entry]) for entry in self.pieces)

    def arrivals(self) -> Iterable[Arrival]:
        """The deliveries that wait for their answer."""
        yield from (arrival for _, arrival in self.reports)
        yield from (arrival for _, arrival in self.pieces)

    def without_arrivals(self) -> "Batch":
        """The entries that nobody delivers again."""
        return Batch(self.results, self.late, self.given_back)

    def before(self, later: "Batch") -> "Batch":
        """These entries and then those."""
        return Batch(
            self.results + later.results,
            self.late + later.late,
            self.given_back + later.given_back,
            self.reports + later.reports,
            self.pieces + later.pieces,
        )


def _cut(entries: list[Entry]) -> list[Entry]:
    taken = entries[:MOST_AT_ONCE]
    del entries[:MOST_AT_ONCE]
    return taken


class Recorder:
    """Used in the event loop's thread. `recorded` gets the attempts whose results are in the database, `texts` the ids
    of the texts that came in; `living` tells the tokens of the connections that are up.
    """

    def __init__(
        self,
        database: Database,
        owner: str,
        executor: Executor,
        *,
        recorded: Callable[[list[Attempt]], None],
        texts: Callable[[list[int]], None],
        living: Callable[[], frozenset[str]],
    ) -> None:
        self._database = database
        self._owner = owner
        self._executor = executor
        self._recorded = recorded
        self._texts = texts
        self._living = living
        self._waiting = Batch()
        self._news = asyncio.Event()
        self._stopping = False
        self._writer = BatchWriter()

    def result(self, result: Result, attempt: Attempt | None) -> None:
        """How a message ended."""
        self._waiting.results.append((result, attempt))
        self._news.set()

    def late(self, message_id: int, part: TakenPart) -> None:
        """A part was taken after all, though its outcome had been told as unknown."""
        self._waiting.late.append((message_id, part))
        self._news.set()

    def give_back(self, message_ids: Sequence[int], pause: timedelta) -> None:
        """Claimed messages that are not to be sent from here."""
        self._waiting.given_back.append((message_ids, pause))
        self._news.set()

    def delivery(self, what: Report | Piece, arrival: Arrival) -> None:
        """A receipt or text came; it is answered when it is stored, or refused when it cannot be."""
        if isinstance(what, Report):
            self._waiting.reports.append((what, arrival))
        else:
            self._waiting.pieces.append((what, arrival))
        self._news.set()

    def stop(self) -> None:
        """Let `run` end once everything is written, or at once when the database is away."""
        self._stopping = True
        self._news.set()

    async def run(self) -> None:
        """Write until stopped.

        What we did is written first, so that the windows open again, and the receipts that have come by then with it;
        other deliveries beside what we do next. A receipt comes after the answer to its submit_sm, and is not written
        before it.
        """
        deliveries: asyncio.Task[None] | None = None
        while self._waiting.size or not self._stopping:
            self._news.clear()
            ours, arrived = self._waiting.take_ours(), Batch()
            if deliveries is None or deliveries.done():
                arrived = self._waiting.take_deliveries()
            if ours.of_ours:
                await self._write(ours)
            if arrived.size:
                deliveries = asyncio.create_task(self._write(arrived))
                deliveries.add_done_callback(lambda _: self._news.set())
            if self._writer.is_away and self._stopping:
                break  # leases run out by themselves, and deliveries come again
            if not self._waiting.of_ours and (self._waiting.size or not self._stopping):
                await self._news.wait()
        if deliveries:
            await deliveries

    async def _write(self, batch: Batch) -> None:
        store = partial(self._store, self._living())
        written = await run_blocking(self._executor, self._writer.write, store, batch)
        for stored, text_ids in written.stored:
            for arrival in stored.arrivals():
                arrival.stored()
            self._no_more_in_doubt(stored)
            if text_ids:
                self._texts(text_ids)
        for lost in written.given_up:
            _refuse(lost.arrivals())
            self._no_more_in_doubt(lost)
        for left in reversed(written.left):
            _refuse(left.arrivals())
            self._waiting = left.without_arrivals().before(self._waiting)
        if written.left and not self._stopping:
            await asyncio.sleep(AGAIN_SECONDS)

    def _no_more_in_doubt(self, batch: Batch) -> None:
        if batch.results:
            self._recorded([attempt for _, attempt in batch.results if attempt])

    def _store(self, living: frozenset[str], batch: Batch) -> list[int]:
        """In a thread of its own."""
        now = datetime.now(UTC)
        with self._database.session() as session:
            reports = [report for report, _ in batch.reports]
            if batch.results:
                outbox.record(session, self._owner, [result for result, _ in batch.results], now, reports)
            for message_id, part in batch.late:
                outbox.settle_late(session, message_id, part, now)
            for message_ids, pause in batch.given_back:
                outbox.release(session, self._owner, message_ids, now, pause)
            if reports and not batch.results:
                outbox.record_reports(session, reports, now)
            return [text_id for piece, _ in batch.pieces for text_id in receiver.keep(session, piece, living, now)]


def _refuse(arrivals: Iterable[Arrival]) -> None:
    for arrival in arrivals:
        arrival.refuse(consts.SMPP_ESME_RX_T_APPN)
