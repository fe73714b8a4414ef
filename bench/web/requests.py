"""Requests to the whole application in this process, and how much of each was the database's."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, process_time
from typing import Any
from uuid import uuid4

from flask.testing import FlaskClient
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from admin_web.application import create_app
from admin_web.server import leave_to_the_requests
from bench.measures import percentile
from bench.school_data import KEY
from db.kinds import Role
from db.models import SchoolClass, Staff, StaffRole, Student, TeachingAssignment
from db.session import Database, open_database
from school.accounts import sessions
from settings import Settings

LESSON_DAY = "2027-04-13"
"""A Tuesday late in the generated year: most of the year's grades are there."""


@dataclass(frozen=True)
class Place:
    """What is asked about: a leader's school, an ordinary class of it and a student."""

    staff_id: int
    class_id: int
    subject_id: int
    students: tuple[int, ...]


@dataclass
class Measured:
    """Milliseconds of one kind of request, sorted; `database`: those of them that went by in the driver."""

    name: str
    whole: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    processor: float = 0.0
    largest: int = 0

    @property
    def p95(self) -> float:
        """Of the whole request."""
        return percentile(sorted(self.whole), 95)

    @property
    def median(self) -> float:
        """Of the whole request."""
        return percentile(sorted(self.whole), 50)

    @property
    def database_median(self) -> float:
        """Of the SQL alone."""
        return percentile(sorted(self.database), 50)

    @property
    def a_second_and_core(self) -> float:
        """Requests that one core of the application could answer."""
        return len(self.whole) / self.processor


class Asker:
    """The application over a filled database, and a leader's browser."""

    def __init__(self, url: str, home: Path, school_id: int) -> None:
        settings = Settings(home=home, database_url=url, secret_key=KEY)
        self.database: Database = open_database(settings)
        self.app = create_app(settings, self.database)
        self.app.config.update(RATELIMIT_ENABLED=False, WTF_CSRF_ENABLED=False)
        leave_to_the_requests()  # as a worker does
        self.place = self._place(school_id)
        self._spent = 0.0

    def close(self) -> None:
        """Let the database go."""
        self.database.dispose()

    def measure(self, name: str, ask: Callable[[FlaskClient], Any], times: int) -> Measured:
        """Ask `times` times after a first that is not counted. Raises RuntimeError for an answer that is no success."""
        measured = Measured(name)
        browser = self._browser()
        with self._watched():
            for turn in range(times + 1):
                self._spent = 0.0
                began, worked = perf_counter(), process_time()
                answer = ask(browser)
                whole, processor = perf_counter() - began, process_time() - worked
                if answer.status_code not in (200, 302):
                    raise RuntimeError(f"{name}: {answer.status}")
                if turn:
                    measured.whole.append(1000 * whole)
                    measured.database.append(1000 * self._spent)
                    measured.processor += processor
                    measured.largest = max(measured.largest, len(answer.data))
        return measured

    def save(self, browser: FlaskClient) -> Any:
        """A grade for everybody in the class, and its followers told."""
        fields = {
            "key": str(uuid4()),
            "class_id": self.place.class_id,
            "subject_id": self.place.subject_id,
            "on": LESSON_DAY,
            "lesson": 3,
            "kind": "current",
        }
        fields |= {f"g{student}": "5" for student in self.place.students}
        return browser.post("/lessons/save", data=fields, headers={"Accept": "application/json"})

    def sheet(self, browser: FlaskClient) -> Any:
        """The lesson's screen."""
        return browser.get(f"/lessons/{self.place.class_id}/{self.place.subject_id}/{LESSON_DAY}/3")

    def _place(self, school_id: int) -> Place:
        with self.database.reading() as session:
            leader = session.scalars(
                select(Staff.id).join(StaffRole).where(Staff.school_id == school_id, StaffRole.role == Role.PRINCIPAL)
            ).one()
            class_id = session.scalars(
                select(SchoolClass.id)
                .join(Student, Student.class_id == SchoolClass.id)  # a class of this year
                .where(SchoolClass.school_id == school_id, SchoolClass.level == 8)
            ).first()
            subject = session.scalars(
                select(TeachingAssignment.subject_id).where(TeachingAssignment.class_id == class_id)
            ).first()
            students = session.scalars(
                select(Student.id).where(Student.class_id == class_id, ~Student.has_special_needs)
            ).all()
        assert class_id is not None
        assert subject is not None
        return Place(leader, class_id, subject, tuple(students))

    def _browser(self) -> FlaskClient:
        client = self.app.test_client()
        with self.database.session() as session:
            token = sessions.begin_session(session, self.place.staff_id, "bench", datetime.now(UTC))
        with client.session_transaction() as cookie:
            cookie["_user_id"] = token
            cookie["_fresh"] = True
        return client

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """Count the time of all statements in the driver."""
        began = 0.0

        def before(*_: Any) -> None:
            nonlocal began
            began = perf_counter()

        def after(*_: Any) -> None:
            self._spent += perf_counter() - began

        event.listen(Engine, "before_cursor_execute", before)
        event.listen(Engine, "after_cursor_execute", after)
        try:
            yield
        finally:
            event.remove(Engine, "before_cursor_execute", before)
            event.remove(Engine, "after_cursor_execute", after)
