"""The demonstration school beside a stranger whose every row and name can be told apart."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from bench.school_data import fill
from db.base import Base
from db.models import (
    Absence,
    AbsenceNotice,
    ApiToken,
    BellSchedule,
    Campaign,
    ClassGroup,
    Grade,
    GradeImport,
    Guardian,
    HealthNote,
    Payer,
    Recording,
    Remark,
    School,
    SchoolClass,
    SchoolEvent,
    SchoolRequest,
    SchoolYear,
    Staff,
    StaffRole,
    StaffSession,
    Student,
    StudentGuardian,
    Subject,
    Subscription,
    Substitution,
    TeachingAssignment,
    Timetable,
    VoiceMessage,
)
from db.session import Database
from demonstration.rows.platform import Size
from devtools.site import SECRET_KEY
from school.billing.payers import payer_of
from school.security.crypto import vault
from tests.school.conftest import NOW

MARK = "ѪѬѪ"
"""Stands in every name of the stranger's, and in nobody else's."""
STRANGER = Size(schools=1, students=40, grades=1_500)

Ids = dict[str, Any]


@dataclass(frozen=True)
class TwoSchools:
    """Ids by the names that routes give them; `event_id` by kind."""

    own: Ids
    others: Ids
    other_school: int


def add_stranger(database: Database, url: str) -> TwoSchools:
    """Put the stranger beside the demonstration school."""
    (stranger,) = fill(url, STRANGER, key=SECRET_KEY.encode()).schools
    with database.session() as session:
        own = session.scalars(select(School.id).where(School.id != stranger)).one()
        complete(session, stranger)
        complete(session, own)
        _mark(session, stranger)
    with database.reading() as session:
        return TwoSchools(ids_of(session, own), ids_of(session, stranger), stranger)


def everything_of(database: Database, school_id: int) -> str:
    """A digest of all that a school has: no row of it may change unseen."""
    digest = hashlib.sha256()
    with database.reading() as session:
        staff = select(Staff.id).where(Staff.school_id == school_id)
        for table in Base.metadata.sorted_tables:
            if table.name == "school":
                rows = session.execute(select(table).where(table.c.id == school_id))
            elif "school_id" in table.c:
                rows = session.execute(
                    select(table).where(table.c.school_id == school_id).order_by(*table.primary_key.columns)
                )
            elif table.name in ("staff_role", "staff_session", "staff_link", "passkey", "recovery_code"):
                rows = session.execute(
                    select(table).where(table.c.staff_id.in_(staff)).order_by(*table.primary_key.columns)
                )
            else:
                continue
            for row in rows:
                digest.update(repr((table.name, tuple(row))).encode("utf-8"))
    return digest.hexdigest()


def complete(session: Session, school_id: int) -> None:
    """What the school may still lack: one of everything that a route can name."""
    class_id = _class(session, school_id)
    student = session.scalars(
        select(Student.id).where(Student.school_id == school_id, Student.class_id == class_id).order_by(Student.id)
    ).first()
    staff = session.scalars(
        select(Staff.id).join(StaffRole).where(Staff.school_id == school_id, StaffRole.role == "principal")
    ).first()
    year = session.scalars(select(SchoolYear.id).where(SchoolYear.school_id == school_id)).first()
    common: dict[str, Any] = {"school_id": school_id, "student_id": student, "staff_id": staff, "school_year_id": year}
    session.execute(
        insert(HealthNote).values(
            **common,
            starts_on=NOW.date(),
            ends_on=NOW.date(),
            note_encrypted=vault(session).encrypt("health note", "Настинка"),
            recorded_at=NOW,
        )
    )
    session.execute(
        insert(SchoolEvent).values(
            school_id=school_id,
            class_id=class_id,
            staff_id=staff,
            kind="meeting",
            title="Среща",
            place="стая 1",
            starts_at=NOW + timedelta(days=9),
            text="",
            recorded_at=NOW,
        )
    )
    guardian = session.scalars(
        insert(Guardian)
        .values(school_id=school_id, first_name="Иво", last_name="Ивов", phone="+359888000111")
        .returning(Guardian.id)
    ).one()
    session.execute(
        insert(StudentGuardian).values(
            school_id=school_id, student_id=student, guardian_id=guardian, relation="guardian"
        )
    )
    session.execute(
        insert(Campaign).values(
            school_id=school_id,
            staff_id=staff,
            kind="announcement",
            class_id=class_id,
            title="Съобщение",
            text="Утре няма училище.",
            state="paused",
            starts_at=NOW,
            ends_at=NOW + timedelta(days=1),
            from_hour=8,
            until_hour=20,
            weekdays="12345",
            attempts=3,
            created_at=NOW,
        )
    )
    session.execute(
        insert(ApiToken).values(
            school_id=school_id,
            title="Система",
            token_hash=f"{school_id}".encode(),
            may_write=True,
            created_by=staff,
            created_at=NOW,
        )
    )
    session.execute(
        insert(StaffSession).values(
            staff_id=staff,
            token_hash=f"{school_id}".encode(),
            device="Браузър",
            created_at=NOW,
            last_seen_at=NOW,
            expires_at=NOW + timedelta(hours=9),
        )
    )
    session.execute(
        insert(Recording).values(
            school_id=school_id,
            name="of-a-test",
            text="Тук е училището.",
            sound=b"RIFF",
            digest=f"{school_id:024}",
            milliseconds=900,
            source="upload",
            recorded_by=staff,
            recorded_at=NOW,
        )
    )
    _complete_timetable(session, school_id, class_id, staff, year)
    session.execute(
        insert(GradeImport).values(
            school_id=school_id,
            class_id=class_id,
            staff_id=staff,
            imported_at=NOW,
            file_name="оценки.xlsx",
            grades=0,
        )
    )
    waiting = (
        select(Subscription.id)
        .join(Student, Student.id == Subscription.student_id)
        .where(Subscription.school_id == school_id, Student.class_id == class_id)
        .limit(1)
    )
    session.execute(
        update(Subscription).where(Subscription.id.in_(waiting)).values(status="waiting", following_since=None)
    )
    _complete_parents(session, school_id, class_id, year)


def _complete_parents(session: Session, school_id: int, class_id: int, year: int | None) -> None:
    """A notice of an absence that waits for a decision, and a message to the class teacher."""
    follows = session.execute(
        select(Subscription.id, Subscription.student_id, Subscription.subscriber_id)
        .join(Student, Student.id == Subscription.student_id)
        .where(Subscription.school_id == school_id, Student.class_id == class_id, Subscription.status == "active")
        .limit(1)
    ).one()
    of = {"school_id": school_id, "student_id": follows.student_id}
    days = {"starts_on": NOW.date(), "ends_on": NOW.date(), "school_days": 1}
    notice = days | {"school_year_id": year, "channel": "sms", "state": "waiting", "given_at": NOW}
    session.execute(insert(AbsenceNotice).values(of | notice))
    sound = vault(session).encrypt_bytes("voice message", b"RIFF")
    message = {"subscription_id": follows.id, "recorded_at": NOW, "milliseconds": 900, "sound_encrypted": sound}
    session.execute(insert(VoiceMessage).values(of | message))
    payer_of(session, follows.subscriber_id, NOW)


def _complete_timetable(session: Session, school_id: int, class_id: int, staff: int | None, year: int | None) -> None:
    """A draft, bells, a group, and an hour that is empty because its teacher is away."""
    of = {"school_id": school_id}
    draft = {"school_year_id": year, "title": "Чернова", "starts_on": NOW.date(), "created_at": NOW}
    session.execute(insert(Timetable).values(of | draft))
    session.execute(insert(BellSchedule).values(of | {"name": "Съкратени часове"}))
    session.execute(insert(ClassGroup).values(of | {"class_id": class_id, "name": "1 група"}))
    subject = session.scalars(select(Subject.id).where(Subject.school_id == school_id)).first()
    away = {"on_date": NOW.date(), "lesson": 7, "class_id": class_id, "subject_id": subject, "absent_id": staff}
    order = {"kind": "empty", "reason": "отпуск", "order_number": "", "recorded_at": NOW}
    session.execute(insert(Substitution).values(of | away | order))


def _mark(session: Session, school_id: int) -> None:
    marked: tuple[tuple[Any, Any], ...] = (
        (School, School.name),
        (Student, Student.last_name),
        (Staff, Staff.last_name),
        (Guardian, Guardian.last_name),
        (Subject, Subject.name),
        (Remark, Remark.text),
        (SchoolEvent, SchoolEvent.title),
        (ApiToken, ApiToken.title),
        (Campaign, Campaign.title),
        (Timetable, Timetable.title),
        (BellSchedule, BellSchedule.name),
        (ClassGroup, ClassGroup.name),
        (Substitution, Substitution.reason),
    )
    for model, column in marked:
        of_school = model.id == school_id if model is School else model.school_id == school_id
        session.execute(update(model).where(of_school).values({column: MARK + column}))


def _class(session: Session, school_id: int) -> int:
    """8а of the demonstration; any class of the stranger's."""
    return session.scalars(
        select(SchoolClass.id).where(SchoolClass.school_id == school_id).order_by(SchoolClass.level == 8)
    ).all()[-1]


def ids_of(session: Session, school_id: int) -> Ids:
    """An id of a school for every argument of a route."""
    class_id = _class(session, school_id)
    members = select(Student.id).where(Student.class_id == class_id)

    def first(column: Any, *conditions: Any) -> int:
        found = session.scalars(select(column).where(column.class_.school_id == school_id, *conditions)).first()
        assert found is not None, column
        return int(found)

    guardian = first(Guardian.id, Guardian.last_name.endswith("Ивов"))
    assignment = session.execute(
        select(TeachingAssignment.id, TeachingAssignment.subject_id, TeachingAssignment.staff_id).where(
            TeachingAssignment.class_id == class_id, TeachingAssignment.school_id == school_id
        )
    ).first()
    assert assignment
    return {
        "student_id": first(StudentGuardian.student_id, StudentGuardian.guardian_id == guardian),
        "class_id": class_id,
        "subject_id": assignment.subject_id,
        "assignment_id": assignment.id,
        "staff_id": assignment.staff_id,
        "year_id": first(SchoolYear.id),
        "guardian_id": guardian,
        "subscription_id": first(
            Subscription.id, Subscription.status == "waiting", Subscription.student_id.in_(members)
        ),
        "campaign_id": first(Campaign.id),
        "token_id": first(ApiToken.id),
        "recording_id": first(Recording.id),
        "timetable_id": first(Timetable.id, Timetable.published_at.is_(None)),
        "bell_schedule_id": first(BellSchedule.id, BellSchedule.name.endswith("Съкратени часове")),
        "group_id": first(ClassGroup.id),
        "substitution_id": first(Substitution.id),
        "import_id": first(GradeImport.id),
        "notice_id": first(AbsenceNotice.id),
        "message_id": first(VoiceMessage.id),
        "payer_id": session.scalars(select(Payer.id)).first(),
        "session_id": session.scalars(
            select(StaffSession.id).join(Staff, Staff.id == StaffSession.staff_id).where(Staff.school_id == school_id)
        ).first(),
        "event_id": {
            "grade": first(Grade.id, Grade.student_id.in_(members)),
            "absence": first(Absence.id, Absence.student_id.in_(members)),
            "remark": first(Remark.id, Remark.student_id.in_(members)),
            "health": first(HealthNote.id, HealthNote.student_id.in_(members)),
            "school_event": first(SchoolEvent.id, SchoolEvent.class_id == class_id),
        },
    }


def add_request(database: Database) -> int:
    """A school that asks to join."""
    with database.session() as session:
        return session.scalars(
            insert(SchoolRequest)
            .values(
                institution_code="1234567", school_name="Ново училище", town="Русе", first_name="Ани",
                last_name="Ангелова", email="ani@new-school.example", text="", status="waiting",
                created_at=datetime.now(UTC),
            )
            .returning(SchoolRequest.id)
        ).one()  # fmt: skip
