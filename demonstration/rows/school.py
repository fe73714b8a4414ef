"""The demonstration's school, calendar, staff and classes as rows, and the ids that other rows refer to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from db.base import Base
from db.kinds import Role
from db.models import (
    School,
    SchoolClass,
    SchoolYear,
    Staff,
    StaffRole,
    Subject,
    TeachingAssignment,
    Term,
    TermEnd,
    Vacation,
)
from demonstration.plan import Year, words
from demonstration.plan.people import CLASSES, StaffMember
from demonstration.secrets import password_of
from school.security import passwords
from school.security.crypto import vault


def insert_ids(session: Session, table: type[Base], rows: list[dict[str, Any]]) -> list[int]:
    """Insert rows and give their ids in the same order."""
    statement = insert(table).returning(table.__table__.c.id, sort_by_parameter_order=True)
    return list(session.execute(statement, rows).scalars())


def insert_all(session: Session, table: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows, possibly none, whose ids nobody asks for."""
    if listed := list(rows):
        session.connection().execute(insert(table), listed)


@dataclass(frozen=True, slots=True)
class Ids:
    """Rows of the school: `classes` and `class_teachers` by the order of CLASSES, the rest by a subject's name."""

    school: int
    year: int
    year_start: int
    classes: list[int]
    class_teachers: list[int]
    principal: int
    subjects: dict[str, int]
    teachers: dict[str, int]


def write_school(session: Session, year: Year, staff: tuple[StaffMember, ...], now: datetime) -> None:
    """The school with its calendar, accounts, classes and subjects."""
    described = {"institution_code": words.INSTITUTION_CODE, "name": words.SCHOOL_NAME, "town": words.SCHOOL_TOWN}
    always = {"from_hour": 0, "until_hour": 24, "call_weekdays": "1234567"}  # who tries it at night is told too
    (school_id,) = insert_ids(session, School, [described | always | {"created_at": now}])
    of_year = _write_calendar(session, year, school_id)
    of_school = {"school_id": school_id}
    staff_ids = dict(zip(staff, insert_ids(session, Staff, _accounts(session, staff, school_id, now)), strict=True))
    insert_all(
        session, StaffRole, ({"staff_id": id_, "role": role} for one, id_ in staff_ids.items() for role in one.roles)
    )
    leading = {one.class_teacher_of: id_ for one, id_ in staff_ids.items()}
    classes = insert_ids(
        session,
        SchoolClass,
        [
            of_year | {"level": level, "letter": letter, "class_teacher_id": leading[index]}
            for index, (level, letter) in enumerate(CLASSES)
        ],
    )
    names = list(words.LESSONS_A_WEEK)
    subjects = dict(
        zip(names, insert_ids(session, Subject, [of_school | {"name": name} for name in names]), strict=True)
    )
    teachers = {subject: id_ for one, id_ in staff_ids.items() for subject in one.subjects}
    insert_all(
        session,
        TeachingAssignment,
        (
            of_school
            | {
                "class_id": class_id,
                "subject_id": subjects[name],
                "staff_id": teachers[name],
                "is_profiled": level == 11 and name in words.PROFILED_IN_LEVEL_11,
            }
            for class_id, (level, _letter) in zip(classes, CLASSES, strict=True)
            for name in names
        ),
    )


def _write_calendar(session: Session, year: Year, school_id: int) -> dict[str, Any]:
    """The year with its terms and vacations; gives the columns that name the year."""
    of_school = {"school_id": school_id}
    dates = {"starts_on": year.starts_on, "ends_on": year.ends_on}
    (year_id,) = insert_ids(session, SchoolYear, [of_school | dates])
    of_year = of_school | {"school_year_id": year_id}
    terms = (
        of_year | {"number": number, "starts_on": first, "ends_on": last}
        for number, (first, last) in enumerate(year.terms, 1)
    )
    insert_all(session, Term, terms)
    ends = year.term_2_ends.items()
    insert_all(session, TermEnd, (of_year | {"term_number": 2, "level": level, "ends_on": on} for level, on in ends))
    insert_all(
        session,
        Vacation,
        (of_year | {"starts_on": one.starts_on, "ends_on": one.ends_on, "name": one.name} for one in year.vacations),
    )
    return of_year


def _accounts(session: Session, staff: tuple[StaffMember, ...], school_id: int, now: datetime) -> list[dict[str, Any]]:
    secrets = vault(session)
    # Random ones: a cheap hash serves, and the database is locked meanwhile.
    hashes = [passwords.hash_password(password_of(secrets, one.email), is_random=True) for one in staff]
    return [
        {
            "school_id": None if Role.PLATFORM_OPERATOR in one.roles else school_id,
            "first_name": one.first_name,
            "last_name": one.last_name,
            "email": one.email,
            "password_hash": hashed,
            "created_at": now,
        }
        for one, hashed in zip(staff, hashes, strict=True)
    ]


def read_ids(session: Session) -> Ids | None:
    """The rows of the demonstration school; None: it is not in this database."""
    school = session.scalar(select(School.id).where(School.institution_code == words.INSTITUTION_CODE))
    if school is None:
        return None
    year = session.execute(
        select(SchoolYear.id, SchoolYear.starts_on)
        .where(SchoolYear.school_id == school)
        .order_by(SchoolYear.starts_on.desc())
        .limit(1)
    ).one()
    classes = session.execute(
        select(SchoolClass.id, SchoolClass.class_teacher_id)
        .where(SchoolClass.school_id == school, SchoolClass.school_year_id == year.id)
        .order_by(SchoolClass.id)
    ).all()
    taught = session.execute(
        select(Subject.name, Subject.id, TeachingAssignment.staff_id)
        .join(TeachingAssignment, TeachingAssignment.subject_id == Subject.id)
        .where(Subject.school_id == school)
    ).all()
    principal = session.scalars(
        select(Staff.id).join(StaffRole).where(Staff.school_id == school, StaffRole.role == Role.PRINCIPAL)
    ).first()
    assert principal is not None
    return Ids(
        school=school,
        year=year.id,
        year_start=year.starts_on.year,
        classes=[row.id for row in classes],
        class_teachers=[row.class_teacher_id or principal for row in classes],
        principal=principal,
        subjects={row.name: row.id for row in taught},
        teachers={row.name: row.staff_id for row in taught},
    )
