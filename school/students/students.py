"""Students one by one: finding, moving to another class, leaving. Lists of them come through school.roster."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, or_, select
from sqlalchemy.orm import Session

from db.kinds import EnrolmentReason
from db.models import Enrolment, SchoolClass, SchoolYear, Student, StudentCode
from errors import InputError, MissingError
from school import audit, enrolments
from school.staff.leaders import check_leads
from school.students.leaving import let_go
from school.years import calendar

MOST = 60


@dataclass(frozen=True, slots=True)
class Found:
    """A student of the school; `class_name` is None for who has left."""

    student_id: int
    name: str
    class_name: str | None


def find(session: Session, school_id: int, text: str) -> tuple[Found, ...]:
    """At most MOST students whose names begin with every word of the text, or whose ID-код it is."""
    words = text.split()
    if not words:
        return ()
    is_it: ColumnElement[bool]
    digits = "".join(words)
    if digits.isdecimal():
        is_it = Student.id.in_(
            select(StudentCode.student_id).where(
                StudentCode.school_id == school_id, StudentCode.code == digits, StudentCode.revoked_at.is_(None)
            )
        )
    else:  # names are kept with a capital; databases do not agree on the lower case of Cyrillic
        is_it = and_(
            *(
                or_(
                    *(
                        column.startswith(word[:1].upper() + word[1:], autoescape=True)
                        for column in (Student.first_name, Student.middle_name, Student.last_name)
                    )
                )
                for word in words
            )
        )
    rows = session.execute(
        select(
            Student.id,
            Student.first_name,
            Student.middle_name,
            Student.last_name,
            SchoolClass.level,
            SchoolClass.letter,
        )
        .outerjoin(SchoolClass, SchoolClass.id == Student.class_id)
        .where(Student.school_id == school_id, is_it)
        .order_by(SchoolClass.level, SchoolClass.letter, Student.first_name, Student.last_name, Student.id)
        .limit(MOST)
    )
    return tuple(
        Found(
            row.id,
            " ".join(filter(None, (row.first_name, row.middle_name, row.last_name))),
            None if row.level is None else f"{row.level}{row.letter}",
        )
        for row in rows
    )


def move(
    session: Session,
    school_id: int,
    student_id: int,
    class_id: int,
    *,
    by: int,
    now: datetime,
    since: date | None = None,
) -> None:
    """Put a student into another class; the code and the followers stay, what was recorded with its date's class.

    `since` is the first day in the new class; None: today, or the first day of the class's school year where the
    student comes from another year or that day is ahead. Raises InputError for a class of another school, and for a day
    that is ahead, before the class's year, or before the student came to the present class.
    """
    check_leads(session, school_id, by)
    student = _locked(session, school_id, student_id)
    before = student.class_id
    to = _class(session, school_id, class_id, calendar.today(now))
    if before == class_id:
        return
    latest = _latest(session, school_id, student_id)
    details: dict[str, Any] = {} if since is None else {"since": str(since)}
    if since is None:
        comes_from_another_year = before is not None and latest is not None and latest.school_year_id != to.year_id
        since = to.year_starts if comes_from_another_year else to.can_join
        since = max(since, latest.starts_on) if latest is not None else since
    _check_since(since, to, latest, calendar.today(now))
    reason = EnrolmentReason.MOVED if before else EnrolmentReason.RETURNED
    enrolments.place(session, school_id, [enrolments.Placement(student_id, class_id, None, since, reason)])
    session.refresh(student)
    audit.write(
        session, "student.changed", "student", student_id, now,
        school_id=school_id, by=by, class_id=[before, class_id], **details,
    )  # fmt: skip


def leave(session: Session, school_id: int, student_id: int, *, by: int, now: datetime) -> None:
    """A student leaves the school today: the code opens nothing, nobody follows any more, what was recorded stays."""
    check_leads(session, school_id, by)
    student = _locked(session, school_id, student_id)
    if student.class_id is None:
        raise InputError("The student has left already.")
    before = student.class_id
    today = calendar.today(now)
    let_go(session, school_id, {student_id: {"class_id": before}}, today, now, by=by)
    session.refresh(student)


def _locked(session: Session, school_id: int, student_id: int) -> Student:
    found = session.scalar(
        select(Student).where(Student.school_id == school_id, Student.id == student_id).with_for_update()
    )
    if found is None:
        raise MissingError("There is no such student in this school.")
    return found


@dataclass(frozen=True, slots=True)
class _To:
    year_id: int
    year_starts: date
    year_ends: date
    can_join: date


def _class(session: Session, school_id: int, class_id: int, today: date) -> _To:
    found = session.execute(
        select(SchoolYear.id, SchoolYear.starts_on, SchoolYear.ends_on)
        .join(SchoolClass, SchoolClass.school_year_id == SchoolYear.id)
        .where(SchoolClass.school_id == school_id, SchoolClass.id == class_id)
    ).one_or_none()
    if found is None:
        raise InputError("There is no such class in this school.")
    return _To(*found, max(today, found.starts_on))


def _latest(session: Session, school_id: int, student_id: int) -> Row[*tuple[Any, ...]] | None:
    """The student's latest enrolment: the present one, or the last before they left."""
    return session.execute(
        select(Enrolment.starts_on, SchoolClass.school_year_id)
        .join(SchoolClass, SchoolClass.id == Enrolment.class_id)
        .where(Enrolment.school_id == school_id, Enrolment.student_id == student_id)
        .order_by(Enrolment.starts_on.desc())
        .limit(1)
    ).one_or_none()


def _check_since(since: date, to: _To, latest: Row[*tuple[Any, ...]] | None, today: date) -> None:
    if since > max(today, to.year_starts):
        raise InputError("{on:%d.%m.%Y} is in the future: check the date.", on=since)
    if not to.year_starts <= since <= to.year_ends:
        raise InputError("{on:%d.%m.%Y} is not in the school year of the class: check the date.", on=since)
    if latest is not None and since < latest.starts_on:
        raise InputError(
            "The student came to the class before this one on {on:%d.%m.%Y}: give that day or a later one.",
            on=latest.starts_on,
        )
