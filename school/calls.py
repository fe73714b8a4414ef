"""The record of a call: who, when, how it ended, its steps and what was heard."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from db.kinds import CallDirection, CallOutcome, InputKind
from school.events import EventRef


@dataclass(frozen=True, slots=True)
class CallStep:
    """The dialogue entered `state` at `at` and got this kind of input; never the digits pressed."""

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


def record_call(session: Session, record: CallRecord) -> bool:
    """Store a call with its steps and heard marks; False when this call_id was stored already."""
    raise NotImplementedError
