"""A school that has just joined: approved by an operator, with a year, classes and subjects, and no students yet."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import insert
from sqlalchemy.orm import Session

from db.kinds import Role
from db.models import Staff, StaffRole
from school import setup

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
