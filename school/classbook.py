"""Recording what happens at school: each function is one event with its audit row in the caller's transaction."""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from db.kinds import AbsenceKind, AbsenceReason, GradeKind, Mark, RemarkKind, SchoolEventKind
from school.events import EventRef


def record_grade(
    session: Session,
    *,
    by: int,
    student_id: int,
    subject_id: int | None,
    kind: GradeKind,
    grade: Decimal | Mark,
    on: date,
    now: datetime,
) -> EventRef:
    """Record a grade given by the staff member `by`. Raises InputError when the rules do not allow it."""
    raise NotImplementedError


def record_absence(
    session: Session,
    *,
    by: int,
    student_id: int,
    subject_id: int,
    kind: AbsenceKind,
    on: date,
    lesson: int,
    now: datetime,
    reason: AbsenceReason | None = None,
) -> EventRef:
    """Record an absence from one lesson."""
    raise NotImplementedError


def record_remark(
    session: Session,
    *,
    by: int,
    student_id: int,
    kind: RemarkKind,
    text: str,
    on: date,
    now: datetime,
    subject_id: int | None = None,
) -> EventRef:
    """Record a censure or a praise."""
    raise NotImplementedError


def record_health_note(
    session: Session, *, by: int, student_id: int, starts_on: date, ends_on: date, note: str, now: datetime
) -> EventRef:
    """Record a health note; its text is kept encrypted."""
    raise NotImplementedError


def record_school_event(
    session: Session,
    *,
    by: int,
    kind: SchoolEventKind,
    class_id: int | None,
    title: str,
    place: str,
    starts_at: datetime,
    text: str,
    now: datetime,
) -> EventRef:
    """Announce a parents' meeting or an event of a class, or of the whole school (class_id None)."""
    raise NotImplementedError
