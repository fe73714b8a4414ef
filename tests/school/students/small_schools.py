"""Two small schools in a transaction that is rolled back: cheap, and enough to see who may do what about whom."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from stdnum.bg import egn

from db.events import EventRef
from db.kinds import AbsenceKind, GradeKind, RemarkKind, Role, SubscriptionStatus
from db.models import (
    Audit,
    SchoolClass,
    Staff,
    StaffRole,
    Student,
    Subscriber,
    Subscription,
    TeachingAssignment,
)
from db.session import Database
from school.classbook import recording
from school.security.crypto import vault
from school.students import national_ids, student_code
from tests.school.enrolling import enrol
from tests.school.joined import joined

NOW = datetime(2025, 11, 25, 10, 0, tzinfo=UTC)
"""A Tuesday, 12:00 in Sofia, in the first term."""
TODAY = NOW.date()
MOTHER = "+359888123456"
FATHER = "+359878123457"
_numbers = count(1)


def national_id(number: int) -> str:
    """A valid ЕГН, another one for each number up to 999."""
    digits = f"124105{number:03}"  # born on 5 January 2012
    return digits + str(egn.calc_check_digit(digits))


@dataclass(frozen=True)
class SmallSchool:
    """A school of two classes: 8а has a class teacher and a teacher of mathematics, 8б has nobody."""

    session: Session
    id: int
    year: int
    leader: int
    class_teacher: int
    teacher: int
    """Teaches mathematics to 8а, and nothing else to anybody."""
    idle: int
    """Teaches nobody."""
    own: int
    """8а."""
    other: int
    """8б."""
    maths: int
    history: int
    student: int
    """Мария of 8а."""
    classmate: int
    """Иван of 8а."""

    def grade(self, value: str = "6", **values: Any) -> EventRef:
        """A grade in mathematics, today, by its teacher."""
        given: dict[str, Any] = {"by": self.teacher, "student_id": self.student, "subject_id": self.maths, "now": NOW}
        given |= {"kind": GradeKind.ORAL, "grade": Decimal(value), "on": TODAY}
        return recording.record_grade(self.session, **given | values)

    def absence(self, kind: AbsenceKind = AbsenceKind.UNEXCUSED, lesson: int = 1, **values: Any) -> EventRef:
        """An absence from mathematics, today, entered by its teacher."""
        given: dict[str, Any] = {"by": self.teacher, "student_id": self.student, "subject_id": self.maths, "now": NOW}
        given |= {"kind": kind, "lesson": lesson, "on": TODAY}
        return recording.record_absence(self.session, **given | values)

    def remark(self, **values: Any) -> EventRef:
        """A praise about no subject, by the class teacher."""
        given: dict[str, Any] = {"by": self.class_teacher, "student_id": self.student, "now": NOW, "on": TODAY}
        return recording.record_remark(
            self.session, **given | {"kind": RemarkKind.PRAISE, "text": "Помага на другите."} | values
        )

    def health_note(self, **values: Any) -> EventRef:
        """A note of today, by the class teacher."""
        given: dict[str, Any] = {"by": self.class_teacher, "student_id": self.student, "now": NOW}
        given |= {"starts_on": TODAY, "ends_on": TODAY, "note": "Ангина."}
        return recording.record_health_note(self.session, **given | values)

    def follower(
        self,
        phone: str | None = MOTHER,
        student: int | None = None,
        *,
        status: SubscriptionStatus = SubscriptionStatus.ACTIVE,
        email: str | None = None,
        **values: Any,
    ) -> tuple[int, int]:
        """Somebody follows a student (Мария): ids of the subscriber and of the subscription."""
        of = Subscriber.phone == phone if phone else Subscriber.email == email
        person = self.session.scalar(select(Subscriber.id).where(of))
        if person is None:
            row = {"phone": phone, "email": email, "created_at": NOW}
            person = self.session.scalars(insert(Subscriber).values(row).returning(Subscriber.id)).one()
        given = {
            "school_id": self.id,
            "student_id": student or self.student,
            "subscriber_id": person,
            "status": status,
            "created_at": NOW,
            "following_since": NOW if status is SubscriptionStatus.ACTIVE else None,
            "stopped_at": NOW if status is SubscriptionStatus.STOPPED else None,
        }
        return person, self.session.scalars(
            insert(Subscription).values(given | values).returning(Subscription.id)
        ).one()

    def add_student(self, first_name: str, class_id: int | None, **values: Any) -> int:
        """A student, with a code when in a class."""
        known = national_ids.parse(national_id(next(_numbers) % 1000), TODAY)
        secrets = vault(self.session)
        given = {
            "school_id": self.id,
            "first_name": first_name,
            "middle_name": "Петрова",
            "last_name": "Колева",
            "birth_date": date(2012, 1, 5),
            "national_id_kind": known.kind,
            "national_id_encrypted": known.encrypted(secrets),
            "national_id_hash": known.fingerprint(secrets),
            "created_at": NOW,
        }
        id_ = self.session.scalars(insert(Student).values(given | values).returning(Student.id)).one()
        if class_id is not None:
            enrol(self.session, id_, class_id, number=values.get("number_in_class"))
            student_code.issue(self.session, id_, NOW)
        return id_

    def add_teacher(self, first_name: str) -> int:
        """An account of a teacher."""
        row = {"school_id": self.id, "first_name": first_name, "last_name": "Учителова", "created_at": NOW}
        id_ = self.session.scalars(
            insert(Staff).values(row | {"email": f"t{next(_numbers)}@school.example"}).returning(Staff.id)
        ).one()
        self.session.execute(insert(StaffRole).values(staff_id=id_, role=Role.TEACHER))
        return id_

    def audited(self, action: str) -> list[Audit]:
        """What the audit trail of the school says of an action."""
        return list(
            self.session.scalars(
                select(Audit).where(Audit.school_id == self.id, Audit.action == action).order_by(Audit.id)
            )
        )


def small_school(session: Session, code: str) -> SmallSchool:
    """A school with this number of the register."""
    new = joined(session, code)
    empty = SmallSchool(
        session=session,
        id=new.school,
        year=new.year,
        leader=new.administrator,
        own=new.classes["8а"],
        other=new.classes["8б"],
        maths=new.subjects["Математика"],
        history=new.subjects["История и цивилизации"],
        **dict.fromkeys(("class_teacher", "teacher", "idle", "student", "classmate"), 0),
    )
    people = {name: empty.add_teacher(first) for name, first in _TEACHERS.items()}
    session.get_one(SchoolClass, empty.own).class_teacher_id = people["class_teacher"]
    session.execute(
        insert(TeachingAssignment).values(
            school_id=empty.id, class_id=empty.own, subject_id=empty.maths, staff_id=people["teacher"]
        )
    )
    session.flush()
    people["student"] = empty.add_student("Мария", empty.own, number_in_class=1)
    people["classmate"] = empty.add_student("Иван", empty.own, number_in_class=2, middle_name="", last_name="Петров")
    return SmallSchool(**{name: getattr(empty, name) for name in empty.__dataclass_fields__} | people)


_TEACHERS = {"class_teacher": "Мая", "teacher": "Орлин", "idle": "Калина"}


@pytest.fixture
def session(untouched_database: Database) -> Iterator[Session]:
    """A session whose transaction is rolled back, on each kind of database."""
    with untouched_database.session() as opened:
        yield opened
        opened.rollback()


@pytest.fixture
def here(session: Session) -> SmallSchool:
    """The school that a test is about."""
    return small_school(session, "1690180")


@pytest.fixture
def elsewhere(session: Session, here: SmallSchool) -> SmallSchool:
    """Another school of the platform, whose ids are nothing to the first one."""
    return small_school(session, "1690181")
