"""One entry of the class book for whoever may correct it, with everything that happened to it."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.events import EventRef
from db.kinds import AbsenceKind, AbsenceReason, GradeKind, Mark, RemarkKind
from db.models import STUDENT_EVENT_TABLES, HealthNote, Staff, Student, StudentEvent, Subject
from errors import MissingError
from school.audit import history
from school.audit.history import HistoryRow
from school.classbook.checks import Checks
from school.classbook.correcting import check_may_correct
from school.classbook.rules import HEALTH_NOTE
from school.security.crypto import vault
from school.staff import authority


@dataclass(frozen=True, slots=True)
class Entry:
    """What stands in the class book; fields that a kind of event does not have are None or empty."""

    ref: EventRef
    student_id: int
    student: str
    class_name: str
    level: int
    has_special_needs: bool
    subject: str | None
    on: date
    until: date | None
    lesson: int | None
    kind: GradeKind | AbsenceKind | RemarkKind | None
    reason: AbsenceReason | None
    value: Decimal | None
    mark: Mark | None
    text: str
    recorded_by: str
    recorded_at: datetime
    history: tuple[HistoryRow, ...]


def read_entry(session: Session, by: int, ref: EventRef, now: datetime) -> Entry:
    """An entry of the reader's school. Raises MissingError, or ForbiddenError when it is not theirs to correct."""
    checks = Checks(session, by, now)
    reader = checks.author
    row = _row(session, reader.school_id, ref)
    if row is None:
        raise MissingError("There is no such {what} in this school.", what=ref.kind)
    check_may_correct(checks, row)
    on = row.starts_on if isinstance(row, HealthNote) else row.on_date
    of, class_name = authority.class_then(session, reader, row.student_id, on)
    author = session.get_one(Staff, row.staff_id)
    student = session.get_one(Student, row.student_id)
    subject_id = getattr(row, "subject_id", None)
    is_note = isinstance(row, HealthNote)
    return Entry(
        ref=ref,
        student_id=row.student_id,
        student=f"{student.first_name} {student.last_name}",
        class_name=class_name,
        level=of.level,
        has_special_needs=student.has_special_needs,
        subject=subject_id and session.get_one(Subject, subject_id).name,
        on=on,
        until=row.ends_on if isinstance(row, HealthNote) else None,
        lesson=getattr(row, "lesson", None),
        kind=None if is_note else getattr(row, "kind", None),
        reason=getattr(row, "reason", None),
        value=getattr(row, "value", None),
        mark=getattr(row, "mark", None),
        text=vault(session).decrypt(HEALTH_NOTE, row.note_encrypted)
        if isinstance(row, HealthNote)
        else getattr(row, "text", ""),
        recorded_by=f"{author.first_name} {author.last_name}",
        recorded_at=row.recorded_at,
        history=history.of_event(session, reader.school_id, ref.kind, ref.id),
    )


def _row(session: Session, school_id: int, ref: EventRef) -> StudentEvent | None:
    model = STUDENT_EVENT_TABLES.get(ref.kind)
    if model is None:
        return None
    row: Any = session.scalar(select(model).where(model.id == ref.id, model.school_id == school_id))
    found: StudentEvent | None = row
    return found
