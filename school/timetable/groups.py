"""Parts of a class: who is in a language group, in an elective, or has a schedule of their own."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.orm import Session

from db.kinds import GroupKind
from db.models import (
    ClassGroup,
    ClassGroupStudent,
    Enrolment,
    SchoolClass,
    SchoolYear,
    Student,
    Substitution,
    TimetableLesson,
)
from errors import InputError, MissingError
from school import audit, enrolments
from school.staff.leaders import check_leads
from school.wording.one_line import on_one_line

LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A group with the ids of its students."""

    id: int
    name: str
    kind: GroupKind
    students: frozenset[int]


@dataclass(frozen=True, slots=True)
class Divided:
    """A class with its groups; its students, those of an ended year as it ended, by id in their order."""

    class_id: int
    class_name: str
    students: dict[int, str]
    groups: tuple[GroupRow, ...]


def divided(session: Session, school_id: int, class_id: int) -> Divided:
    """How a class is divided: three statements. Raises MissingError."""
    found = session.execute(
        select(SchoolClass.level, SchoolClass.letter, SchoolYear.ends_on.label("year_ends_on"))
        .join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
        .where(SchoolClass.school_id == school_id, SchoolClass.id == class_id)
    ).one_or_none()
    if found is None:
        raise MissingError("There is no such class in this school.")
    rows = session.execute(
        select(Student.id, Student.first_name, Student.last_name)
        .join(Enrolment, Enrolment.student_id == Student.id)
        .where(
            Enrolment.school_id == school_id,
            Enrolment.class_id == class_id,
            enrolments.to_the_end(found.year_ends_on),
        )
        .order_by(Enrolment.number_in_class, Student.first_name, Student.last_name)
    )
    students = {row.id: f"{row.first_name} {row.last_name}" for row in rows}
    groups: dict[int, tuple[str, GroupKind, set[int]]] = {}
    for row in session.execute(
        select(ClassGroup.id, ClassGroup.name, ClassGroup.kind, ClassGroupStudent.student_id)
        .outerjoin(ClassGroupStudent, ClassGroupStudent.group_id == ClassGroup.id)
        .where(ClassGroup.school_id == school_id, ClassGroup.class_id == class_id)
        .order_by(ClassGroup.name, ClassGroup.id)
    ):
        of = groups.setdefault(row.id, (row.name, row.kind, set()))
        if row.student_id in students:
            of[2].add(row.student_id)
    return Divided(
        class_id,
        f"{found.level}{found.letter}",
        students,
        tuple(GroupRow(id_, name, kind, frozenset(of)) for id_, (name, kind, of) in groups.items()),
    )


def save(
    session: Session,
    school_id: int,
    class_id: int,
    group_id: int | None,
    name: str,
    students: Collection[int],
    *,
    by: int,
    now: datetime,
    kind: GroupKind = GroupKind.GROUP,
) -> int:
    """Make a group of a class (None), or change one; gives its id. Raises InputError."""
    check_leads(session, school_id, by)
    there = divided(session, school_id, class_id)
    if group_id is not None and group_id not in {one.id for one in there.groups}:
        raise MissingError("There is no such group in this class.")
    name = on_one_line(name)
    if not name or len(name) > LONGEST_NAME or set(name) & set("[];"):
        raise InputError("Give the group a name of up to {most} characters, without brackets.", most=LONGEST_NAME)
    if any(one.name.casefold() == name.casefold() and one.id != group_id for one in there.groups):
        raise InputError("The class has a group of this name already: choose another name.")
    if set(students) - set(there.students):
        raise MissingError("There is no such student in this class.")
    if group_id is None:
        values = {"school_id": school_id, "class_id": class_id, "name": name, "kind": kind}
        group_id = session.execute(insert(ClassGroup).values(values).returning(ClassGroup.id)).scalar_one()
    else:
        session.execute(update(ClassGroup).where(ClassGroup.id == group_id).values(name=name, kind=kind))
        # Who has left the class stays in its group: the sheets of their days are of the group.
        session.execute(
            delete(ClassGroupStudent).where(
                ClassGroupStudent.group_id == group_id, ClassGroupStudent.student_id.in_(there.students)
            )
        )
    rows = [{"school_id": school_id, "group_id": group_id, "student_id": one} for one in sorted(set(students))]
    if rows:
        session.connection().execute(insert(ClassGroupStudent), rows)
    audit.write(
        session, "group.changed", "class_group", group_id, now,
        school_id=school_id, by=by, **{"class": class_id}, kind=kind, students=len(rows),
    )  # fmt: skip
    return group_id


def remove(session: Session, school_id: int, class_id: int, group_id: int, *, by: int, now: datetime) -> None:
    """Take back a group that no timetable and no substitution names. Raises InputError."""
    check_leads(session, school_id, by)
    of = (ClassGroup.school_id == school_id) & (ClassGroup.class_id == class_id) & (ClassGroup.id == group_id)
    name = session.scalar(select(ClassGroup.name).where(of))
    if name is None:
        raise MissingError("There is no such group in this class.")
    used = exists().where(TimetableLesson.group_id == group_id) | exists().where(Substitution.group_id == group_id)
    if session.scalar(select(used)):
        raise InputError("A timetable has lessons of this group, so it cannot be removed.")
    session.execute(delete(ClassGroupStudent).where(ClassGroupStudent.group_id == group_id))
    session.execute(delete(ClassGroup).where(of))
    # A schedule of one student's own is often called by the student's name, which no trail is to keep.
    audit.write(session, "group.removed", "class_group", group_id, now, school_id=school_id, by=by)
