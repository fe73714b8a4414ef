"""A school with teachers to whom timetables are imported."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from db.models import Staff, TeachingAssignment
from db.session import Database
from school import setup
from tests.school.joined import NOW, Joined, joined

__all__ = ["school", "session"]

SUBJECTS = (
    *("Английски език", "Немски език", "Физика и астрономия", "Химия и опазване на околната среда", "Час на класа"),
    *("Физическо възпитание и спорт", "Информационни технологии"),
)
PEOPLE = {
    "Орлин Петков": "Математика",
    "Мария Стоянова": "Български език и литература",
    "Анна Радева": "Английски език",
    "Нели Вълчева": "Немски език",
    "Калин Колев": "Физика и астрономия",
    "Христо Илиев": "Химия и опазване на околната среда",
    "Спас Борисов": "Физическо възпитание и спорт",
}


@dataclass
class School:
    """The school; ids of its people by name."""

    session: Session
    of: Joined
    people: dict[str, int] = field(default_factory=dict)
    subjects: dict[str, int] = field(default_factory=dict)

    @property
    def id(self) -> int:
        return self.of.school

    @property
    def leader(self) -> int:
        return self.of.administrator


@pytest.fixture
def session(untouched_database: Database) -> Iterator[Session]:
    """A session whose transaction is rolled back."""
    with untouched_database.session() as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def school(session: Session) -> School:
    """Each teacher teaches a subject to 8а and 8б; the year is 2025/2026."""
    of = joined(session)
    setup.add_subjects(session, of.school, SUBJECTS, by=of.administrator, now=NOW)
    found = School(session, of)
    found.subjects = {one.name: one.id for one in setup.subjects(session, of.school)}
    for number, (name, subject) in enumerate(PEOPLE.items()):
        given, family = name.split()
        row = {"school_id": of.school, "first_name": given, "last_name": family, "created_at": NOW}
        email = f"p{number}.{of.school}@school.example"
        found.people[name] = session.scalars(insert(Staff).values(row | {"email": email}).returning(Staff.id)).one()
        for class_name in ("8а", "8б"):
            session.execute(
                insert(TeachingAssignment).values(
                    school_id=of.school,
                    class_id=of.classes[class_name],
                    subject_id=found.subjects[subject],
                    staff_id=found.people[name],
                )
            )
    return found
