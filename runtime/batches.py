"""Writing in batches: whatever gathered while one batch was written is the next one, and none is lost.

A recorder collects entries in its own thread or event loop and hands each batch to a `BatchWriter` where it may block.
While the database is away the entries are left for another try; when the database refuses a batch, each of its entries
is tried alone, so that one that it can never take does not keep the others out.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Generic, Protocol, Self, TypeVar

import logs
from errors import OperationError

log = logs.get(__name__)

AGAIN_SECONDS = 0.5
"""Pause before the next try while the database is away."""


class Batch(Protocol):
    """Entries that are written in one transaction."""

    @property
    def size(self) -> int:
        """Entries."""

    def one_by_one(self) -> Iterable[Self]:
        """The same, each entry in a batch of its own, in order."""


AnyBatch = TypeVar("AnyBatch", bound=Batch)
Given = TypeVar("Given")


@dataclass(slots=True)
class Written(Generic[AnyBatch, Given]):
    """What became of a batch: each entry is in one batch of one of the three, in order."""

    stored: list[tuple[AnyBatch, Given]] = field(default_factory=list)
    """In the database, with what `store` gave."""
    left: list[AnyBatch] = field(default_factory=list)
    """To be written again: the database is away."""
    given_up: list[AnyBatch] = field(default_factory=list)
    """The database can be reached and does not take them."""


class BatchWriter:
    """Writes for one recorder. `is_away`: the last try found the database away, which is logged once each time."""

    def __init__(self) -> None:
        self.is_away = False

    def write(self, store: Callable[[AnyBatch], Given], batch: AnyBatch) -> Written[AnyBatch, Given]:
        """Have `store` write the batch in one transaction, or else each entry in its own. Never raises.

        It blocks as `store` does. `store` raises OperationError, and has written nothing, when the database is away.
        """
        written: Written[AnyBatch, Given] = Written()
        try:
            written.stored.append((batch, store(batch)))
        except OperationError as error:
            self._away(error, batch.size)
            written.left.append(batch)
            return written
        except Exception as error:
            log.error("recorder.failed", error=logs.where(error), entries=batch.size)
            return self._write_one_by_one(store, batch, written)
        self.is_away = False
        return written

    def _write_one_by_one(
        self, store: Callable[[AnyBatch], Given], batch: AnyBatch, written: Written[AnyBatch, Given]
    ) -> Written[AnyBatch, Given]:
        self.is_away = False
        for single in batch.one_by_one():
            if written.left:  # it went away in the midst of it: the others need not wait for it in vain
                written.left.append(single)
                continue
            try:
                written.stored.append((single, store(single)))
            except OperationError as error:
                self._away(error, batch.size)
                written.left.append(single)
            except Exception as error:
                log.error("recorder.given_up", error=logs.where(error))
                written.given_up.append(single)
        return written

    def _away(self, error: OperationError, entries: int) -> None:
        if not self.is_away:
            log.error("recorder.database_away", reason=str(error), entries=entries)
        self.is_away = True
