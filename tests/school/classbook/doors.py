"""The doors through which the class book is written, open to the demonstration school: each gives what it answers."""

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import uuid4

from click.testing import CliRunner
from flask.testing import FlaskClient
from flask_openapi3.openapi import OpenAPI
from sqlalchemy import delete, func, select, update

from admin_web.application import create_app
from cli.record import record
from db.kinds import AbsenceKind, GradeKind, NationalIdKind, RemarkKind, SchoolEventKind
from db.models import (
    Absence,
    Audit,
    ExcuseNote,
    Grade,
    HealthNote,
    Notification,
    Remark,
    School,
    SchoolClass,
    SchoolEvent,
    Staff,
    Student,
    StudentCode,
    Subject,
    TeachingAssignment,
)
from db.session import Database
from demonstration.plan import words
from devtools.site import SECRET_KEY
from school.accounts import sessions
from school.classbook import recording
from tests.admin_web.api.program import Program, token
from tests.conftest import settings_for
from tests.school.conftest import NOW
from tests.school.people import staff_id, subject_id

TODAY = date(2026, 11, 24)
DAY = timedelta(days=1)
FREE_LESSON = 8
WRITTEN = (Absence, Audit, ExcuseNote, Grade, HealthNote, Notification, Remark, SchoolEvent)
"""Tables that a refused entry must leave as they were."""


@dataclass
class World:
    """The demonstration school with what the rules ask for, and whoever enters."""

    database: Database
    url: str
    home: Path
    app: OpenAPI = field(init=False)
    program: Program = field(init=False)
    ids: dict[str, int] = field(default_factory=dict)
    """Numbers of people, classes and entries by what they are called here."""
    codes: dict[str, str] = field(default_factory=dict)
    """ID-codes of students."""
    seen: dict[str, datetime] = field(default_factory=dict)
    """When each entry was recorded."""

    def __post_init__(self) -> None:
        self.app = create_app(settings_for(self.home, "sqlite:///unused"), self.database)
        self.app.config.update(RATELIMIT_ENABLED=False, WTF_CSRF_ENABLED=False)
        self.program = Program(self.app, token(self.database))
        logins = {"teacher": "o.petkov", "class teacher": "m.stoyanova", "principal": "direktor", "other": "k.radeva"}
        self.ids |= {name: staff_id(self.database, login) for name, login in logins.items()}
        self.ids |= {"maths": subject_id(self.database, words.MATHS)}
        self._people()
        self._entries()

    def _people(self) -> None:
        """Two students of 8а, one of a third class, one who left, one of another school; a subject nobody teaches."""
        with self.database.session() as session:
            eighth = session.scalars(select(SchoolClass).where(SchoolClass.level == 8)).one()
            third = session.scalars(select(SchoolClass).where(SchoolClass.level == 11)).one()
            third.level = 3
            members = [
                session.scalars(
                    select(Student)
                    .where(Student.class_id == of.id, ~Student.has_special_needs)
                    .order_by(Student.number_in_class)
                ).all()
                for of in (eighth, third)
            ]
            found = {
                "student": members[0][0],
                "second": members[0][1],
                "leaver": members[0][2],
                "of the third class": members[1][0],
            }
            nobodys = Subject(school_id=eighth.school_id, name="Ничий предмет")
            elsewhere = School(institution_code="7654321", name="Чуждо училище", town="Видин", created_at=NOW)
            session.add_all([nobodys, elsewhere])
            session.flush()
            stranger = Student(
                school_id=elsewhere.id,
                first_name="Чужд",
                middle_name="Чуждев",
                last_name="Чуждев",
                birth_date=date(2012, 1, 1),
                national_id_kind=NationalIdKind.EGN,
                national_id_encrypted=b"1",
                national_id_hash=bytes(32),
                created_at=NOW,
            )
            session.add(stranger)
            session.flush()
            self.ids |= {name: one.id for name, one in found.items()}
            self.ids |= {"class": eighth.id, "third class": third.id, "nobody's": nobodys.id, "stranger": stranger.id}
            self.codes = {
                name: session.scalars(
                    select(StudentCode.code).where(StudentCode.student_id == one.id, StudentCode.revoked_at.is_(None))
                ).one()
                for name, one in found.items()
            }
            session.execute(update(Student).where(Student.id == self.ids["leaver"]).values(class_id=None))
            session.execute(
                delete(TeachingAssignment).where(
                    TeachingAssignment.staff_id == self.ids["other"], TeachingAssignment.class_id == third.id
                )
            )

    def _entries(self) -> None:
        """One of each kind, recorded before NOW; the student's term grade among them."""
        earlier = NOW - timedelta(hours=2)
        about: dict[str, Any] = {"student_id": self.ids["student"], "by": self.ids["teacher"], "now": earlier}
        lesson = about | {"subject_id": self.ids["maths"], "on": TODAY}
        with self.database.session() as session:
            refs = {
                "grade": recording.record_grade(session, **lesson, kind=GradeKind.TERM, grade=Decimal(5)),
                "absence": recording.record_absence(
                    session,
                    **lesson,
                    kind=AbsenceKind.UNEXCUSED,
                    lesson=FREE_LESSON - 1,
                ),
                "remark": recording.record_remark(session, **lesson, kind=RemarkKind.PRAISE, text="Помага."),
                "health": recording.record_health_note(
                    session,
                    **about | {"by": self.ids["class teacher"]},
                    starts_on=TODAY,
                    ends_on=TODAY,
                    note="Грип.",
                ),
                "meeting": recording.record_school_event(
                    session,
                    by=self.ids["principal"],
                    kind=SchoolEventKind.MEETING,
                    class_id=self.ids["class"],
                    title="Среща",
                    place="Стая 12",
                    starts_at=NOW + DAY,
                    text="",
                    now=earlier,
                ),
            }
        self.ids |= {name: ref.id for name, ref in refs.items()}
        self.seen = dict.fromkeys(refs, earlier)

    def digest(self) -> list[int]:
        """How many rows there are of everything that an entry brings with it."""
        with self.database.reading() as session:
            return [session.scalars(select(func.count()).select_from(table)).one() for table in WRITTEN]

    # The doors. Each gives all that its answer says, as a person reads it.

    def browser(self, who: str) -> FlaskClient:
        """A browser in which somebody is signed in."""
        client = self.app.test_client()
        with self.database.session() as session:
            shown = sessions.begin_session(session, self.ids[who], "a test", NOW)
        with client.session_transaction() as cookie:
            cookie["_user_id"] = shown
            cookie["_fresh"] = True
        return client

    def form(self, address: str, who: str, **fields: object) -> str:
        """A page's form handed in; names in the address stand in braces and are those of `ids`."""
        path = re.sub(r"{(.+?)}", lambda found: str(self.ids[found[1]]), address)
        answer = self.browser(who).post(path, data=fields)
        assert answer.status_code in (200, 403, 404), (answer.status, answer.text[:500])
        return html.unescape(answer.text)

    def correction(self, what: str, who: str = "teacher", **fields: object) -> str:
        """An entry's page with another wording."""
        seen = fields.pop("seen", self.seen[what])
        assert isinstance(seen, datetime)
        address = "/events/{meeting}" if what == "meeting" else f"/entries/{what}/{{{what}}}"
        return self.form(address, who, seen=seen.isoformat(), why="Грешка", **fields)

    def sheet(
        self,
        student: str = "student",
        *,
        who: str = "teacher",
        of: str = "class",
        subject: str = "maths",
        on: date = TODAY,
        lesson: int = FREE_LESSON,
        kind: str = "current",
        **entered: str,
    ) -> str:
        """A lesson's sheet in which one student's row is filled: `g` grade, `a` absence, `r` and `p` remarks."""
        fields: Mapping[str, object] = {
            "key": uuid4(),
            "class_id": self.ids[of],
            "subject_id": self.ids[subject],
            "on": on.isoformat(),
            "lesson": lesson,
            "kind": kind,
        } | {f"{name}{self.ids[student]}": value for name, value in entered.items()}
        answer = self.browser(who).post("/lessons/save", data=fields, headers={"Accept": "application/json"})
        assert 400 <= answer.status_code < 500, (answer.status, answer.text)
        told = answer.get_json()
        return " ".join([told["error"], *(one["error"] for one in told.get("refused", ()))])

    def api(self, what: str, student: str | None = "student", *, who: str = "teacher", **event: object) -> str:
        """One event of a batch: why it was refused, or why the whole batch was."""
        whose: dict[str, object] = {"student_id": self.ids[student]} if student else {}
        event = {"key": "one", "teacher_id": self.ids[who]} | whose | event
        answer = self.program._client.post(
            f"/api/v1/{what}", json={"events": [event]}, headers=self.program._headers
        ).get_json()
        if "results" in answer:
            return str(answer["results"][0]["error"])
        return " ".join([answer["error"], *(one["message"] for one in answer["faults"])])

    def lesson(self, what: str, student: str = "student", **event: Any) -> str:
        """The same about the maths lesson of today."""
        of_lesson: dict[str, Any] = {"subject_id": self.ids["maths"], "on": f"{TODAY}"}
        return self.api(what, student, **of_lesson | event)

    def command(self, what: str, *arguments: str, student: str | None = "student", who: str = "teacher") -> str:
        """`eschool record ...` by an account; gives its error."""
        with self.database.reading() as session:
            email = session.scalars(select(Staff.email).where(Staff.id == self.ids[who])).one()
        whose = ["--student", self.codes[student]] if student else []
        environment = {
            "ESCHOOL_HOME": str(self.home),
            "ESCHOOL_DATABASE_URL": self.url,
            "ESCHOOL_SECRET_KEY": SECRET_KEY,
        }
        result = CliRunner().invoke(record, [what, *whose, "--by", email, *arguments], env=environment)
        assert result.exception, result.output
        assert getattr(result.exception, "exit_status", None) == 2, result.output + repr(result.exception)
        return str(result.exception)
