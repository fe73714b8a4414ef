"""Events sent by another system: each is recorded once, however often it is sent, and parents are told.

A system gives every event a key of its own. One that is not allowed is refused with a sentence and leaves no trace, so
that it can be sent again, corrected, with the same key; the others of its batch are recorded all the same.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from db.events import EventRef
from db.models import Staff, Submission
from db.upsert import insert
from errors import InputError
from school import audit
from school.integrations.tokens import Holder

KEYS_OF_SYSTEMS = UUID("6d3f3c4e-2f0a-4a9c-9a57-7f0c7a0f6a51")


@dataclass(frozen=True, slots=True)
class Incoming:
    """One event. `by` is in whose name, `said` all of it as text, `record` records it in the session it is given."""

    key: str
    by: int
    said: str
    record: Callable[[Session], EventRef]

    @property
    def digest(self) -> str:
        """By which it is seen whether the same key came with other content."""
        return hashlib.sha256(self.said.encode()).hexdigest()


class IngestStatus(StrEnum):
    """What became of an event."""

    RECORDED = "recorded"
    REPEATED = "repeated"  # it was recorded before, by the same key
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Result:
    """`event_id` unless it was refused; `error`: the sentence why it was."""

    key: str
    outcome: IngestStatus
    event_id: int | None = None
    error: str | None = None


def ingest(session: Session, of: Holder, incoming: Sequence[Incoming], now: datetime) -> tuple[Result, ...]:
    """Record a batch in the caller's writing transaction; gives a result for each, in the order given."""
    return _Batch(session, of, now).take(incoming) if incoming else ()


class _Batch:
    """One batch being recorded."""

    def __init__(self, session: Session, of: Holder, now: datetime) -> None:
        self._session, self._of, self._now = session, of, now

    def take(self, incoming: Sequence[Incoming]) -> tuple[Result, ...]:
        new = self._reserve(incoming)
        before = self._answers(one for one in incoming if self._name(one) not in new)
        own_staff = self._own_staff({one.by for one in incoming})
        results: list[Result] = []
        recorded: dict[UUID, tuple[Incoming, EventRef]] = {}
        for one in incoming:
            name = self._name(one)
            if name in recorded:  # twice in this batch
                first, ref = recorded[name]
                results.append(_repeated(one, first.digest, ref.id))
            elif name in before:
                results.append(_repeated(one, before[name]["digest"], before[name]["id"]))
            elif one.by not in own_staff:
                results.append(Result(one.key, IngestStatus.REFUSED, error="The school has no such teacher."))
            else:
                results.append(self._record(one, recorded))
        self._keep(new, recorded)
        return tuple(results)

    def _name(self, one: Incoming) -> UUID:
        """A key means the same event only when it comes with the same token."""
        return uuid5(KEYS_OF_SYSTEMS, f"{self._of.token_id} {one.key}")

    def _reserve(self, incoming: Sequence[Incoming]) -> set[UUID]:
        """Keep others from recording these keys; gives those that nobody has recorded. In order, against deadlocks."""
        statement = insert(self._session.get_bind().dialect.name, Submission).on_conflict_do_nothing()
        rows = [
            {
                "staff_id": self._of.made_by,
                "key": name,
                "school_id": self._of.school_id,
                "at": self._now,
                "answer": {},
            }
            for name in sorted({self._name(one) for one in incoming})
        ]
        return set(self._session.scalars(statement.values(rows).returning(Submission.key)))

    def _answers(self, incoming: Any) -> dict[UUID, dict[str, Any]]:
        names = [self._name(one) for one in incoming]
        if not names:
            return {}
        rows = self._session.execute(
            select(Submission.key, Submission.answer).where(
                Submission.staff_id == self._of.made_by, Submission.key.in_(names)
            )
        )
        return {row.key: row.answer for row in rows}

    def _own_staff(self, ids: set[int]) -> set[int]:
        own = select(Staff.id).where(Staff.school_id == self._of.school_id, Staff.id.in_(ids), Staff.is_active)
        return set(self._session.scalars(own))

    def _record(self, one: Incoming, recorded: dict[UUID, tuple[Incoming, EventRef]]) -> Result:
        try:
            with self._session.begin_nested():
                ref = one.record(self._session)
        except InputError as error:
            return Result(one.key, IngestStatus.REFUSED, error=str(error))
        recorded[self._name(one)] = one, ref
        return Result(one.key, IngestStatus.RECORDED, ref.id)

    def _keep(self, new: set[UUID], recorded: dict[UUID, tuple[Incoming, EventRef]]) -> None:
        """Remember what was recorded, forget what was refused, and write down which system it was."""
        refused = new - recorded.keys()
        mine = Submission.staff_id == self._of.made_by
        if refused:
            self._session.execute(delete(Submission).where(mine, Submission.key.in_(refused)))
        if not recorded:
            return
        self._session.connection().execute(
            update(Submission).where(mine, Submission.key == bindparam("name")).values(answer=bindparam("told")),
            [
                {"name": name, "told": {"digest": one.digest, "kind": str(ref.kind), "id": ref.id}}
                for name, (one, ref) in recorded.items()
            ],
        )
        audit.write(
            self._session,
            "api.recorded",
            "api_token",
            self._of.token_id,
            self._now,
            school_id=self._of.school_id,
            events=[[str(ref.kind), ref.id] for _one, ref in recorded.values()],
        )


def _repeated(one: Incoming, digest: str, event_id: int) -> Result:
    if digest != one.digest:
        return Result(one.key, IngestStatus.REFUSED, error="This key was used for another event: give each its own.")
    return Result(one.key, IngestStatus.REPEATED, event_id)
