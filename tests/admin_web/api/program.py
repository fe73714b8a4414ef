"""A program of the school that asks the API."""

from datetime import date
from typing import Any

from flask_openapi3.openapi import OpenAPI
from sqlalchemy import select

from db.kinds import Role
from db.models import School, SchoolClass, SchoolYear, Staff, StaffRole, Student, Subject, TeachingAssignment, Term
from db.session import Database
from school import integrations
from tests.school.conftest import NOW
from tests.school.people import staff_id

DAY = "2026-11-24"
LESSON = 8


class Program:
    """Asks with a token; every answer is JSON."""

    def __init__(self, app: OpenAPI, token: str = "") -> None:
        self._client = app.test_client()
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def ask(self, method: str, address: str, status: int = 200, **more: Any) -> Any:
        """The answer's JSON; its status must be this."""
        answer = self._client.open(f"/api/v1{address}", method=method, headers=self._headers, **more)
        assert answer.status_code == status, answer.text
        assert answer.content_type == "application/json"
        assert "Set-Cookie" not in answer.headers
        return answer.json

    def get(self, address: str, status: int = 200, **arguments: Any) -> Any:
        """Read."""
        return self.ask("GET", address, status, query_string=arguments)

    def ingest(self, what: str, *events: dict[str, Any], status: int = 200) -> Any:
        """Hand in a batch; the results, or the error."""
        answer = self.ask("POST", f"/{what}", status, json={"events": list(events)})
        return answer["results"] if status == 200 else answer


def token(database: Database, *, may_write: bool = True, login: str = "administrator", title: str = "Портал") -> str:
    """A token of the demonstration school."""
    by = staff_id(database, login)
    with database.session() as session:
        return integrations.make_token(session, by=by, title=title, may_write=may_write, now=NOW)


def lesson_of_8a(database: Database) -> dict[str, int]:
    """A student of 8а, a subject, and who teaches it there."""
    with database.reading() as session:
        row = session.execute(
            select(Student.id, TeachingAssignment.subject_id, TeachingAssignment.staff_id)
            .join(SchoolClass, SchoolClass.id == Student.class_id)
            .join(TeachingAssignment, TeachingAssignment.class_id == SchoolClass.id)
            .join(Subject, Subject.id == TeachingAssignment.subject_id)
            .where(SchoolClass.level == 8, ~Student.has_special_needs, Subject.name == "Математика")
            .order_by(Student.number_in_class)
        ).first()
        assert row
        return {"student_id": row.id, "subject_id": row.subject_id, "teacher_id": row.staff_id}


def another_school(database: Database) -> tuple[int, str]:
    """A school that has a leader and a running year, and its token: (account, token)."""
    with database.session() as session:
        school = School(institution_code="7654321", name="Чуждо училище", town="Видин", created_at=NOW)
        session.add(school)
        session.flush()
        leader = Staff(
            school_id=school.id, first_name="Чужд", last_name="Чуждев", email="other@elsewhere.example", created_at=NOW
        )
        year = SchoolYear(school_id=school.id, starts_on=date(2026, 9, 15), ends_on=date(2027, 9, 14))
        session.add_all([leader, year])
        session.flush()
        session.add(StaffRole(staff_id=leader.id, role=Role.PRINCIPAL))
        session.add(
            Term(
                school_id=school.id,
                school_year_id=year.id,
                number=1,
                starts_on=year.starts_on,
                ends_on=date(2027, 1, 29),
            )
        )
        session.flush()
        return leader.id, integrations.make_token(session, by=leader.id, title="Портал", may_write=True, now=NOW)
