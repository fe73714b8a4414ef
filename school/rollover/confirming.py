"""Who leads and teaches the new year's classes as in the year before, until a person has said that it is so."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.models import SchoolClass, Staff, Subject, TeachingAssignment
from school import audit
from school.staff.leaders import check_leads


@dataclass(frozen=True, slots=True)
class CopiedTeacher:
    """A class teacher who was copied from the class's last year."""

    class_id: int
    class_name: str
    staff_id: int
    teacher: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CopiedTeaching:
    """Who teaches a class a subject as in its last year."""

    assignment_id: int
    class_id: int
    class_name: str
    subject: str
    staff_id: int
    teacher: str = field(repr=False)
    is_profiled: bool


@dataclass(frozen=True, slots=True)
class Unconfirmed:
    """What a person has yet to confirm, by class; it holds meanwhile."""

    teachers: tuple[CopiedTeacher, ...]
    teaching: tuple[CopiedTeaching, ...]


def unconfirmed(session: Session, school_id: int, year_id: int) -> Unconfirmed:
    """What is copied and not yet confirmed in a year: two statements."""
    leading = session.execute(
        select(SchoolClass.id, SchoolClass.level, SchoolClass.letter, Staff.id, Staff.first_name, Staff.last_name)
        .join(Staff, Staff.id == SchoolClass.class_teacher_id)
        .where(
            SchoolClass.school_id == school_id,
            SchoolClass.school_year_id == year_id,
            SchoolClass.teacher_to_confirm,
        )
        .order_by(SchoolClass.level, SchoolClass.letter)
    )
    teaching = session.execute(
        select(
            *(TeachingAssignment.id, SchoolClass.id, SchoolClass.level, SchoolClass.letter, Subject.name),
            *(Staff.id, Staff.first_name, Staff.last_name, TeachingAssignment.is_profiled),
        )
        .join_from(TeachingAssignment, SchoolClass, SchoolClass.id == TeachingAssignment.class_id)
        .join(Subject, Subject.id == TeachingAssignment.subject_id)
        .join(Staff, Staff.id == TeachingAssignment.staff_id)
        .where(
            TeachingAssignment.school_id == school_id,
            SchoolClass.school_year_id == year_id,
            TeachingAssignment.to_confirm,
        )
        .order_by(SchoolClass.level, SchoolClass.letter, Subject.name, Staff.last_name, TeachingAssignment.id)
    )
    return Unconfirmed(
        tuple(
            CopiedTeacher(class_id, f"{level}{letter}", staff_id, f"{first} {last}")
            for class_id, level, letter, staff_id, first, last in leading
        ),
        tuple(
            CopiedTeaching(id_, class_id, f"{level}{letter}", subject, staff_id, f"{first} {last}", is_profiled)
            for id_, class_id, level, letter, subject, staff_id, first, last, is_profiled in teaching
        ),
    )


def confirm(
    session: Session,
    school_id: int,
    *,
    classes: Collection[int] = (),
    assignments: Collection[int] = (),
    by: int,
    now: datetime,
) -> int:
    """The class teachers of these classes, and these assignments, are right; gives how many were to be confirmed.

    What is wrong is changed as ever: `school.setup.set_class_teacher` and `school.setup.end_assignment`.
    """
    check_leads(session, school_id, by)
    led = session.scalars(
        update(SchoolClass)
        .where(SchoolClass.school_id == school_id, SchoolClass.id.in_(sorted(classes)), SchoolClass.teacher_to_confirm)
        .values(teacher_to_confirm=False)
        .returning(SchoolClass.id)
    ).all()
    taught = session.scalars(
        update(TeachingAssignment)
        .where(
            TeachingAssignment.school_id == school_id,
            TeachingAssignment.id.in_(sorted(assignments)),
            TeachingAssignment.to_confirm,
        )
        .values(to_confirm=False)
        .returning(TeachingAssignment.id)
    ).all()
    audit.write_many(
        session,
        [
            audit.row(action, entity, id_, now, school_id=school_id, by=by)
            for action, entity, ids in (
                ("class.teacher_confirmed", "school_class", led),
                ("teaching.confirmed", "teaching_assignment", taught),
            )
            for id_ in ids
        ],
    )
    return len(led) + len(taught)
