"""Notes that excuse absences: a parent's, of which there are only so many days, and a doctor's.

Ordinance on inclusive education, art. 62 (2): with the class teacher's consent a parent's note excuses up to 15 school
days of a school year, at most 5 of them at once; absences for health reasons are excused by a medical document.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db.kinds import AbsenceKind, AbsenceReason, EventKind, ExcuseKind
from db.models import Absence, ExcuseNote, Staff, Vacation
from errors import InputError
from school import audit, authority, calendar, outbox
from school.authority import KnownStudent
from school.events import EventRef

DAYS_A_YEAR, DAYS_AT_ONCE = 15, 5
LONGEST_NOTE = timedelta(days=366)
REASONS = {ExcuseKind.PARENT: AbsenceReason.FAMILY, ExcuseKind.MEDICAL: AbsenceReason.HEALTH}


@dataclass(frozen=True, slots=True)
class Excused:
    """What a note led to: absences excused, school days it took, and days that parents' notes have left this year."""

    absences: int
    school_days: int
    days_left: int


def excuse(
    session: Session, *, by: int, student_id: int, kind: ExcuseKind, starts_on: date, ends_on: date, now: datetime
) -> Excused:
    """Record a note by the class teacher and excuse the student's unexcused absences of its days; lateness stays.

    Raises InputError when the dates or the limits of a parent's note do not allow it.
    """
    teacher = authority.author(session, by)
    of = authority.class_of_student(session, teacher, student_id)
    authority.check_class_teacher(teacher, of)
    if not timedelta() <= ends_on - starts_on <= LONGEST_NOTE:
        raise InputError("A note ends on its first day or later, within a year: check the dates.")
    year = calendar.locate(session, teacher.school_id, starts_on).school_year_id
    days = school_days(session, teacher.school_id, year, starts_on, ends_on)
    if days == 0:
        raise InputError("There is no school on these days: check the dates.")
    left = days_left(session, teacher.school_id, student_id, year)
    if kind is ExcuseKind.PARENT:
        if days > DAYS_AT_ONCE:
            raise InputError("A parent's note excuses at most {days} school days at once.", days=DAYS_AT_ONCE)
        if days > left:
            raise InputError("Parents' notes have {left} school days left this year.", left=left)
        left -= days
    note = ExcuseNote(
        school_id=teacher.school_id,
        student_id=student_id,
        school_year_id=year,
        staff_id=by,
        kind=kind,
        starts_on=starts_on,
        ends_on=ends_on,
        school_days=days,
        recorded_at=now,
    )
    session.add(note)
    session.flush()
    excused = session.scalars(
        update(Absence)
        .where(
            Absence.school_id == teacher.school_id,
            Absence.student_id == student_id,
            Absence.on_date.between(starts_on, ends_on),
            Absence.kind == AbsenceKind.UNEXCUSED,
        )
        .values(kind=AbsenceKind.EXCUSED, reason=REASONS[kind])
        .returning(Absence.id)
    ).all()
    outbox.corrected(session, [EventRef(EventKind.ABSENCE, id_) for id_ in excused], now)
    audit.write(
        session,
        "excuse.recorded",
        "excuse_note",
        note.id,
        now,
        school_id=teacher.school_id,
        by=by,
        student_id=student_id,
        kind=kind,
    )
    audit.write_many(
        session,
        [
            audit.row(
                "absence.corrected",
                EventKind.ABSENCE,
                id_,
                now,
                school_id=teacher.school_id,
                by=by,
                student_id=student_id,
                before=AbsenceKind.UNEXCUSED,
                after=AbsenceKind.EXCUSED,
            )
            for id_ in excused
        ],
    )
    outbox.corrected(session, [EventRef(EventKind.ABSENCE, id_) for id_ in excused], now)
    return Excused(len(excused), days, left)


@dataclass(frozen=True, slots=True)
class Note:
    """A note of this school year; `recorded_by` is the class teacher or leader who took it."""

    kind: ExcuseKind
    starts_on: date
    ends_on: date
    school_days: int
    recorded_by: str


@dataclass(frozen=True, slots=True)
class Notes:
    """A student's notes of this school year, the newest first, and the school days that parents' notes have left."""

    notes: tuple[Note, ...]
    days_left: int


def notes_of(session: Session, known: KnownStudent, now: datetime) -> Notes:
    """For the class teacher and the school's leaders. Raises ForbiddenError for others."""
    authority.check_class_teacher(known.by, known.of)
    school_id = known.by.school_id
    rows = session.execute(
        select(
            ExcuseNote.kind,
            ExcuseNote.starts_on,
            ExcuseNote.ends_on,
            ExcuseNote.school_days,
            Staff.first_name,
            Staff.last_name,
        )
        .join(Staff, Staff.id == ExcuseNote.staff_id)
        .where(
            ExcuseNote.school_id == school_id,
            ExcuseNote.student_id == known.student_id,
            ExcuseNote.school_year_id == calendar.year_on(school_id, calendar.today(now)),
        )
        .order_by(ExcuseNote.starts_on.desc(), ExcuseNote.id.desc())
    ).all()
    left = DAYS_A_YEAR - sum(row.school_days for row in rows if row.kind is ExcuseKind.PARENT)
    return Notes(tuple(Note(*row[:4], f"{row.first_name} {row.last_name}") for row in rows), left)


def days_left(session: Session, school_id: int, student_id: int, school_year_id: int) -> int:
    """School days that parents' notes may still excuse this year."""
    used = session.scalar(
        select(func.coalesce(func.sum(ExcuseNote.school_days), 0)).where(
            ExcuseNote.school_id == school_id,
            ExcuseNote.student_id == student_id,
            ExcuseNote.school_year_id == school_year_id,
            ExcuseNote.kind == ExcuseKind.PARENT,
        )
    )
    return DAYS_A_YEAR - (used or 0)


def school_days(session: Session, school_id: int, school_year_id: int, first: date, last: date) -> int:
    """How many days from `first` to `last` are Monday to Friday and no vacation."""
    off = session.execute(
        select(Vacation.starts_on, Vacation.ends_on).where(
            Vacation.school_id == school_id,
            Vacation.school_year_id == school_year_id,
            Vacation.starts_on <= last,
            Vacation.ends_on >= first,
        )
    ).all()
    days = (first + timedelta(days=number) for number in range((last - first).days + 1))
    return sum(
        1 for day in days if day.isoweekday() <= 5 and not any(row.starts_on <= day <= row.ends_on for row in off)
    )
