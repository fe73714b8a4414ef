"""Admitting a student whom another school of the platform let go: the grades and absences of the year come along."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.orm import Session

from db.kinds import AbsenceKind, EnrolmentReason
from db.models import (
    Absence,
    BroughtAbsences,
    BroughtGrade,
    Grade,
    School,
    SchoolClass,
    SchoolYear,
    Student,
    StudentTransfer,
    Subject,
    Term,
)
from errors import InputError, MissingError
from school import audit, enrolments
from school.staff.leaders import check_leads
from school.students import student_code
from school.students.who_may_be_told import limited_elsewhere
from school.transfers.offering import is_away
from school.years import calendar

DAY = timedelta(days=1)


def admit(
    session: Session,
    school_id: int,
    transfer_id: int,
    class_id: int,
    *,
    by: int,
    now: datetime,
    since: date | None = None,
) -> int:
    """Put an offered student into a class; gives the id they have in this school. They get an ID-code.

    `since` is the first day in the class; None: the day after the last one in the other school, or the first of the
    class's school year. A copy of the grades, and the sums of the absences by term, of the school year in which they
    left come along, marked with the other school's name; nobody here changes them. Who may be told stays limited where
    it was. Raises MissingError for what is not offered to this school, InputError for a day or class that cannot be.
    """
    check_leads(session, school_id, by)
    transfer = session.scalar(
        select(StudentTransfer)
        .where(
            StudentTransfer.id == transfer_id,
            StudentTransfer.to_school_id == school_id,
            StudentTransfer.admitted_at.is_(None),
            is_away(),
        )
        .with_for_update()
    )
    if transfer is None:
        raise MissingError("There is no such student on the way to this school.")
    year = session.execute(
        select(SchoolYear.starts_on, SchoolYear.ends_on)
        .join(SchoolClass, SchoolClass.school_year_id == SchoolYear.id)
        .where(SchoolClass.school_id == school_id, SchoolClass.id == class_id)
    ).one_or_none()
    if year is None:
        raise InputError("There is no such class in this school.")
    first = since or max(transfer.last_day + DAY, year.starts_on)
    if not max(transfer.last_day + DAY, year.starts_on) <= first <= max(calendar.today(now) + DAY, year.starts_on):
        raise InputError("The first day is not after the last one in the other school, or is ahead: check the date.")
    student_id = _student(session, school_id, transfer, now)
    placement = enrolments.Placement(student_id, class_id, None, first, EnrolmentReason.TRANSFERRED)
    enrolments.place(session, school_id, [placement])
    student_code.issue(session, student_id, now, by)
    _bring(session, school_id, transfer, student_id)
    session.execute(
        update(StudentTransfer)
        .where(StudentTransfer.id == transfer_id)
        .values(admitted_at=now, to_student_id=student_id)
    )
    audit.write(
        session, "student.admitted", "student", student_id, now,
        school_id=school_id, by=by, class_id=class_id, since=str(first), from_school=transfer.school_id,
    )  # fmt: skip
    return student_id


def _student(session: Session, school_id: int, transfer: StudentTransfer, now: datetime) -> int:
    """The student's row in this school: a new one, or that of who was here before."""
    old = session.get_one(Student, transfer.student_id)
    limited = bool(limited_elsewhere(session, [old.national_id_hash]))
    here = session.scalar(
        select(Student)
        .where(Student.school_id == school_id, Student.national_id_hash == old.national_id_hash)
        .with_for_update()
    )
    if here is not None:
        if here.class_id is not None:
            raise InputError("The student is in a class of this school already.")
        here.only_named_followers = here.only_named_followers or limited
        session.flush()
        return here.id
    copied = (
        "first_name", "middle_name", "last_name", "birth_date", "national_id_kind", "national_id_encrypted",
        "national_id_hash", "has_special_needs",
    )  # fmt: skip
    values: dict[str, Any] = {name: getattr(old, name) for name in copied}
    values |= {"school_id": school_id, "only_named_followers": limited, "created_at": now}
    return session.scalars(insert(Student).values(values).returning(Student.id)).one()


def _bring(session: Session, school_id: int, transfer: StudentTransfer, student_id: int) -> None:
    old = session.execute(
        select(SchoolYear.id, SchoolYear.starts_on, School.name)
        .join(School, School.id == SchoolYear.school_id)
        .where(
            SchoolYear.school_id == transfer.school_id,
            SchoolYear.starts_on <= transfer.last_day,
            SchoolYear.ends_on >= transfer.last_day,
        )
    ).one_or_none()
    if old is None:
        return
    whose = {"school_id": school_id, "student_id": student_id}
    marked = whose | {"from_school": old.name, "year": old.starts_on.year}
    grades = session.execute(
        select(
            *(Subject.name.label("subject"), Grade.term, Grade.kind, Grade.scale, Grade.value, Grade.mark),
            Grade.on_date,
        )
        .join_from(Grade, Subject, Subject.id == Grade.subject_id, isouter=True)
        .where(
            Grade.school_id == transfer.school_id,
            Grade.student_id == transfer.student_id,
            Grade.school_year_id == old.id,
        )
        .order_by(Grade.on_date, Grade.id)
    ).mappings()
    rows: list[dict[str, Any]] = [marked | dict(one) for one in grades]
    # What they had brought to the other school themselves goes on with them.
    rows += [whose | dict(one) for one in _brought_before(session, BroughtGrade, transfer, old)]
    if rows:
        session.connection().execute(insert(BroughtGrade), rows)
    sums: list[dict[str, Any]] = [marked | one for one in _absences(session, transfer, old)]
    sums += [whose | dict(one) for one in _brought_before(session, BroughtAbsences, transfer, old)]
    if sums:
        session.connection().execute(insert(BroughtAbsences), sums)


def _brought_before(
    session: Session,
    table: type[BroughtGrade] | type[BroughtAbsences],
    transfer: StudentTransfer,
    old: Row[*tuple[Any, ...]],
) -> list[Any]:
    own_name = select(School.name).where(School.id == transfer.to_school_id).scalar_subquery()
    columns = [one for one in table.__table__.c if one.name not in ("id", "school_id", "student_id")]
    return list(
        session.execute(
            select(*columns).where(
                table.school_id == transfer.school_id,
                table.student_id == transfer.student_id,
                table.year == old.starts_on.year,
                table.from_school != own_name,  # what was recorded here is here
            )
        ).mappings()
    )


def _absences(session: Session, transfer: StudentTransfer, old: Row[*tuple[Any, ...]]) -> list[dict[str, int]]:
    """The sums of each term in which there are any; between the terms it is still the first."""
    second = session.scalar(
        select(Term.starts_on).where(
            Term.school_id == transfer.school_id, Term.school_year_id == old.id, Term.number == 2
        )
    )
    rows = session.execute(
        select(Absence.on_date, Absence.kind).where(
            Absence.school_id == transfer.school_id,
            Absence.student_id == transfer.student_id,
            Absence.school_year_id == old.id,
        )
    )
    counted = Counter((2 if second and row.on_date >= second else 1, row.kind) for row in rows)
    return [
        {
            "term": term,
            "excused": counted[term, AbsenceKind.EXCUSED],
            "unexcused": counted[term, AbsenceKind.UNEXCUSED],
            "late": counted[term, AbsenceKind.LATE],
        }
        for term in sorted({term for term, _ in counted})
    ]
