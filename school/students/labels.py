"""The contents of a class's labels, and a new ID-code for a student whose label was lost."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import CodeFollowers
from db.models import School, SchoolClass, Student, StudentCode
from errors import ForbiddenError, MissingError
from school.following.dropped import code_replaced
from school.staff import authority
from school.students import student_code


@dataclass(frozen=True, slots=True)
class LabelRow:
    """One student's label; the code is a secret of the family."""

    student_id: int
    number: int | None
    first_name: str
    last_name: str
    code: str

    def __repr__(self) -> str:
        return f"LabelRow(student_id={self.student_id})"


@dataclass(frozen=True, slots=True)
class ClassLabels:
    """The labels of a class, in the order of its list."""

    school: str
    class_name: str
    rows: tuple[LabelRow, ...]
    without_code: tuple[int, ...]
    """Students who have no code in force: `give_codes` gives them one."""


def labels_of(session: Session, school_id: int, class_id: int, *, by: int) -> ClassLabels:
    """The labels of a class, for its class teacher and the school's leaders. Raises InputError for others."""
    school, class_name = _class(session, school_id, class_id, by)
    rows = session.execute(
        select(
            Student.id,
            Student.number_in_class,
            Student.first_name,
            Student.last_name,
            StudentCode.code,
        )
        .outerjoin(
            StudentCode,
            (StudentCode.school_id == school_id)
            & (StudentCode.student_id == Student.id)
            & StudentCode.revoked_at.is_(None),
        )
        .where(Student.school_id == school_id, Student.class_id == class_id)
    ).all()
    ordered = sorted(rows, key=lambda row: (row.number_in_class or 100, row.first_name, row.last_name, row.id))
    return ClassLabels(
        school,
        class_name,
        tuple(
            LabelRow(row.id, row.number_in_class, row.first_name, row.last_name, row.code)
            for row in ordered
            if row.code
        ),
        tuple(row.id for row in ordered if not row.code),
    )


def give_codes(session: Session, school_id: int, students: Sequence[int], *, by: int, now: datetime) -> int:
    """Give codes to those of these students of the school who have none; tells how many got one."""
    who = authority.author(session, by)
    if not who.leads or who.school_id != school_id:
        raise ForbiddenError("Only the school's principal or administrator may do this.")
    needing = session.scalars(
        select(Student.id)
        .outerjoin(
            StudentCode,
            (StudentCode.school_id == school_id)
            & (StudentCode.student_id == Student.id)
            & StudentCode.revoked_at.is_(None),
        )
        .where(
            Student.school_id == school_id,
            Student.id.in_(students),
            Student.class_id.is_not(None),
            StudentCode.code.is_(None),
        )
        .order_by(Student.id)
        .with_for_update(of=Student)
    ).all()
    return len(student_code.issue_many(session, school_id, needing, now, by))


def reissue(
    session: Session,
    school_id: int,
    student_id: int,
    *,
    by: int | None,
    now: datetime,
    followers: CodeFollowers = CodeFollowers.GUARDIANS_STAY,
) -> LabelRow:
    """Revoke a student's code and give a new one; gives the new label.

    `followers`: what becomes of those who came by the old one; who is ended is told. `by`: the class teacher or a
    leader; None: the platform's operator at the command line. Raises InputError for others.
    """
    if by is not None:
        who = authority.author(session, by)
        if who.school_id != school_id:
            raise MissingError("There is no such student in this school.")
        authority.check_class_teacher(who, authority.class_of_student(session, who, student_id))
    code = student_code.issue(session, student_id, now, by)
    code_replaced(session, school_id, student_id, followers, now, by=by)
    row = session.execute(
        select(Student.number_in_class, Student.first_name, Student.last_name).where(
            Student.school_id == school_id, Student.id == student_id
        )
    ).one()
    return LabelRow(student_id, row.number_in_class, row.first_name, row.last_name, code)


def _class(session: Session, school_id: int, class_id: int, by: int) -> tuple[str, str]:
    """The names of the school and the class, once it is sure that `by` may see its codes."""
    who = authority.author(session, by)
    if who.school_id != school_id:
        raise MissingError("There is no such class in this school.")
    authority.check_class_teacher(who, authority.class_of_school(session, who, class_id))
    row = session.execute(
        select(School.name, SchoolClass.level, SchoolClass.letter)
        .join(SchoolClass, SchoolClass.school_id == School.id)
        .where(School.id == school_id, SchoolClass.id == class_id)
    ).one()
    return row.name, f"{row.level}{row.letter}"
