"""The record of a call: who, when, how it ended, its steps and what was heard."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Connection, bindparam, select
from sqlalchemy import insert as plain_insert
from sqlalchemy.orm import Session

from db.events import EventRef
from db.kinds import CallDirection, CallOutcome, EventKind, InputKind
from db.models import Call, HeardEvent, Student, Subscription
from db.models import CallStep as StepOfCall
from db.upsert import insert
from logs import masked_phone


@dataclass(frozen=True, slots=True)
class CallStep:
    """The dialogue entered `state` (at most 40 characters) at `at` and got this kind of input; never the digits."""

    at: datetime
    state: str
    input_kind: InputKind


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One call, complete. Times are aware."""

    call_id: UUID
    direction: CallDirection
    caller: str | None  # masked as in logs, +359…56; None: hidden
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime
    outcome: CallOutcome
    subscription_id: int | None
    student_id: int | None
    steps: tuple[CallStep, ...]
    heard: tuple[EventRef, ...]


@dataclass(frozen=True, slots=True)
class _Whose:
    school_id: int | None = None
    student_id: int | None = None
    subscription_id: int | None = None
    subscriber_id: int | None = None


def record_calls(session: Session, records: Sequence[CallRecord]) -> int:
    """Store calls with their steps and heard marks; returns how many there were not stored already (by call_id).

    A subscription or student that no longer exists is left out: the call itself is never lost.
    """
    connection = session.connection()
    dialect = connection.dialect.name
    whose = _whose(connection, records)
    # In one order, here and below: two processes that store the same calls or marks never wait crosswise.
    calls = [_call(record, whose[record.call_id]) for record in sorted(records, key=lambda record: record.call_id)]
    stored = {row.call_id: row.id for row in connection.execute(_insert_calls(dialect), calls)}
    fresh = [record for record in records if record.call_id in stored]
    if steps := [step for record in fresh for step in _steps(record, stored[record.call_id])]:
        connection.execute(_INSERT_STEPS, steps)
    if marks := sorted({mark for record in fresh for mark in _marks(record, whose[record.call_id])}):
        connection.execute(_insert_heard(dialect), [mark._asdict() for mark in marks])
    return len(stored)


def _call(record: CallRecord, whose: _Whose) -> dict[str, Any]:
    return {
        "call_id": record.call_id,
        "school_id": whose.school_id,
        "student_id": whose.student_id,
        "subscription_id": whose.subscription_id,
        "direction": record.direction,
        "caller": masked_phone(record.caller) if record.caller else None,  # a spooled one may be whole
        "started_at": record.started_at,
        "answered_at": record.answered_at,
        "ended_at": record.ended_at,
        "outcome": record.outcome,
    }


def _steps(record: CallRecord, row_id: int) -> Iterator[dict[str, Any]]:
    for position, step in enumerate(record.steps, 1):
        yield {
            "call_id": row_id,
            "position": position,
            "at": step.at,
            "state": step.state,
            "input_kind": step.input_kind,
        }


class _Mark(NamedTuple):
    """A subscriber has heard of an event; fields as in HeardEvent."""

    subscriber_id: int
    kind: EventKind
    event_id: int
    first_heard_at: datetime
    school_id: int | None


def _marks(record: CallRecord, whose: _Whose) -> Iterator[_Mark]:
    if whose.subscriber_id is not None:
        for ref in record.heard:
            yield _Mark(whose.subscriber_id, ref.kind, ref.id, record.ended_at, whose.school_id)


_OF_SUBSCRIPTION = select(
    Subscription.school_id,
    Subscription.student_id,
    Subscription.id.label("subscription_id"),
    Subscription.subscriber_id,
).where(Subscription.id.in_(bindparam("ids", expanding=True)))
_OF_STUDENT = select(Student.school_id, Student.id.label("student_id")).where(
    Student.id.in_(bindparam("ids", expanding=True))
)
_INSERT_STEPS = plain_insert(StepOfCall)


def _whose(connection: Connection, records: Sequence[CallRecord]) -> dict[UUID, _Whose]:
    """By call_id: the subscription's owner, else the student, else nobody."""
    subscriptions = {record.subscription_id for record in records if record.subscription_id is not None}
    found = connection.execute(_OF_SUBSCRIPTION, {"ids": sorted(subscriptions)}) if subscriptions else ()
    by_subscription = {row.subscription_id: _Whose(**row._mapping) for row in found}
    left = [record for record in records if record.subscription_id not in by_subscription]
    students = {record.student_id for record in left if record.student_id is not None}
    found = connection.execute(_OF_STUDENT, {"ids": sorted(students)}) if students else ()
    by_student = {row.student_id: _Whose(**row._mapping) for row in found}
    nobody = _Whose()
    return {
        record.call_id: by_subscription.get(record.subscription_id) or by_student.get(record.student_id, nobody)
        for record in records
    }


@lru_cache(maxsize=2)
def _insert_calls(dialect: str) -> Any:
    return insert(dialect, Call).on_conflict_do_nothing(index_elements=[Call.call_id]).returning(Call.id, Call.call_id)


@lru_cache(maxsize=2)
def _insert_heard(dialect: str) -> Any:
    return insert(dialect, HeardEvent).on_conflict_do_nothing()
