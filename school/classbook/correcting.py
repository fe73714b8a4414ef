"""Correcting and deleting what was recorded. The audit row keeps what stood there before.

Each function is for who may record such an event, and raises InputError when a rule does not allow the change; then
nothing is changed. `why` is kept in the audit trail as the reason. `seen` is when the row was recorded as the person
saw it: what somebody changed since is not overwritten silently.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.events import EventRef
from db.kinds import AbsenceKind, AbsenceReason, EventKind, Mark, RemarkKind
from db.models import Absence, Grade, HealthNote, Remark, SchoolEvent, StudentEvent
from errors import ForbiddenError, InputError, MissingError
from school.classbook import rows, rules, writing
from school.classbook.checks import Checks
from school.classbook.writing import Change, Removal
from school.security.crypto import vault
from school.staff import authority
from school.staff.authority import At

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
    checks = Checks(session, by, now)
    row = _own(checks, Grade, grade_id, "grade", seen)
    of = checks.student_then(row.student_id, row.on_date)
    assignment = checks.may_change(of, row.subject_id, _at(checks, row))
    stored = rows.graded(of, assignment, row.kind, row.subject_id, grade)
    values = {"scale": stored.scale, "value": stored.value, "mark": stored.mark}
    details = {"before": rows.shown(row), "after": rows.shown(stored)}
    return _correct(checks, EventKind.GRADE, row, values, details, why)


def delete_grade(
    session: Session, *, by: int, grade_id: int, now: datetime, why: str = "", seen: datetime | None = None
) -> None:
    """Remove a grade given by mistake."""
    checks = Checks(session, by, now)
    row = _own(checks, Grade, grade_id, "grade", seen)
    check_may_correct(checks, row)
    details = {"subject_id": row.subject_id, "kind": row.kind, "on": str(row.on_date), "before": rows.shown(row)}
    _delete(checks, EventKind.GRADE, row, details, why)


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
    rules.check_reason(kind, reason)
    checks = Checks(session, by, now)
    row = _own(checks, Absence, absence_id, "absence", seen)
    check_may_correct(checks, row)
    if (row.kind, row.reason) != (kind, reason):
        change = absence_change(row.id, row.student_id, row.kind, kind, reason, why)
        writing.write(session, checks.author, now, changes=[change])
    return EventRef(EventKind.ABSENCE, row.id)


def delete_absence(
    session: Session, *, by: int, absence_id: int, now: datetime, why: str = "", seen: datetime | None = None
) -> None:
    """Remove an absence recorded by mistake."""
    checks = Checks(session, by, now)
    row = _own(checks, Absence, absence_id, "absence", seen)
    check_may_correct(checks, row)
    removal = absence_removal(row.id, row.student_id, row.kind, row.on_date, row.lesson, why)
    writing.write(session, checks.author, now, removals=[removal])


def absence_change(
    absence_id: int,
    student_id: int,
    before: AbsenceKind,
    after: AbsenceKind,
    reason: AbsenceReason | None,
    why: str = "",
    **details: Any,
) -> Change:
    """Another kind of a standing absence that the author may change; `details` go to the audit trail."""
    rules.check_reason(after, reason)
    ref = EventRef(EventKind.ABSENCE, absence_id)
    details |= {"before": before, "after": after, "reason": _reason(why)}
    return Change(ref, student_id, {"kind": after, "reason": reason}, details)


def absence_removal(
    absence_id: int, student_id: int, before: AbsenceKind, on: date, lesson: int, why: str = ""
) -> Removal:
    """A standing absence that the author may change, and that was none."""
    details = {"on": str(on), "lesson": lesson, "before": before, "reason": _reason(why)}
    return Removal(EventRef(EventKind.ABSENCE, absence_id), student_id, details)


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
    checks = Checks(session, by, now)
    row = _own(checks, Remark, remark_id, "remark", seen)
    check_may_correct(checks, row)
    values = {"kind": kind or row.kind, "text": rules.remark_text(text)}
    return _correct(checks, EventKind.REMARK, row, values, {"before": row.kind, "after": values["kind"]}, why)


def delete_remark(
    session: Session, *, by: int, remark_id: int, now: datetime, why: str = "", seen: datetime | None = None
) -> None:
    """Remove a remark."""
    checks = Checks(session, by, now)
    row = _own(checks, Remark, remark_id, "remark", seen)
    check_may_correct(checks, row)
    _delete(checks, EventKind.REMARK, row, {"on": str(row.on_date), "before": row.kind}, why)


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
    checks = Checks(session, by, now)
    row = _own(checks, HealthNote, health_note_id, "health note", seen)
    check_may_correct(checks, row)
    rules.check_health_dates(starts_on, ends_on)
    details = {"before": f"{row.starts_on} - {row.ends_on}", "after": f"{starts_on} - {ends_on}"}
    values: dict[str, Any] = {"starts_on": starts_on, "ends_on": ends_on}
    is_news = (row.starts_on, row.ends_on) != (starts_on, ends_on)
    text = None if note is None else rules.health_text(note)
    if text is not None and text != vault(session).decrypt(rules.HEALTH_NOTE, row.note_encrypted):
        values["note_encrypted"] = vault(session).encrypt(rules.HEALTH_NOTE, text)
    return _correct(checks, EventKind.HEALTH, row, values, details, why, is_news=is_news)


def delete_health_note(
    session: Session, *, by: int, health_note_id: int, now: datetime, why: str = "", seen: datetime | None = None
) -> None:
    """Remove a health note."""
    checks = Checks(session, by, now)
    row = _own(checks, HealthNote, health_note_id, "health note", seen)
    check_may_correct(checks, row)
    _delete(checks, EventKind.HEALTH, row, {"before": f"{row.starts_on} - {row.ends_on}"}, why)


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
    checks = Checks(session, by, now)
    row = _own(checks, SchoolEvent, event_id, "meeting or event", seen)
    _check_may_invite(checks, row)
    rules.check_ahead(starts_at, now)
    values = {
        "title": rules.title_text(title),
        "place": rules.place_text(place),
        "starts_at": starts_at,
        "text": rules.invitation_text(text),
    }
    details = {"before": row.starts_at.isoformat(), "after": starts_at.isoformat()}
    return _correct(checks, EventKind(row.kind), row, values, details, why)


def delete_school_event(
    session: Session, *, by: int, event_id: int, now: datetime, why: str = "", seen: datetime | None = None
) -> None:
    """Call a meeting or event off."""
    checks = Checks(session, by, now)
    row = _own(checks, SchoolEvent, event_id, "meeting or event", seen)
    _check_may_invite(checks, row)
    _delete(checks, EventKind(row.kind), row, {"title": row.title, "before": row.starts_at.isoformat()}, why)


def check_may_correct(checks: Checks, row: StudentEvent) -> None:
    """Raises ForbiddenError, or InputError where nobody could, when the author may not correct this row.

    It is for those of the class of its date, also after the student has left that class; the school's leaders may
    correct everything.
    """
    if checks.author.leads:
        return
    of = checks.student_then(row.student_id, row.starts_on if isinstance(row, HealthNote) else row.on_date)
    match row:
        case Remark():
            if row.staff_id != checks.author.staff_id:
                authority.check_class_teacher(checks.author, of)
        case HealthNote():
            authority.check_class_teacher(checks.author, of)
        case _:
            checks.teaches(of, row.subject_id, _at(checks, row))


def _at(checks: Checks, row: Grade | Absence | StudentEvent) -> At | None:
    """The lesson whose substitute may correct this row: their own entry, or what is entered for that very lesson."""
    match row:
        case Absence():
            return At(row.on_date, row.lesson)
        case Grade() if row.staff_id == checks.author.staff_id and not row.kind.closes:
            return At(row.on_date)
        case _:
            return None


def _check_may_invite(checks: Checks, row: SchoolEvent) -> None:
    if row.staff_id == checks.author.staff_id or checks.author.leads:
        return
    if row.class_id is None:
        raise ForbiddenError("Only the school's leaders may change this, or who announced it.")
    authority.check_class_teacher(checks.author, authority.class_of_school(checks.session, checks.author, row.class_id))


def _own(checks: Checks, model: type[_Event], event_id: int, what: str, seen: datetime | None) -> _Event:
    """The event of the author's school, locked and as it was seen."""
    row = checks.session.scalar(
        select(model).where(model.id == event_id, model.school_id == checks.author.school_id).with_for_update()
    )
    if row is None:
        raise MissingError("There is no such {what} in this school.", what=what)
    if seen is not None and row.recorded_at != seen:
        raise InputError("Somebody has changed this in the meantime: look at it as it is now.")
    return row


def _correct(
    checks: Checks,
    kind: EventKind,
    row: _Event,
    values: dict[str, Any],
    details: dict[str, Any],
    why: str,
    *,
    is_news: bool = True,
) -> EventRef:
    """Write the new values, unless all of them stand there already."""
    ref = EventRef(kind, row.id)
    if any(getattr(row, name) != value for name, value in values.items()):
        student_id = getattr(row, "student_id", None)
        change = Change(ref, student_id, values, details | {"reason": _reason(why)}, is_news)
        writing.write(checks.session, checks.author, checks.now, changes=[change])
    return ref


def _delete(checks: Checks, kind: EventKind, row: _Event, details: dict[str, Any], why: str) -> None:
    student_id = getattr(row, "student_id", None)
    removal = Removal(EventRef(kind, row.id), student_id, details | {"reason": _reason(why)})
    writing.write(checks.session, checks.author, checks.now, removals=[removal])


def _reason(why: str) -> str:
    return " ".join(why.split())[: rules.LONGEST_REASON]
