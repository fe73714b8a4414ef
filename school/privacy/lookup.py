"""Finding one person for commands: by an ID-code, a number or an address. Raises InputError."""

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from db.models import Guardian, Staff, StudentCode
from errors import InputError
from school.privacy import finding, people
from school.privacy.people import Person
from school.security.phones import e164
from school.students import lookup as students


def one(session: Session, kind: str, who: str, code: str | None) -> Person:
    """For commands: a student by an ID-code, also a revoked one; a parent by number or address; staff by address.

    `code` is a school's; None where there is one. Raises InputError when it is nobody, or more than one person.
    """
    if kind == "student":
        row = session.execute(
            select(StudentCode.school_id, StudentCode.student_id).where(StudentCode.code == "".join(who.split()))
        ).one_or_none()
        if row is None:
            raise InputError("There is no student with this ID-code: check its 8 digits.")
        return people.of_student(session, row.school_id, row.student_id)
    school_id = students.school_with(session, code)
    if kind == "staff":
        staff_id = session.scalar(
            select(Staff.id).where(Staff.school_id == school_id, Staff.email == who.strip().lower())
        )
        if staff_id is None:
            raise InputError("Nobody at this school signs in with this address: check it.")
        return people.of_staff(session, school_id, staff_id)
    return _parent(session, school_id, who)


def _parent(session: Session, school_id: int, who: str) -> Person:
    value = e164(who) or who.strip().lower()
    guardians = session.scalars(
        select(Guardian.id).where(
            Guardian.school_id == school_id, or_(Guardian.phone == value, Guardian.email == value)
        )
    ).all()
    if len(guardians) > 1:
        raise InputError("Several guardians have this number: choose one of them on the page Privacy of the school.")
    if guardians:
        return people.of_guardian(session, school_id, guardians[0])
    found = finding.followers(session, school_id, value, value)
    if not found:
        raise InputError("Nobody at this school has this number or address: check it.")
    return people.of_follower(session, school_id, found[0].row_id)
