"""Papers that excuse absences: a medical note, an organiser's with the parent's confirmation, a parent's application.

Ordinance on inclusive education, art. 62 (1): 1. a medical note; 2. a document of the organiser of a competition, a
concert and the like, with the parent's confirmation; 3. a parent's application, of which there are only so many days
(`excuse_limits`). An absence that is excused is one corrected, and goes the same way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Row, func, insert, select
from sqlalchemy.orm import Session

from db.kinds import AbsenceKind, AbsenceReason, ExcuseKind
from db.models import Absence, ExcuseNote, Staff, Student, Term, TermEnd, TimetableDay, Vacation
from errors import InputError
from school import audit
from school.classbook import writing
from school.classbook.checks import Checks
from school.classbook.correcting import absence_change
from school.classbook.excuse_limits import ParentsLimits, parents_limits
from school.classbook.writing import Family
from school.staff import authority
from school.staff.authority import Author, KnownStudent
from school.years import calendar

SATURDAY = 6
LONGEST_NOTE = timedelta(days=366)
REASONS = {
    ExcuseKind.PARENT: AbsenceReason.FAMILY,
    ExcuseKind.MEDICAL: AbsenceReason.HEALTH,
    ExcuseKind.ORGANISER: AbsenceReason.OTHER,
}


@dataclass(frozen=True, slots=True)
class Excused:
    """What a note led to: absences excused, school days it took, and days that parents' notes have left this year."""

    absences: int
    school_days: int
    days_left: int


def excuse(
    session: Session,
    *,
    by: int,
    student_id: int,
    kind: ExcuseKind,
    starts_on: date,
    ends_on: date,
    now: datetime,
    parent_confirmed_on: date | None = None,
) -> Excused:
    """Record a note by the class teacher and excuse the student's unexcused absences of its days; lateness stays.

    `parent_confirmed_on` is when the parent confirmed an organiser's document; the other kinds have none. Raises
    InputError when the dates, a missing confirmation or the limits of a parent's note do not allow it.
    """
    checks = Checks(session, by, now)
    of = checks.student(student_id)
    authority.check_class_teacher(checks.author, of)
    _check_dates(starts_on, ends_on)
    _check_confirmed(kind, parent_confirmed_on, calendar.today(now))
    year = checks.any_date(starts_on).school_year_id
    lock(session, student_id)
    days = len(school_days(session, checks.author.school_id, year, of.level, starts_on, ends_on))
    if days == 0:
        raise InputError("There is no school on these days: check the dates.")
    limits = parents_limits(starts_on)
    left = limits.days_a_year - days_used(session, checks.author.school_id, student_id, year)
    if kind is ExcuseKind.PARENT:
        _check_limits(days, left, limits)
        left -= days
    done = record(
        session,
        checks.author,
        Paper(student_id, year, kind, REASONS[kind], starts_on, ends_on, days, parent_confirmed_on),
        now,
    )
    return Excused(done.absences, days, left)


@dataclass(frozen=True, slots=True)
class Paper:
    """A note that the rules allow."""

    student_id: int
    school_year_id: int
    kind: ExcuseKind
    reason: AbsenceReason
    starts_on: date
    ends_on: date
    school_days: int
    parent_confirmed_on: date | None = None


@dataclass(frozen=True, slots=True)
class Recorded:
    """The row of a note, and how many absences it excused."""

    note_id: int
    absences: int


def record(session: Session, by: Author | Family, paper: Paper, now: datetime) -> Recorded:
    """Write a note that was checked, and excuse the unexcused absences of its days; it excuses later ones too."""
    staff_id = None if isinstance(by, Family) else by.staff_id
    note_id = session.scalars(
        insert(ExcuseNote)
        .values(
            school_id=by.school_id,
            student_id=paper.student_id,
            school_year_id=paper.school_year_id,
            staff_id=staff_id,
            kind=paper.kind,
            reason=paper.reason,
            starts_on=paper.starts_on,
            ends_on=paper.ends_on,
            school_days=paper.school_days,
            parent_confirmed_on=paper.parent_confirmed_on,
            recorded_at=now,
        )
        .returning(ExcuseNote.id)
    ).one()
    audit.write(
        session,
        "excuse.recorded",
        "excuse_note",
        note_id,
        now,
        school_id=by.school_id,
        by=staff_id,
        subscriber_id=by.subscriber_id if isinstance(by, Family) else None,
        student_id=paper.student_id,
        kind=paper.kind,
    )
    changes = [
        absence_change(
            id_, paper.student_id, AbsenceKind.UNEXCUSED, AbsenceKind.EXCUSED, paper.reason, excuse_note=note_id
        )
        for id_ in _unexcused(session, by.school_id, paper)
    ]
    writing.write(session, by, now, changes=changes)
    return Recorded(note_id, len(changes))


def lock(session: Session, student_id: int) -> None:
    """Notes of one student are recorded one after the other: the days that parents' notes have left are counted."""
    session.execute(select(Student.id).where(Student.id == student_id).with_for_update(key_share=True))


def _check_dates(starts_on: date, ends_on: date) -> None:
    if not timedelta() <= ends_on - starts_on <= LONGEST_NOTE:
        raise InputError("A note ends on its first day or later, within a year: check the dates.")


def _check_confirmed(kind: ExcuseKind, confirmed_on: date | None, today: date) -> None:
    if kind is not ExcuseKind.ORGANISER:
        if confirmed_on is not None:
            raise InputError("Only an organiser's document is confirmed by the parent: leave the confirmation out.")
        return
    if confirmed_on is None:
        raise InputError("An organiser's document excuses only with the parent's confirmation: give its date.")
    if confirmed_on > today:
        raise InputError("{on:%d.%m.%Y} is in the future: check the date.", on=confirmed_on)


def _check_limits(days: int, left: int, limits: ParentsLimits) -> None:
    if days > limits.days_at_once:
        raise InputError("A parent's note excuses at most {days} school days at once.", days=limits.days_at_once)
    if days > left:
        raise InputError("Parents' notes have {left} school days left this year.", left=left)


def _unexcused(session: Session, school_id: int, paper: Paper) -> list[int]:
    """The absences that the note excuses, locked."""
    return list(
        session.scalars(
            select(Absence.id)
            .where(
                Absence.school_id == school_id,
                Absence.student_id == paper.student_id,
                Absence.on_date.between(paper.starts_on, paper.ends_on),
                Absence.kind == AbsenceKind.UNEXCUSED,
            )
            .order_by(Absence.id)
            .with_for_update()
        )
    )


@dataclass(frozen=True, slots=True)
class Note:
    """A note of this school year. `recorded_by`: the class teacher or leader who took it; None: it counted at once."""

    kind: ExcuseKind
    starts_on: date
    ends_on: date
    school_days: int
    recorded_by: str | None


@dataclass(frozen=True, slots=True)
class Notes:
    """A student's notes of this school year, the newest first, and the school days that parents' notes have left.

    `limits` are those that hold today.
    """

    notes: tuple[Note, ...]
    days_left: int
    limits: ParentsLimits


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
        .outerjoin(Staff, Staff.id == ExcuseNote.staff_id)
        .where(
            ExcuseNote.school_id == school_id,
            ExcuseNote.student_id == known.student_id,
            ExcuseNote.school_year_id == calendar.year_on(school_id, calendar.today(now)),
        )
        .order_by(ExcuseNote.starts_on.desc(), ExcuseNote.id.desc())
    ).all()
    limits = parents_limits(calendar.today(now))
    left = limits.days_a_year - sum(row.school_days for row in rows if row.kind is ExcuseKind.PARENT)
    notes = [Note(*row[:4], f"{row.first_name} {row.last_name}" if row.first_name else None) for row in rows]
    return Notes(tuple(notes), left, limits)


def days_used(session: Session, school_id: int, student_id: int, school_year_id: int) -> int:
    """School days that parents' notes have excused this year."""
    used = session.scalar(
        select(func.coalesce(func.sum(ExcuseNote.school_days), 0)).where(
            ExcuseNote.school_id == school_id,
            ExcuseNote.student_id == student_id,
            ExcuseNote.school_year_id == school_year_id,
            ExcuseNote.kind == ExcuseKind.PARENT,
        )
    )
    return used or 0


def covered_days(session: Session, school_id: int, student_id: int, first: date, last: date) -> set[date]:
    """The days from `first` to `last` that notes of any kind excuse already."""
    notes = session.execute(
        select(ExcuseNote.starts_on, ExcuseNote.ends_on).where(
            ExcuseNote.school_id == school_id,
            ExcuseNote.student_id == student_id,
            ExcuseNote.starts_on <= last,
            ExcuseNote.ends_on >= first,
        )
    ).all()
    return {day for day in _days(first, last) if any(row.starts_on <= day <= row.ends_on for row in notes)}


def school_days(
    session: Session, school_id: int, school_year_id: int, level: int, first: date, last: date
) -> list[date]:
    """The days from `first` to `last` on which a class of that level has lessons: within its terms, no vacation,
    Monday to Friday or a Saturday that is worked."""
    off = session.execute(
        select(Vacation.starts_on, Vacation.ends_on).where(
            Vacation.school_id == school_id,
            Vacation.school_year_id == school_year_id,
            Vacation.starts_on <= last,
            Vacation.ends_on >= first,
        )
    ).all()
    terms = session.execute(
        select(Term.starts_on, func.coalesce(TermEnd.ends_on, Term.ends_on).label("ends_on"))
        .outerjoin(
            TermEnd,
            (TermEnd.school_year_id == Term.school_year_id)
            & (TermEnd.term_number == Term.number)
            & (TermEnd.level == level),
        )
        .where(Term.school_year_id == school_year_id)
    ).all()
    days = _days(first, last)
    saturdays = [day for day in days if day.isoweekday() == SATURDAY]
    worked = _worked(session, school_id, saturdays)
    at_school = [day for day in days if day.isoweekday() < SATURDAY or day in worked]
    return [day for day in at_school if _within(terms, day) and not _within(off, day)]


def _within(spans: Sequence[Row[date, date]], day: date) -> bool:
    return any(row.starts_on <= day <= row.ends_on for row in spans)


def _worked(session: Session, school_id: int, saturdays: list[date]) -> set[date]:
    """Those of them that follow another day's timetable."""
    if not saturdays:
        return set()
    on_day = (TimetableDay.school_id == school_id) & TimetableDay.on_date.in_(saturdays)
    return set(session.scalars(select(TimetableDay.on_date).where(on_day)))


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
