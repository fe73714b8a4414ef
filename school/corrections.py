"""Correcting and deleting what was recorded. The audit row keeps what stood there before.

Who heard the old wording is to hear the new one: heard marks go away and the row counts as recorded now.
"""

from datetime import datetime
from decimal import Decimal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.kinds import EventKind, Mark
from db.models import Grade, HeardEvent
from errors import InputError
from school import audit, authority, grade_scales
from school.events import EventRef


def correct_grade(session: Session, *, by: int, grade_id: int, grade: Decimal | Mark, now: datetime) -> EventRef:
    """Give a grade another value, by who may give it. Raises InputError when a rule does not allow it."""
    author, row = _own_grade(session, by, grade_id)
    of = authority.class_of_student(session, author, row.student_id)
    assignment = authority.check_teaches(session, author, of, row.subject_id)
    stored = grade_scales.permitted(
        grade,
        grade_scales.Graded(
            of.level, of.has_special_needs, row.kind, row.subject_id is not None, assignment.is_profiled
        ),
    )
    ref = EventRef(EventKind.GRADE, row.id)
    if (row.value, row.mark) == (stored.value, stored.mark):
        return ref
    before, after = _told(row.value, row.mark), _told(stored.value, stored.mark)
    row.scale, row.value, row.mark, row.recorded_at = stored.scale, stored.value, stored.mark, now
    _hear_again(session, ref)
    audit.write(
        session,
        "grade.corrected",
        EventKind.GRADE,
        row.id,
        now,
        school_id=author.school_id,
        by=by,
        student_id=row.student_id,
        before=before,
        after=after,
    )
    session.flush()
    return ref


def delete_grade(session: Session, *, by: int, grade_id: int, now: datetime) -> None:
    """Remove a grade given by mistake, by who may give it. Raises InputError when a rule does not allow it."""
    author, row = _own_grade(session, by, grade_id)
    of = authority.class_of_student(session, author, row.student_id)
    authority.check_teaches(session, author, of, row.subject_id)
    _hear_again(session, EventRef(EventKind.GRADE, row.id))
    audit.write(
        session,
        "grade.deleted",
        EventKind.GRADE,
        row.id,
        now,
        school_id=author.school_id,
        by=by,
        student_id=row.student_id,
        subject_id=row.subject_id,
        kind=row.kind,
        on=str(row.on_date),
        before=_told(row.value, row.mark),
    )
    session.delete(row)
    session.flush()


def _own_grade(session: Session, by: int, grade_id: int) -> tuple[authority.Author, Grade]:
    author = authority.author(session, by)
    row = session.scalar(
        select(Grade).where(Grade.id == grade_id, Grade.school_id == author.school_id).with_for_update()
    )
    if row is None:
        raise InputError("There is no such grade in this school.")
    return author, row


def _told(value: Decimal | None, mark: Mark | None) -> str:
    return str(mark or value)


def _hear_again(session: Session, ref: EventRef) -> None:
    session.execute(delete(HeardEvent).where(HeardEvent.kind == ref.kind, HeardEvent.event_id == ref.id))
