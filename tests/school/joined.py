"""A school that has just joined: approved by an operator, with a year, classes and subjects, and no students yet."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from db.kinds import NationalIdKind, Role
from db.models import Audit, Staff, StaffRole, Student
from school import setup
from tests.school.enrolling import enrol

NOW = datetime(2025, 9, 10, 9, 0, tzinfo=UTC)
TODAY = date(2025, 9, 10)
CLASSES = ("7а", "8а", "8б", "11а")
SUBJECTS = ("Математика", "Български език и литература", "Английски език", "История и цивилизации")


@dataclass(frozen=True)
class Joined:
    """Ids of the new school."""

    school: int
    administrator: int
    year: int
    classes: dict[str, int]
    subjects: dict[str, int]


def operator(session: Session, email: str = "operator@platform.example") -> int:
    """An operator of the platform."""
    values = {"first_name": "Стефан", "last_name": "Ралев", "email": email, "created_at": NOW}
    staff_id = session.execute(insert(Staff).values(values).returning(Staff.id)).scalar_one()
    session.execute(insert(StaffRole).values(staff_id=staff_id, role=Role.PLATFORM_OPERATOR))
    return staff_id


def approved(session: Session, by: int, code: str = "1690180") -> setup.Approved:
    """A school right after its request was approved."""
    request = setup.ask_to_join(
        session,
        institution_code=code,
        school_name="Основно училище „Васил Левски“",
        town="Видин",
        first_name="Радка",
        last_name="Иванова",
        email=f"admin.{code}@school.example",
        phone="0888 123 456",
        text="Искаме да опитаме.",
        now=NOW,
    )
    return setup.approve(session, request, by=by, now=NOW)


def joined(session: Session, code: str = "1690180") -> Joined:
    """A school that is ready for its lists."""
    new = approved(session, operator(session, f"operator.{code}@platform.example"), code)
    year = setup.add_year(session, new.school_id, setup.standard_plan(2025), by=new.administrator_id, now=NOW)
    by = new.administrator_id
    setup.add_classes(session, new.school_id, year, CLASSES, by=by, now=NOW)
    setup.add_subjects(session, new.school_id, SUBJECTS, by=by, now=NOW)
    return Joined(
        new.school_id,
        by,
        year,
        {one.name: one.id for one in setup.classes(session, new.school_id, year)},
        {one.name: one.id for one in setup.subjects(session, new.school_id)},
    )


def person(session: Session, school: Joined, login: str = "m.stoyanova", role: Role = Role.TEACHER) -> int:
    """Another account of the school, without a password."""
    return setup.add_staff(
        session, school.school, first_name="Мария", last_name="Стоянова",
        email=f"{login}.{school.school}@school.example", roles=[role], by=school.administrator, now=NOW,
    )  # fmt: skip


def switch_off(session: Session, school: Joined, staff_id: int) -> None:
    """The account gets in no more."""
    setup.change_staff(
        session, school.school, staff_id, first_name="Мария", last_name="Стоянова", roles=[Role.TEACHER],
        is_active=False, by=school.administrator, now=NOW,
    )  # fmt: skip


def student(session: Session, school: Joined, class_name: str | None = "8а", *, special_needs: bool = False) -> int:
    """Иван Петров Колев in a class; None: he has left the school."""
    number = len(session.scalars(select(Student.id)).all())
    row = {
        "school_id": school.school,
        "first_name": "Иван",
        "middle_name": "Петров",
        "last_name": "Колев",
        "birth_date": date(2011, 1, 17),
        "national_id_kind": NationalIdKind.EGN,
        "national_id_encrypted": b"not read here",
        "national_id_hash": number.to_bytes(32, "big"),
        "has_special_needs": special_needs,
        "created_at": NOW,
    }
    student_id = session.execute(insert(Student).values(row).returning(Student.id)).scalar_one()
    if class_name is not None:
        enrol(session, student_id, school.classes[class_name])
    return student_id


def audited(session: Session, action: str) -> list[tuple[int | None, int | None, int, dict[str, Any]]]:
    """The audit rows of an action, the oldest first: school, who did it, to which row, and the details."""
    rows = session.execute(
        select(Audit.school_id, Audit.staff_id, Audit.entity_id, Audit.details)
        .where(Audit.action == action)
        .order_by(Audit.id)
    )
    return [(row.school_id, row.staff_id, row.entity_id, row.details) for row in rows]
