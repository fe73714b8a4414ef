"""Stores the record of each call; while the database is away records wait on disk and are stored when it is back.

Where the disk takes none either, they wait in memory for one of the two.
"""

import json
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from uuid import UUID

import logs
from db.events import EventRef
from db.kinds import CallDirection, CallOutcome, EventKind, InputKind
from db.session import Database
from errors import OperationError
from runtime import whole_file
from school.hearing.call_log import CallRecord, CallStep, record_calls

log = logs.get(__name__)

RETRY_SECONDS = 5.0

KEPT_AT_MOST = 20_000
"""Records in memory, of a kilobyte or two each: a night's calls of a platform."""

GATHER_SECONDS = 0.1
"""How long the record of an ended call, for which nobody waits, is held back for others to share its transaction."""


class CallSpool:
    """Records go to the database at once, or to `folder`, one file a call, readable by its owner only."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._ended: SimpleQueue[CallRecord | None] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self._kept: list[CallRecord] = []

    @property
    def kept(self) -> int:
        """Records that neither database nor disk has taken yet."""
        return len(self._kept)

    def store(self, record: CallRecord) -> None:
        """Store one call. Never raises: a record that nothing can take is logged as lost.

        Between `start` and `stop` it returns at once, and calls that end together share one transaction, and one disk
        sync; else the call is stored when it returns.
        """
        if self._thread is None:
            self._store([record])
        else:
            self._ended.put(record)

    def start(self) -> None:
        """Begin to store: what ends from now on, and what waits on disk, now and whenever the database is back."""
        self._thread = threading.Thread(target=self._keep_storing, name="call-spool", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Returns when all that ended is stored."""
        if (thread := self._thread) is not None:
            self._ended.put(None)
            thread.join()
            self._thread = None

    def _keep_storing(self) -> None:
        drain_at = 0.0
        while True:
            if time.monotonic() >= drain_at:
                self._drain()
                drain_at = time.monotonic() + RETRY_SECONDS
            try:
                ended = [self._ended.get(timeout=RETRY_SECONDS)]
            except Empty:
                continue
            time.sleep(GATHER_SECONDS)
            while not self._ended.empty():
                ended.append(self._ended.get())
            if records := [record for record in ended if record is not None]:
                self._store(records)
            if None in ended:
                self._leave()
                return

    def _leave(self) -> None:
        """One more try for what waits in memory, which ends now."""
        kept, self._kept, self._thread = self._kept, [], None
        if kept:
            self._store(kept)

    def _store(self, records: Sequence[CallRecord]) -> None:
        try:
            self._to_database(records)
        except OperationError as error:
            for record in records:
                log.warning("call.spooled", call=str(record.call_id), error=type(error).__name__)
                self._to_disk(record)
        except Exception as error:  # one that cannot be stored takes none of the others with it
            if len(records) == 1:
                log.error("call.lost", call=str(records[0].call_id), error=logs.where(error))
            else:
                for record in records:
                    self._store([record])

    def drain_once(self) -> int:
        """Store the waiting records; returns how many. Stops quietly at the first the database cannot take."""
        stored = 0
        for path in sorted(self._folder.glob("*.json")):
            try:
                record = _from_json(path.read_text("utf-8"))
            except (ValueError, KeyError, TypeError):
                path.rename(path.with_suffix(".unreadable"))
                log.error("call.unreadable", file=path.name)
                continue
            try:
                self._to_database([record])
            except OperationError:
                return stored
            path.unlink(missing_ok=True)
            stored += 1
        return stored

    def _drain(self) -> None:
        if kept := self._kept:
            self._kept = []
            self._store(kept)
        try:
            if stored := self.drain_once():
                log.info("calls.stored_late", count=stored)
            whole_file.forget_parts(self._folder)
        except OSError as error:
            log.error("spool.unreadable", error=error.strerror)

    def _to_database(self, records: Sequence[CallRecord]) -> None:
        with self._database.session() as session:
            record_calls(session, records)

    def _to_disk(self, record: CallRecord) -> None:
        path = self._folder / f"{record.call_id}.json"
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            whole_file.write(path, _to_json(record).encode(), mode=0o600)
        except OSError as error:
            if self._thread is None or len(self._kept) >= KEPT_AT_MOST:
                log.error("call.lost", call=str(record.call_id), error=error.strerror)
            else:
                self._kept.append(record)


def _to_json(record: CallRecord) -> str:
    return json.dumps(
        {
            "call_id": str(record.call_id),
            "direction": record.direction,
            "caller": record.caller,
            "started_at": record.started_at.isoformat(),
            "answered_at": record.answered_at.isoformat() if record.answered_at else None,
            "ended_at": record.ended_at.isoformat(),
            "outcome": record.outcome,
            "subscription_id": record.subscription_id,
            "student_id": record.student_id,
            "steps": [(step.at.isoformat(), step.state, step.input_kind) for step in record.steps],
            "heard": record.heard,
        }
    )


def _from_json(text: str) -> CallRecord:
    data = json.loads(text)
    time: Callable[[str], datetime] = datetime.fromisoformat
    return CallRecord(
        call_id=UUID(data["call_id"]),
        direction=CallDirection(data["direction"]),
        caller=data["caller"],
        started_at=time(data["started_at"]),
        answered_at=time(data["answered_at"]) if data["answered_at"] else None,
        ended_at=time(data["ended_at"]),
        outcome=CallOutcome(data["outcome"]),
        subscription_id=data["subscription_id"],
        student_id=data["student_id"],
        steps=tuple(CallStep(time(at), state, InputKind(kind)) for at, state, kind in data["steps"]),
        heard=tuple(EventRef(EventKind(kind), row_id) for kind, row_id in data["heard"]),
    )
