"""The lists that a school's other systems need in order to send events, with as little personal data as possible."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import School, SchoolClass, SchoolYear, Staff, StaffRole, Student, Subject, TeachingAssignment
from errors import InputError
from school.security.crypto import vault
from school.students.national_ids import parse
from school.years import calendar


@dataclass(frozen=True, slots=True)
class SchoolRow:
    """The school, and the year that runs or began last (None: none was entered)."""

    institution_code: str
    name: str
    town: str
    year_starts_on: date | None
    year_ends_on: date | None


@dataclass(frozen=True, slots=True)
class ClassRow:
    """A class of the year; `name` as „8а“."""

    id: int
    name: str
    level: int
    class_teacher_id: int | None


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """A subject of the school."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class TeacherRow:
    """An active account with a role at the school."""

    id: int
    first_name: str
    last_name: str
    email: str


@dataclass(frozen=True, slots=True)
class TeachingRow:
    """Who teaches what to which class."""

    class_id: int
    subject_id: int
    teacher_id: int


@dataclass(frozen=True, slots=True)
class StudentRow:
    """A student in a class; no identity number, no code, no birth date."""

    id: int
    class_id: int
    class_name: str
    number: int | None
    first_name: str
    middle_name: str
    last_name: str


def school(session: Session, school_id: int, on: date) -> SchoolRow:
    """The school itself."""
    row = session.execute(
        select(School.institution_code, School.name, School.town, SchoolYear.starts_on, SchoolYear.ends_on)
        .outerjoin(SchoolYear, SchoolYear.id == calendar.year_begun(school_id, on))
        .where(School.id == school_id)
    ).one()
    return SchoolRow(*row)


def classes(session: Session, school_id: int, on: date) -> tuple[ClassRow, ...]:
    """The classes of the year, by level and letter."""
    rows = session.execute(
        select(SchoolClass.id, SchoolClass.level, SchoolClass.letter, SchoolClass.class_teacher_id)
        .where(SchoolClass.school_id == school_id, SchoolClass.school_year_id == calendar.year_begun(school_id, on))
        .order_by(SchoolClass.level, SchoolClass.letter)
    )
    return tuple(ClassRow(row.id, f"{row.level}{row.letter}", row.level, row.class_teacher_id) for row in rows)


def subjects(session: Session, school_id: int) -> tuple[SubjectRow, ...]:
    """The subjects of the school, by name."""
    rows = session.execute(
        select(Subject.id, Subject.name).where(Subject.school_id == school_id).order_by(Subject.name, Subject.id)
    )
    return tuple(SubjectRow(*row) for row in rows)


def teachers(session: Session, school_id: int) -> tuple[TeacherRow, ...]:
    """Those in whose name an event can be handed in."""
    with_role = select(StaffRole.staff_id).where(StaffRole.staff_id == Staff.id).exists()
    rows = session.execute(
        select(Staff.id, Staff.first_name, Staff.last_name, Staff.email)
        .where(Staff.school_id == school_id, Staff.is_active, with_role)
        .order_by(Staff.id)
    )
    return tuple(TeacherRow(*row) for row in rows)


def teaching(session: Session, school_id: int, on: date) -> tuple[TeachingRow, ...]:
    """All assignments of the year."""
    rows = session.execute(
        select(TeachingAssignment.class_id, TeachingAssignment.subject_id, TeachingAssignment.staff_id)
        .join(SchoolClass, SchoolClass.id == TeachingAssignment.class_id)
        .where(
            TeachingAssignment.school_id == school_id, SchoolClass.school_year_id == calendar.year_begun(school_id, on)
        )
        .order_by(TeachingAssignment.id)
    )
    return tuple(TeachingRow(*row) for row in rows)


def students(
    session: Session, school_id: int, *, class_id: int | None = None, after: int = 0, limit: int
) -> tuple[StudentRow, ...]:
    """Students in classes by id, those after an id, `limit` at most; `class_id` None: of all classes."""
    statement = (
        select(
            Student.id,
            Student.class_id,
            SchoolClass.level,
            SchoolClass.letter,
            Student.number_in_class,
            Student.first_name,
            Student.middle_name,
            Student.last_name,
        )
        .join(SchoolClass, SchoolClass.id == Student.class_id)
        .where(Student.school_id == school_id, Student.id > after)
        .order_by(Student.id)
        .limit(limit)
    )
    if class_id is not None:
        statement = statement.where(Student.class_id == class_id)
    return tuple(
        StudentRow(
            row.id,
            row.class_id or 0,
            f"{row.level}{row.letter}",
            row.number_in_class,
            row.first_name,
            row.middle_name,
            row.last_name,
        )
        for row in session.execute(statement)
    )


def find_students(session: Session, school_id: int, national_ids: Sequence[str], today: date) -> tuple[int | None, ...]:
    """The student in a class whom each ЕГН or ЛНЧ belongs to, in the order given; None: no number, or nobody's."""
    secrets = vault(session)
    wanted: list[bytes | None] = []
    for text in national_ids:
        try:
            wanted.append(parse(text, today).fingerprint(secrets))
        except InputError:
            wanted.append(None)
    found = {
        row.national_id_hash: row.id
        for row in session.execute(
            select(Student.national_id_hash, Student.id).where(
                Student.school_id == school_id,
                Student.class_id.is_not(None),
                Student.national_id_hash.in_([one for one in wanted if one is not None]),
            )
        )
    }
    return tuple(found.get(one) if one is not None else None for one in wanted)
