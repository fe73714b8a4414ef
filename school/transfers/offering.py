"""A school lets a student go to another school of the platform, which sees then whom it may admit."""

from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, delete, exists, func, insert, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from db.models import Enrolment, School, SchoolClass, Student, StudentTransfer
from errors import InputError, MissingError
from school import audit
from school.staff.leaders import check_leads
from school.students.leaving import let_go
from school.years import calendar


@dataclass(frozen=True, slots=True)
class Offered:
    """A student between two schools; the one they come to sees more once they are admitted."""

    transfer_id: int
    other_school: str
    """The one at the other end."""
    name: str = field(repr=False)
    class_name: str
    """The last they were in; empty: they leave before their first day in any."""
    last_day: date


def offer(
    session: Session,
    school_id: int,
    student_id: int,
    to_school: str,
    *,
    by: int,
    now: datetime,
    last_day: date | None = None,
) -> int:
    """Let a student go to the school with this code of the register; gives the transfer's id.

    They leave with `last_day` (None: today): the ID-code opens nothing, nobody follows any more. What was recorded
    stays here, readable as ever; a copy comes along when the other school admits them. An earlier offer that nobody
    took up ends with this one. Raises InputError for a day
    that is ahead or before they came to their class, and for a school that is not on the platform.
    """
    check_leads(session, school_id, by)
    today = calendar.today(now)
    day = last_day or today
    student = session.scalar(
        select(Student).where(Student.school_id == school_id, Student.id == student_id).with_for_update()
    )
    if student is None or student.class_id is None:
        raise MissingError("There is no such student in this school.")
    other = session.scalar(select(School.id).where(School.institution_code == to_school.strip()))
    if other is None or other == school_id:
        raise InputError("No other school of the platform has this code: check it, or let the student leave.")
    # In summer the open enrolment is that of the coming year; who has not begun anywhere here may go today.
    begun = session.scalar(
        select(func.max(Enrolment.starts_on)).where(
            Enrolment.school_id == school_id, Enrolment.student_id == student_id, Enrolment.starts_on <= today
        )
    )
    if not (begun or today) <= day <= today:
        raise InputError("The last day is ahead, or before the student came to the class: check the date.")
    before = student.class_id
    let_go(session, school_id, {student_id: {"class_id": before, "to_school": other}}, day, now, by=by)
    session.refresh(student)
    # They came back from the way to another school, or never went: that offer is over.
    _withdraw(session, school_id, StudentTransfer.student_id == student_id, by, now)
    return session.scalars(
        insert(StudentTransfer)
        .values(
            school_id=school_id, student_id=student_id, to_school_id=other, staff_id=by, last_day=day, offered_at=now
        )
        .returning(StudentTransfer.id)
    ).one()


def withdraw(session: Session, school_id: int, transfer_id: int, *, by: int, now: datetime) -> None:
    """Take back an offer that is still open; the student has left all the same. Raises MissingError for others."""
    check_leads(session, school_id, by)
    withdrawn = _withdraw(session, school_id, StudentTransfer.id == transfer_id, by, now)
    if not withdrawn:
        raise MissingError("There is no such student on the way to another school.")


def _withdraw(session: Session, school_id: int, which: ColumnElement[bool], by: int, now: datetime) -> bool:
    student_id = session.scalar(
        delete(StudentTransfer)
        .where(StudentTransfer.school_id == school_id, which, StudentTransfer.admitted_at.is_(None))
        .returning(StudentTransfer.student_id)
    )
    if student_id is not None:
        audit.write(session, "transfer.withdrawn", "student", student_id, now, school_id=school_id, by=by)
    return student_id is not None


def is_away() -> ColumnElement[bool]:
    """The student of the transfer has not come back to the school that let them go."""
    gone = aliased(Student)
    return exists().where(
        gone.id == StudentTransfer.student_id,
        gone.class_id.is_(None),
        gone.left_on == StudentTransfer.last_day,  # who came back and left once more goes nowhere by the old offer
    )


def offered(session: Session, school_id: int, *, by: int) -> tuple[Offered, ...]:
    """Whom other schools let go to this one and who is not admitted yet, the earliest first: for its leaders."""
    check_leads(session, school_id, by)
    return _open(session, StudentTransfer.to_school_id == school_id, StudentTransfer.school_id)


def on_the_way(session: Session, school_id: int, *, by: int) -> tuple[Offered, ...]:
    """Whom this school let go and the other has not admitted yet, the earliest first: for its leaders."""
    check_leads(session, school_id, by)
    return _open(session, StudentTransfer.school_id == school_id, StudentTransfer.to_school_id)


def _open(
    session: Session, which: ColumnElement[bool], other_school: InstrumentedAttribute[int]
) -> tuple[Offered, ...]:
    later = aliased(Enrolment)
    last_stay = select(func.max(later.starts_on)).where(later.student_id == Student.id).scalar_subquery()
    rows = session.execute(
        select(
            *(StudentTransfer.id, School.name, Student.first_name, Student.middle_name, Student.last_name),
            *(SchoolClass.level, SchoolClass.letter, StudentTransfer.last_day),
        )
        .join_from(StudentTransfer, Student, Student.id == StudentTransfer.student_id)
        .join(School, School.id == other_school)
        .outerjoin(Enrolment, (Enrolment.student_id == Student.id) & (Enrolment.starts_on == last_stay))
        .outerjoin(SchoolClass, SchoolClass.id == Enrolment.class_id)
        .where(which, StudentTransfer.admitted_at.is_(None), is_away())
        .order_by(StudentTransfer.id)
    )
    return tuple(
        Offered(
            row.id,
            row.name,
            " ".join(filter(None, (row.first_name, row.middle_name, row.last_name))),
            "" if row.level is None else f"{row.level}{row.letter}",
            row.last_day,
        )
        for row in rows
    )
