"""The record of a call: who, when, how it ended, its steps and what was heard."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy import insert as plain_insert
from sqlalchemy.orm import Session

from db.kinds import CallDirection, CallOutcome, InputKind
from db.models import Call, HeardEvent, Student, Subscription
from db.models import CallStep as StepOfCall
from db.upsert import insert
from school.events import EventRef


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
    caller: str | None  # E.164; None: hidden
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


def record_call(session: Session, record: CallRecord) -> bool:
    """Store a call with its steps and heard marks; False when this call_id was stored already.

    A subscription or student that no longer exists is left out: the call itself is never lost.
    """
    connection = session.connection()
    dialect = connection.dialect.name
    whose = _whose(session, record)
    row_id = connection.execute(
        _insert_call(dialect),
        {
            "call_id": record.call_id,
            "school_id": whose.school_id,
            "student_id": whose.student_id,
            "subscription_id": whose.subscription_id,
            "direction": record.direction,
            "caller": record.caller,
            "started_at": record.started_at,
            "answered_at": record.answered_at,
            "ended_at": record.ended_at,
            "outcome": record.outcome,
        },
    ).scalar_one_or_none()
    if row_id is None:
        return False
    if record.steps:
        connection.execute(
            _INSERT_STEPS,
            [
                {
                    "call_id": row_id,
                    "position": position,
                    "at": step.at,
                    "state": step.state,
                    "input_kind": step.input_kind,
                }
                for position, step in enumerate(record.steps, 1)
            ],
        )
    if record.heard and whose.subscriber_id is not None:
        connection.execute(
            _insert_heard(dialect),
            [
                {
                    "subscriber_id": whose.subscriber_id,
                    "school_id": whose.school_id,
                    "kind": ref.kind,
                    "event_id": ref.id,
                    "first_heard_at": record.ended_at,
                }
                for ref in sorted(set(record.heard))  # in one order: two calls of a subscriber never wait crosswise
            ],
        )
    return True


_OF_SUBSCRIPTION = select(
    Subscription.school_id,
    Subscription.student_id,
    Subscription.id.label("subscription_id"),
    Subscription.subscriber_id,
).where(Subscription.id == bindparam("id"))
_OF_STUDENT = select(Student.school_id, Student.id.label("student_id")).where(Student.id == bindparam("id"))
_INSERT_STEPS = plain_insert(StepOfCall)


def _whose(session: Session, record: CallRecord) -> _Whose:
    found: Any = None
    if record.subscription_id is not None:
        found = session.connection().execute(_OF_SUBSCRIPTION, {"id": record.subscription_id}).one_or_none()
    if found is None and record.student_id is not None:
        found = session.connection().execute(_OF_STUDENT, {"id": record.student_id}).one_or_none()
    return _Whose(**found._mapping) if found else _Whose()


@lru_cache(maxsize=2)
def _insert_call(dialect: str) -> Any:
    return insert(dialect, Call).on_conflict_do_nothing(index_elements=[Call.call_id]).returning(Call.id)


@lru_cache(maxsize=2)
def _insert_heard(dialect: str) -> Any:
    return insert(dialect, HeardEvent).on_conflict_do_nothing()
