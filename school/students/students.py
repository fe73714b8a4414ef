"""Students one by one: finding, moving to another class, leaving. Lists of them come through school.roster."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from db.models import SchoolClass, Student, StudentCode
from errors import InputError, MissingError
from school import audit
from school.following.dropped import students_left
from school.staff.leaders import check_leads
from school.students import student_code
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
        Found(id_, " ".join(filter(None, (first, middle, last))), f"{level}{letter}" if letter else None)
        for id_, first, middle, last, level, letter in rows
    )


def move(session: Session, school_id: int, student_id: int, class_id: int, *, by: int, now: datetime) -> None:
    """Put a student into another class; what was recorded, the code and the followers stay.

    Raises InputError for a class of another school.
    """
    check_leads(session, school_id, by)
    student = _locked(session, school_id, student_id)
    name = session.scalar(select(SchoolClass.id).where(SchoolClass.school_id == school_id, SchoolClass.id == class_id))
    if name is None:
        raise InputError("There is no such class in this school.")
    if student.class_id == class_id:
        return
    before = student.class_id
    student.class_id, student.number_in_class, student.left_on = class_id, None, None
    session.flush()
    audit.write(
        session, "student.changed", "student", student_id, now, school_id=school_id, by=by, class_id=[before, class_id]
    )


def leave(session: Session, school_id: int, student_id: int, *, by: int, now: datetime) -> None:
    """A student leaves the school today: the code opens nothing, nobody follows any more, what was recorded stays."""
    check_leads(session, school_id, by)
    student = _locked(session, school_id, student_id)
    if student.class_id is None:
        raise InputError("The student has left already.")
    before = student.class_id
    today = calendar.today(now)
    student.class_id, student.number_in_class, student.left_on = None, None, today
    session.flush()
    student_code.revoke(session, student_id, now, by)
    students_left(session, school_id, [student_id], now, by=by)
    audit.write(
        session, "student.left", "student", student_id, now, school_id=school_id, by=by, on=str(today), class_id=before
    )


def _locked(session: Session, school_id: int, student_id: int) -> Student:
    found = session.scalar(
        select(Student).where(Student.school_id == school_id, Student.id == student_id).with_for_update()
    )
    if found is None:
        raise MissingError("There is no such student in this school.")
    return found
