"""Correcting and deleting what was recorded. The audit row keeps what stood there before.

Who heard the old wording is to hear the new one: heard marks go away, the row counts as recorded now, and who was told
of it is told again. Each function is for who may record such an event, and raises InputError when a rule does not allow
the change; then nothing is changed. `why` is kept in the audit trail as the reason. `seen` is when the row was recorded
as the person saw it: what somebody changed since is not overwritten silently.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from db.kinds import AbsenceKind, AbsenceReason, EventKind, Mark, RemarkKind
from db.models import Absence, Grade, HealthNote, HeardEvent, Remark, SchoolEvent
from errors import ForbiddenError, InputError, MissingError
from school import audit, authority, outbox
from school.authority import Author
from school.classbook import grade_scales, recording
from school.events import EventRef
from school.secrecy import vault

LONGEST_REASON = 300

_Event = TypeVar("_Event", Grade, Absence, Remark, HealthNote, SchoolEvent)


def correct_grade(
    session: Session,
    *,
    by: int,
    grade_id: int,
    grade: Decimal | Mark,
    now: datetime,
    why: str = "",
    seen: datetime | None = None,
) -> EventRef:
    """Give a grade another value."""
    author, row = _own(session, by, Grade, grade_id, "grade", seen)
    of = authority.class_of_student(session, author, row.student_id)
    assignment = authority.check_teaches(session, author, of, row.subject_id)
    stored = grade_scales.permitted(
        grade,
        grade_scales.Graded(
            of.level, of.has_special_needs, row.kind, row.subject_id is not None, assignment.is_profiled
        ),
    )
    before, after = str(row.mark or row.value), str(stored.mark or stored.value)
    changed = (row.value, row.mark) != (stored.value, stored.mark)
    row.scale, row.value, row.mark = stored.scale, stored.value, stored.mark
    return _corrected(session, author, EventKind.GRADE, row, now, changed, before=before, after=after, reason=why)


def delete_grade(
    session: Session, *, by: int, grade_id: int, now: datetime, why: str = "", seen: datetime | None = None
) -> None:
    """Remove a grade given by mistake."""
    author, row = _own(session, by, Grade, grade_id, "grade", seen)
    of = authority.class_of_student(session, author, row.student_id)
    authority.check_teaches(session, author, of, row.subject_id)
    _deleted(
        session,
        author,
        EventKind.GRADE,
        row,
        now,
        subject_id=row.subject_id,
        kind=row.kind,
        on=str(row.on_date),
        before=str(row.mark or row.value),
        reason=why,
    )


def correct_absence(
    session: Session,
    *,
    by: int,
    absence_id: int,
    kind: AbsenceKind,
    now: datetime,
    reason: AbsenceReason | None = None,
    why: str = "",
    seen: datetime | None = None,
) -> EventRef:
    """Make an absence one of another kind; `reason` goes with an excused one only."""
    recording.check_reason(kind, reason)
    author, row = _own(session, by, Absence, absence_id, "absence", seen)
    _check_may_change_absence(session, author, row)
    before = row.kind
    changed = (row.kind, row.reason) != (kind, reason)
    row.kind, row.reason = kind, reason
    return _corrected(session, author, EventKind.ABSENCE, row, now, changed, before=before, after=kind, reason=why)


def delete_absence(
    session: Session, *, by: int, absence_id: int, now: datetime, why: str = "", seen: datetime | None = None
) -> None:
    """Remove an absence recorded by mistake."""
    author, row = _own(session, by, Absence, absence_id, "absence", seen)
    _check_may_change_absence(session, author, row)
    _deleted(
        session,
        author,
        EventKind.ABSENCE,
        row,
        now,
        on=str(row.on_date),
        lesson=row.lesson,
        before=row.kind,
        reason=why,
    )


def correct_remark(
    session: Session,
    *,
    by: int,
    remark_id: int,
    text: str,
    now: datetime,
    kind: RemarkKind | None = None,
    why: str = "",
    seen: datetime | None = None,
) -> EventRef:
    """Write a remark anew; `kind` None: as it was."""
    author, row = _own(session, by, Remark, remark_id, "remark", seen)
    _check_may_change_remark(session, author, row)
    text = recording.written(text, "remark", recording.LONGEST_TEXT)
    kind = kind or row.kind
    before = row.kind
    changed = (row.kind, row.text) != (kind, text)
    row.kind, row.text = kind, text
    return _corrected(session, author, EventKind.REMARK, row, now, changed, before=before, after=kind, reason=why)


def delete_remark(
    session: Session, *, by: int, remark_id: int, now: datetime, why: str = "", seen: datetime | None = None
) -> None:
    """Remove a remark."""
    author, row = _own(session, by, Remark, remark_id, "remark", seen)
    _check_may_change_remark(session, author, row)
    _deleted(session, author, EventKind.REMARK, row, now, on=str(row.on_date), before=row.kind, reason=why)


def correct_health_note(
    session: Session,
    *,
    by: int,
    health_note_id: int,
    starts_on: date,
    ends_on: date,
    now: datetime,
    note: str | None = None,
    why: str = "",
    seen: datetime | None = None,
) -> EventRef:
    """Give a health note other dates or another text (None: as it was). Parents are told of new dates only."""
    author, row = _own(session, by, HealthNote, health_note_id, "health note", seen)
    authority.check_class_teacher(author, authority.class_of_student(session, author, row.student_id))
    recording.check_health_dates(starts_on, ends_on)
    before = f"{row.starts_on} - {row.ends_on}"
    changed = (row.starts_on, row.ends_on) != (starts_on, ends_on)
    if note is not None:
        written = recording.written(note, "health note", recording.LONGEST_TEXT)
        row.note_encrypted = vault(session).encrypt(recording.HEALTH_NOTE, written)
    row.starts_on, row.ends_on = starts_on, ends_on
    after = f"{starts_on} - {ends_on}"
    return _corrected(session, author, EventKind.HEALTH, row, now, changed, before=before, after=after, reason=why)


def delete_health_note(
    session: Session, *, by: int, health_note_id: int, now: datetime, why: str = "", seen: datetime | None = None
) -> None:
    """Remove a health note."""
    author, row = _own(session, by, HealthNote, health_note_id, "health note", seen)
    authority.check_class_teacher(author, authority.class_of_student(session, author, row.student_id))
    _deleted(session, author, EventKind.HEALTH, row, now, before=f"{row.starts_on} - {row.ends_on}", reason=why)


def correct_school_event(
    session: Session,
    *,
    by: int,
    event_id: int,
    title: str,
    place: str,
    starts_at: datetime,
    text: str,
    now: datetime,
    why: str = "",
    seen: datetime | None = None,
) -> EventRef:
    """Announce a meeting or event anew; `starts_at` is aware and ahead of `now`."""
    author, row = _own(session, by, SchoolEvent, event_id, "meeting or event", seen)
    _check_may_invite(session, author, row)
    recording.check_ahead(starts_at, now)
    title = recording.written(title, "title", recording.LONGEST_TITLE)
    place = recording.written(place, "place", recording.LONGEST_TITLE)
    text = recording.invitation_text(text)
    before = row.starts_at.isoformat()
    changed = (row.title, row.place, row.starts_at, row.text) != (title, place, starts_at, text)
    row.title, row.place, row.starts_at, row.text = title, place, starts_at, text
    return _corrected(
        session,
        author,
        EventKind(row.kind),
        row,
        now,
        changed,
        before=before,
        after=starts_at.isoformat(),
        reason=why,
    )


def delete_school_event(
    session: Session, *, by: int, event_id: int, now: datetime, why: str = "", seen: datetime | None = None
) -> None:
    """Call a meeting or event off."""
    author, row = _own(session, by, SchoolEvent, event_id, "meeting or event", seen)
    _check_may_invite(session, author, row)
    _deleted(
        session, author, EventKind(row.kind), row, now, title=row.title, before=row.starts_at.isoformat(), reason=why
    )


def check_may_correct(session: Session, author: Author, row: Grade | Absence | Remark | HealthNote) -> None:
    """Raises ForbiddenError, or InputError where nobody could, when the author may not correct this row."""
    if isinstance(row, Remark):
        _check_may_change_remark(session, author, row)
        return
    of = authority.class_of_student(session, author, row.student_id)
    if isinstance(row, HealthNote):
        authority.check_class_teacher(author, of)
    else:
        authority.check_teaches(session, author, of, row.subject_id)


def _check_may_change_absence(session: Session, author: Author, row: Absence) -> None:
    authority.check_teaches(
        session, author, authority.class_of_student(session, author, row.student_id), row.subject_id
    )


def _check_may_change_remark(session: Session, author: Author, row: Remark) -> None:
    of = authority.class_of_student(session, author, row.student_id)
    if row.staff_id != author.staff_id:
        authority.check_class_teacher(author, of)


def _check_may_invite(session: Session, author: Author, row: SchoolEvent) -> None:
    if row.staff_id == author.staff_id or author.leads:
        return
    if row.class_id is None:
        raise ForbiddenError("Only the school's leaders may change this, or who announced it.")
    authority.check_class_teacher(author, authority.class_of_school(session, author, row.class_id))


def _own(
    session: Session, by: int, model: type[_Event], event_id: int, what: str, seen: datetime | None
) -> tuple[Author, _Event]:
    """The author, and the event of their school, locked and as it was seen."""
    author = authority.author(session, by)
    row = session.scalar(
        select(model).where(model.id == event_id, model.school_id == author.school_id).with_for_update()
    )
    if row is None:
        raise MissingError("There is no such {what} in this school.", what=what)
    if seen is not None and row.recorded_at != seen:
        raise InputError("Somebody has changed this in the meantime: look at it as it is now.")
    return author, row


def _corrected(
    session: Session, by: Author, kind: EventKind, row: _Event, now: datetime, changed: bool, /, **details: Any
) -> EventRef:
    """What every correction brings with it, unless it leaves everything as parents know it."""
    ref = EventRef(kind, row.id)
    if changed:
        row.recorded_at = now
        session.flush()
        _hear_again(session, ref)
        _audited(session, by, ref, "corrected", row, now, details)
        outbox.corrected(session, [ref], now)
    return ref


def _deleted(session: Session, by: Author, kind: EventKind, row: _Event, now: datetime, /, **details: Any) -> None:
    """Delete the row, with all that this brings with it."""
    ref = EventRef(kind, row.id)
    outbox.deleted(session, [ref], now)
    _hear_again(session, ref)
    _audited(session, by, ref, "deleted", row, now, details)
    session.delete(row)
    session.flush()


def _audited(
    session: Session, by: Author, ref: EventRef, what: str, row: _Event, now: datetime, details: dict[str, Any]
) -> None:
    details["reason"] = " ".join(details["reason"].split())[:LONGEST_REASON]
    audit.write(
        session,
        f"{ref.kind}.{what}",
        ref.kind,
        ref.id,
        now,
        school_id=by.school_id,
        by=by.staff_id,
        student_id=getattr(row, "student_id", None),
        **details,
    )


def _hear_again(session: Session, ref: EventRef) -> None:
    session.execute(delete(HeardEvent).where(HeardEvent.kind == ref.kind, HeardEvent.event_id == ref.id))
