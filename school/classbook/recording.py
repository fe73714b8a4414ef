"""Recording what happens at school: each function is one event with all that it brings, in the caller's transaction.

`by` is the id of the staff member who records; `now` is aware. Every function raises InputError with one sentence when
a rule does not allow the event, and then nothing is recorded.
"""

from datetime import date, datetime
from decimal import Decimal

from sqlalchemy.orm import Session

from db.events import EventRef
from db.kinds import AbsenceKind, AbsenceReason, GradeKind, Mark, RemarkKind, SchoolEventKind
from school.classbook import rows, writing
from school.classbook.checks import Checks


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
    term: int | None = None,
) -> EventRef:
    """Record a grade: 2, 3.00-6.00, or a mark in words where the level or special needs ask for one.

    `subject_id` is None for the overall annual result of level 1. `term` is the term that a term grade closes, when it
    is entered after the next one began; otherwise the date's own.
    """
    checks = Checks(session, by, now)
    new = rows.grade(checks, student_id=student_id, subject_id=subject_id, kind=kind, given=grade, on=on, term=term)
    return _record(checks, new)


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
    """Record an absence from one lesson of a school day; `reason` goes with an excused one only."""
    checks = Checks(session, by, now)
    new = rows.absence(
        checks, student_id=student_id, subject_id=subject_id, kind=kind, on=on, lesson=lesson, reason=reason
    )
    return _record(checks, new)


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
    """Record a censure or a praise by a teacher of the class, about a subject or about none."""
    checks = Checks(session, by, now)
    new = rows.remark(checks, student_id=student_id, kind=kind, text=text, on=on, subject_id=subject_id)
    return _record(checks, new)


def record_health_note(
    session: Session, *, by: int, student_id: int, starts_on: date, ends_on: date, note: str, now: datetime
) -> EventRef:
    """Record a health note by the class teacher; its text is kept encrypted and told to nobody outside the school."""
    checks = Checks(session, by, now)
    new = rows.health_note(checks, student_id=student_id, starts_on=starts_on, ends_on=ends_on, note=note)
    return _record(checks, new)


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
    level: int | None = None,
) -> EventRef:
    """Announce a parents' meeting or an event: of a class by who teaches it, of a level or of the whole school (both
    None) by a leader.

    `starts_at` is aware and ahead of `now`.
    """
    checks = Checks(session, by, now)
    new = rows.school_event(
        checks, kind=kind, class_id=class_id, level=level, title=title, place=place, starts_at=starts_at, text=text
    )
    return _record(checks, new)


def _record(checks: Checks, new: writing.New) -> EventRef:
    (ref,) = writing.write(checks.session, checks.author, checks.now, new=[new])
    return ref
