"""The student code (ID-код): 8 random digits, the last a Luhn check digit.

It is the key that a parent types on a telephone. It says nothing about the student, can be revoked and issued anew,
and no code is ever given twice on the platform.
"""

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session
from stdnum import luhn

from db.models import Student, StudentCode
from errors import MissingError
from school.audit import row, write, write_many

LENGTH = 8
CODES_ASKED = 1000
"""New codes that one statement compares with those ever given."""


def generate() -> str:
    """A random code; that it was never given before is checked where it is issued.

    It does not begin with 0: a spreadsheet would swallow it.
    """
    digits = str(secrets.randbelow(9 * 10 ** (LENGTH - 2)) + 10 ** (LENGTH - 2))
    return digits + str(luhn.calc_check_digit(digits))


def is_valid(code: str) -> bool:
    """Whether it is 8 digits with the right check digit."""
    return len(code) == LENGTH and code.isascii() and code.isdigit() and bool(luhn.is_valid(code))


def issue(session: Session, student_id: int, now: datetime, by: int | None = None) -> str:
    """Give a student a new code and revoke the one in force. `by` is the staff member; None: the product itself.

    Raises InputError when there is no such student.
    """
    # The row's lock makes two who issue at once take turns.
    school_id = session.scalar(select(Student.school_id).where(Student.id == student_id).with_for_update())
    if school_id is None:
        raise MissingError("There is no such student.")
    revoke(session, student_id, now, by)
    code = generate()
    while session.scalar(select(StudentCode.code).where(StudentCode.code == code)):
        code = generate()
    session.add(StudentCode(code=code, school_id=school_id, student_id=student_id, issued_at=now))
    session.flush()
    write(session, "student_code.issued", "student", student_id, now, school_id=school_id, by=by)
    return code


def issue_many(
    session: Session, school_id: int, students: Sequence[int], now: datetime, by: int | None = None
) -> dict[int, str]:
    """Give students of a school, none of whom has a code in force, one each; student -> code.

    A few statements whatever their number.
    """
    codes: list[str] = []
    taken: set[str] = set()
    while len(codes) < len(students):
        fresh = {generate() for _ in range(min(len(students) - len(codes), CODES_ASKED))} - taken
        given = set(session.scalars(select(StudentCode.code).where(StudentCode.code.in_(fresh))))
        taken |= fresh
        codes += fresh - given
    issued = dict(zip(students, codes, strict=True))
    if issued:
        rows = [
            {"code": code, "school_id": school_id, "student_id": student_id, "issued_at": now}
            for student_id, code in issued.items()
        ]
        session.connection().execute(insert(StudentCode), rows)
    write_many(
        session, [row("student_code.issued", "student", id_, now, school_id=school_id, by=by) for id_ in students]
    )
    return issued


def revoke(session: Session, student_id: int, now: datetime, by: int | None = None) -> None:
    """Take a student's code out of force; it is never given again. Does nothing when there is none."""
    revoked = session.scalar(
        update(StudentCode)
        .where(StudentCode.student_id == student_id, StudentCode.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(StudentCode.school_id)
    )
    if revoked is not None:
        write(session, "student_code.revoked", "student", student_id, now, school_id=revoked, by=by)


def revoke_many(
    session: Session, school_id: int, students: Collection[int], now: datetime, by: int | None = None
) -> None:
    """The same for many students of a school, possibly none: two statements."""
    revoked = session.scalars(
        update(StudentCode)
        .where(
            StudentCode.school_id == school_id,
            StudentCode.student_id.in_(sorted(students)),
            StudentCode.revoked_at.is_(None),
        )
        .values(revoked_at=now)
        .returning(StudentCode.student_id)
    ).all()
    write_many(
        session, [row("student_code.revoked", "student", id_, now, school_id=school_id, by=by) for id_ in revoked]
    )


def in_force(session: Session, student_id: int) -> str | None:
    """The student's present code."""
    return session.scalar(
        select(StudentCode.code).where(StudentCode.student_id == student_id, StudentCode.revoked_at.is_(None))
    )
