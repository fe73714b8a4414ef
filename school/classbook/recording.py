"""Recording what happens at school: each function is one event with its audit row, in the caller's transaction.

`by` is the id of the staff member who records; `now` is aware. Every function raises InputError with one sentence when
a rule does not allow the event, and then nothing is recorded.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from unicodedata import category

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.kinds import AbsenceKind, AbsenceReason, EventKind, GradeKind, Mark, RemarkKind, SchoolEventKind
from db.models import Absence, Grade, HealthNote, Remark, SchoolEvent
from errors import ForbiddenError, InputError
from school import audit, authority, calendar, outbox
from school.authority import Author
from school.classbook import grade_scales
from school.events import EventRef
from school.secrecy import vault

HEALTH_NOTE = "health note"
LONGEST_HEALTH_NOTE = timedelta(days=366)
LONGEST_TEXT = 1000
LONGEST_TITLE = 160


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
    teacher = authority.author(session, by)
    of = authority.class_of_student(session, teacher, student_id)
    assignment = authority.check_teaches(session, teacher, of, subject_id)
    stored = grade_scales.permitted(
        grade,
        grade_scales.Graded(of.level, of.has_special_needs, kind, subject_id is not None, assignment.is_profiled),
    )
    where = _not_ahead(session, teacher, on, now)
    if term is not None and (kind is not GradeKind.TERM or not 1 <= term <= where.term):
        raise InputError("Only a term grade names its term, which must have begun: leave the term out.")
    row = Grade(
        school_id=teacher.school_id,
        student_id=student_id,
        subject_id=subject_id,
        staff_id=by,
        school_year_id=where.school_year_id,
        term=term or where.term,
        kind=kind,
        scale=stored.scale,
        value=stored.value,
        mark=stored.mark,
        on_date=on,
        recorded_at=now,
    )
    _insert(session, row, "This student has such a term or annual grade already: correct that one.")
    given = stored.mark or stored.value
    return _recorded(session, teacher, EventRef(EventKind.GRADE, row.id), now, student_id, kind=kind, grade=str(given))


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
    """Record an absence from one lesson (1..8) of a school day; `reason` goes with an excused one only."""
    if not 1 <= lesson <= 8:
        raise InputError("{lesson} is no lesson: give 1 to 8.", lesson=lesson)
    check_reason(kind, reason)
    teacher = authority.author(session, by)
    of = authority.class_of_student(session, teacher, student_id)
    authority.check_teaches(session, teacher, of, subject_id)
    where = _not_ahead(session, teacher, on, now)
    calendar.check_school_day(session, teacher.school_id, where, of.level)
    row = Absence(
        school_id=teacher.school_id,
        student_id=student_id,
        subject_id=subject_id,
        staff_id=by,
        school_year_id=where.school_year_id,
        kind=kind,
        reason=reason,
        on_date=on,
        lesson=lesson,
        recorded_at=now,
    )
    _insert(session, row, "An absence of this student from this lesson is recorded already: change that one.")
    return _recorded(
        session, teacher, EventRef(EventKind.ABSENCE, row.id), now, student_id, kind=kind, on=str(on), lesson=lesson
    )


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
    teacher = authority.author(session, by)
    of = authority.class_of_student(session, teacher, student_id)
    if subject_id is None:
        authority.check_knows_class(session, teacher, of)
    else:
        authority.check_teaches(session, teacher, of, subject_id)
    where = _not_ahead(session, teacher, on, now)
    row = Remark(
        school_id=teacher.school_id,
        student_id=student_id,
        subject_id=subject_id,
        staff_id=by,
        school_year_id=where.school_year_id,
        kind=kind,
        text=written(text, "remark", LONGEST_TEXT),
        on_date=on,
        recorded_at=now,
    )
    _insert(session, row)
    return _recorded(session, teacher, EventRef(EventKind.REMARK, row.id), now, student_id, kind=kind)


def record_health_note(
    session: Session, *, by: int, student_id: int, starts_on: date, ends_on: date, note: str, now: datetime
) -> EventRef:
    """Record a health note by the class teacher; its text is kept encrypted and told to nobody outside the school."""
    teacher = authority.author(session, by)
    authority.check_class_teacher(teacher, authority.class_of_student(session, teacher, student_id))
    check_health_dates(starts_on, ends_on)
    where = calendar.locate(session, teacher.school_id, starts_on)
    row = HealthNote(
        school_id=teacher.school_id,
        student_id=student_id,
        staff_id=by,
        school_year_id=where.school_year_id,
        starts_on=starts_on,
        ends_on=ends_on,
        note_encrypted=vault(session).encrypt(HEALTH_NOTE, written(note, "health note", LONGEST_TEXT)),
        recorded_at=now,
    )
    _insert(session, row)
    return _recorded(session, teacher, EventRef(EventKind.HEALTH, row.id), now, student_id)


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
    announcer = authority.author(session, by)
    if class_id is not None:
        of = authority.class_of_school(session, announcer, class_id)
        authority.check_knows_class(session, announcer, of)
        level = None
    elif not announcer.leads:
        raise ForbiddenError("Only the school's leaders invite the whole school: choose a class.")
    if level is not None and not 1 <= level <= 12:
        raise InputError("{level} is no level: give 1 to 12.", level=level)
    check_ahead(starts_at, now)
    row = SchoolEvent(
        school_id=announcer.school_id,
        class_id=class_id,
        level=level,
        staff_id=by,
        kind=kind,
        title=written(title, "title", LONGEST_TITLE),
        place=written(place, "place", LONGEST_TITLE),
        starts_at=starts_at,
        text=invitation_text(text),
        recorded_at=now,
    )
    _insert(session, row)
    return _recorded(session, announcer, EventRef(EventKind(kind), row.id), now, None)


def _recorded(
    session: Session, by: Author, ref: EventRef, now: datetime, student_id: int | None, **details: Any
) -> EventRef:
    """What every recorded event brings with it in the same transaction: its audit row, and whom it is told to."""
    audit.write(
        session,
        f"{ref.kind}.recorded",
        ref.kind,
        ref.id,
        now,
        school_id=by.school_id,
        by=by.staff_id,
        student_id=student_id,
        **details,
    )
    outbox.recorded(session, [ref], now)
    return ref


def _insert(session: Session, row: Any, taken: str | None = None) -> None:
    """Add a row and get its id; `taken` is what to say when another row stands in its place."""
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        if taken is None or "unique" not in str(error.orig).lower():
            raise
        raise InputError(taken) from error


def _not_ahead(session: Session, by: Author, on: date, now: datetime) -> calendar.SchoolDate:
    if on > calendar.today(now):
        raise InputError("{on:%d.%m.%Y} is in the future: check the date.", on=on)
    return calendar.locate(session, by.school_id, on)


def check_reason(kind: AbsenceKind, reason: AbsenceReason | None) -> None:
    """Raises InputError for a reason that is missing, or that nothing needs."""
    if (kind is AbsenceKind.EXCUSED) != (reason is not None):
        raise InputError("An excused absence has a reason, and only an excused one has.")


def check_health_dates(starts_on: date, ends_on: date) -> None:
    """Raises InputError when a health note cannot have these first and last days."""
    if not timedelta() <= ends_on - starts_on <= LONGEST_HEALTH_NOTE:
        raise InputError("A health note ends on its first day or later, within a year: check the dates.")


def check_ahead(starts_at: datetime, now: datetime) -> None:
    """Raises InputError for a meeting or event that nobody could come to any more."""
    if starts_at <= now:
        raise InputError("The meeting or event would be in the past: check its date and hour.")


def written(text: str, what: str, longest: int) -> str:
    """The text on one line. Raises InputError when it is empty or of more than `longest` characters."""
    text = on_one_line(text)
    if not text:
        raise InputError("The {what} is empty: write it.", what=what)
    if len(text) > longest:
        raise InputError("The {what} is longer than {longest} characters: shorten it.", what=what, longest=longest)
    return text


def invitation_text(text: str) -> str:
    """What a meeting's or an event's announcement says more, possibly nothing; lines stay lines.

    Raises InputError when it is longer than LONGEST_TEXT.
    """
    text = "\n".join(on_one_line(line) for line in text.strip().splitlines())
    if len(text) > LONGEST_TEXT:
        raise InputError("The announcement is longer than {longest} characters: shorten it.", longest=LONGEST_TEXT)
    return text


def on_one_line(text: str) -> str:
    """The text with single spaces, and one in place of whatever is no character to be written (NUL, half a pair)."""
    return " ".join("".join(" " if category(one) in ("Cc", "Cs") else one for one in text).split())
