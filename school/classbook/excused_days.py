"""Days on which a student is excused: an absence of such a day is an excused one from the moment it is recorded."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import AbsenceReason
from db.models import ExcuseNote


@dataclass(frozen=True, slots=True)
class ExcusedFor:
    """Why, and by which note."""

    reason: AbsenceReason
    note_id: int


def excused_days(
    session: Session, school_id: int, absences: Collection[tuple[int, date]]
) -> Mapping[tuple[int, date], ExcusedFor]:
    """Which of these (student, day) a note excuses; the note that was recorded first, where there are several."""
    days = {on for _student, on in absences}
    if not days:
        return {}
    notes = session.execute(
        select(ExcuseNote.student_id, ExcuseNote.starts_on, ExcuseNote.ends_on, ExcuseNote.reason, ExcuseNote.id)
        .where(
            ExcuseNote.school_id == school_id,
            ExcuseNote.student_id.in_({student for student, _on in absences}),
            ExcuseNote.starts_on <= max(days),
            ExcuseNote.ends_on >= min(days),
        )
        .order_by(ExcuseNote.id.desc())
    ).all()
    return {
        (student, on): ExcusedFor(note.reason, note.id)
        for note in notes
        for student, on in absences
        if student == note.student_id and note.starts_on <= on <= note.ends_on
    }
