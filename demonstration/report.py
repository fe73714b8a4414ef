"""Describes who is at the demonstration school and what their records hold, read from the database.

PINs and passwords are in the database only as hashes: they are derived again, see demonstration.secrets.
"""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import Role
from db.models import (
    Absence,
    Grade,
    Guardian,
    HealthNote,
    Remark,
    School,
    SchoolClass,
    SchoolEvent,
    Staff,
    StaffRole,
    Student,
    StudentCode,
    StudentGuardian,
    Subject,
    Subscriber,
    Subscription,
    TeachingAssignment,
)
from db.session import open_database
from demonstration.plan.people import FIRST_PHONE
from demonstration.rows.school import Ids, read_ids
from demonstration.secrets import password_of, pin_of
from errors import InputError
from runtime.localtime import SOFIA
from school.security import pins
from school.security.crypto import vault
from school.students import national_ids
from settings import Settings

NEW_PHONE = "0899123456"
"""Nobody's at the school: what a parent who is not yet a subscriber would text from."""

PAYING_PHONE = "0899123457"
"""Likewise, for who is to pay for a child: the others follow children of whom somebody pays already."""

Plain = dict[str, Any]
"""What JSON can hold."""


def describe(session: Session) -> Plain:
    """The whole demonstration school. Raises InputError when it is not in this database."""
    ids = read_ids(session)
    if ids is None:
        raise InputError("The demonstration school is not in this database: run `eschool demo`.")
    school = session.execute(select(School.name, School.town).where(School.id == ids.school)).one()
    return {
        "school": {
            "name": school.name,
            "town": school.town,
            "school_year": f"{ids.year_start}/{ids.year_start + 1}",
            "classes": list(_classes(session, ids).values()),
        },
        "staff": _staff(session, ids),
        "students": _students(session, ids),
        "meetings": _meetings(session, ids),
    }


def log_ins(settings: Settings) -> list[str]:
    """Lines that tell a newcomer whom to call and log in as; none where there is no demonstration."""
    database = open_database(settings)
    try:
        with database.reading() as session:
            if read_ids(session) is None:
                return []
            return list(who_to_try(describe(session)))
    finally:
        database.dispose()


def who_to_try(described: Plain) -> Iterable[str]:
    """A few people that show what there is, one line each: callers, then accounts."""
    followed: dict[str, list[Plain]] = defaultdict(list)
    for student in described["students"]:
        for one in student["subscriptions"]:
            if one["status"] == "active":
                followed[one["phone"]].append(student)
    one_child = next(phone for phone, students in sorted(followed.items(), key=_easiest) if len(students) == 1)
    siblings = next(phone for phone, students in followed.items() if len(students) > 1)
    any_caller = followed[one_child][0]
    yield f"  call from  {one_child}  parent of {_told(followed[one_child])}"
    yield f"  call from  {siblings}  parent of {_told(followed[siblings])}"
    pin = next(one["pin"] for one in any_caller["subscriptions"] if one["phone"] == one_child)
    known = f"code {any_caller['student_code']}, PIN {pin}" if pin else f"code {any_caller['student_code']}"
    yield f"  or from any other number: {known} ({any_caller['given_name']})"
    yield f"  text as a parent: .venv/bin/eschool sms send --from {NEW_PHONE} {any_caller['student_code']}"
    unfollowed = next((one for one in described["students"] if not one["subscriptions"]), None)
    if unfollowed:
        code = unfollowed["student_code"]
        yield f"  text as one who pays: .venv/bin/eschool sms send --from {PAYING_PHONE} {code}, then ДА"
    for role in Role:
        account = next(one for one in described["staff"] if role in one["roles"])
        yield f"  log in as  {account['email']}  {account['password']}  ({', '.join(account['roles'])})"


def _easiest(follower: tuple[str, list[Plain]]) -> bool:
    """The number that is easy to remember comes first."""
    return follower[0] != FIRST_PHONE


def _told(students: list[Plain]) -> str:
    return " and ".join(f"{one['given_name']} ({one['class']})" for one in students)


def _classes(session: Session, ids: Ids) -> dict[int, str]:
    rows = session.execute(select(SchoolClass.id, SchoolClass.level, SchoolClass.letter).order_by(SchoolClass.id))
    return {row.id: f"{row.level}{row.letter}" for row in rows if row.id in ids.classes}


def _staff(session: Session, ids: Ids) -> list[Plain]:
    classes = _classes(session, ids)
    roles: dict[int, list[str]] = defaultdict(list)
    for role in session.execute(select(StaffRole.staff_id, StaffRole.role)):
        roles[role.staff_id].append(str(role.role))
    teaches: dict[int, list[Plain]] = defaultdict(list)
    for taught in session.execute(
        select(TeachingAssignment.staff_id, TeachingAssignment.class_id, Subject.name)
        .join(Subject, Subject.id == TeachingAssignment.subject_id)
        .where(TeachingAssignment.school_id == ids.school)
        .order_by(TeachingAssignment.id)
    ):
        teaches[taught.staff_id].append({"class": classes[taught.class_id], "subject": taught.name})
    leads = dict(zip(ids.class_teachers, ids.classes, strict=True))
    accounts = (
        select(Staff.id, Staff.first_name, Staff.last_name, Staff.email)
        .where((Staff.school_id == ids.school) | Staff.school_id.is_(None))
        .order_by(Staff.id)
    )
    return [
        {
            "name": f"{row.first_name} {row.last_name}",
            "email": row.email,
            "password": password_of(vault(session), row.email),
            "roles": sorted(roles[row.id]),
            "class_teacher_of": classes.get(leads.get(row.id, 0)),
            "teaches": teaches[row.id],
        }
        for row in session.execute(accounts)
    ]


def _students(session: Session, ids: Ids) -> list[Plain]:
    classes = _classes(session, ids)
    families = _families(session, ids)
    subscriptions = _subscriptions(session, ids)
    records = {
        "grades": _grades(session, ids),
        "absences": _absences(session, ids),
        "remarks": _remarks(session, ids),
        "health_notes": _health_notes(session, ids),
    }
    rows = session.execute(
        select(Student, StudentCode.code)
        .outerjoin(StudentCode, (StudentCode.student_id == Student.id) & StudentCode.revoked_at.is_(None))
        .where(Student.school_id == ids.school, Student.class_id.is_not(None))
        .order_by(Student.class_id, Student.number_in_class)
    )
    return [
        {
            "name": f"{student.first_name} {student.middle_name} {student.last_name}",
            "given_name": student.first_name,
            "class": classes[student.class_id or 0],
            "number": student.number_in_class,
            "student_code": code,
            "national_id": national_ids.decrypt(vault(session), student.national_id_encrypted).number,
            "national_id_kind": str(student.national_id_kind),
            "birth_date": student.birth_date.isoformat(),
            "special_needs": student.has_special_needs,
            "guardians": families[student.id],
            "subscriptions": subscriptions[student.id],
        }
        | {name: of_student[student.id] for name, of_student in records.items()}
        for student, code in rows
    ]


def _families(session: Session, ids: Ids) -> dict[int, list[Plain]]:
    found: dict[int, list[Plain]] = defaultdict(list)
    for relation, student_id, guardian in session.execute(
        select(StudentGuardian.relation, StudentGuardian.student_id, Guardian)
        .join(Guardian, Guardian.id == StudentGuardian.guardian_id)
        .where(StudentGuardian.school_id == ids.school)
        .order_by(Guardian.id)
    ):
        name = f"{guardian.first_name} {guardian.last_name}"
        found[student_id].append(
            {"name": name, "relation": str(relation), "phone": guardian.phone, "email": guardian.email}
        )
    return found


def _subscriptions(session: Session, ids: Ids) -> dict[int, list[Plain]]:
    """With the PIN, unless the subscriber has changed it since."""
    found: dict[int, list[Plain]] = defaultdict(list)
    secrets = vault(session)
    issued = select(StudentCode.student_id, StudentCode.code).where(StudentCode.school_id == ids.school)
    first_code = {row.student_id: row.code for row in session.execute(issued.order_by(StudentCode.issued_at.desc()))}
    for one, phone, language in session.execute(
        select(Subscription, Subscriber.phone, Subscriber.language)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(Subscription.school_id == ids.school)
        .order_by(Subscription.id)
    ):
        pin = pin_of(secrets, phone or "", first_code[one.student_id])
        is_kept = pins.same(pins.hash_pin(secrets, one.student_id, pin), one.pin_hash)
        found[one.student_id].append(
            {
                "phone": phone,
                "pin": pin if is_kept else None,
                "language": str(language),
                "status": str(one.status),
                "sms_enabled": one.sms_enabled,
            }
        )
    return found


def _grades(session: Session, ids: Ids) -> dict[int, list[Plain]]:
    found: dict[int, list[Plain]] = defaultdict(list)
    for grade, subject in session.execute(
        select(Grade, Subject.name)
        .outerjoin(Subject, Subject.id == Grade.subject_id)
        .where(Grade.school_id == ids.school, Grade.school_year_id == ids.year)
        .order_by(Grade.on_date, Grade.id)
    ):
        found[grade.student_id].append(
            {
                "subject": subject,
                "kind": str(grade.kind),
                "scale": str(grade.scale),
                "value": _number(grade.value),
                "mark": grade.mark and str(grade.mark),
                "date": grade.on_date.isoformat(),
                "term": grade.term,
            }
        )
    return found


def _absences(session: Session, ids: Ids) -> dict[int, list[Plain]]:
    found: dict[int, list[Plain]] = defaultdict(list)
    for absence, subject in session.execute(
        select(Absence, Subject.name)
        .join(Subject, Subject.id == Absence.subject_id)
        .where(Absence.school_id == ids.school, Absence.school_year_id == ids.year)
        .order_by(Absence.on_date, Absence.lesson)
    ):
        found[absence.student_id].append(
            {
                "subject": subject,
                "kind": str(absence.kind),
                "reason": absence.reason and str(absence.reason),
                "date": absence.on_date.isoformat(),
                "lesson": absence.lesson,
            }
        )
    return found


def _remarks(session: Session, ids: Ids) -> dict[int, list[Plain]]:
    found: dict[int, list[Plain]] = defaultdict(list)
    for remark, subject in session.execute(
        select(Remark, Subject.name)
        .outerjoin(Subject, Subject.id == Remark.subject_id)
        .where(Remark.school_id == ids.school, Remark.school_year_id == ids.year)
        .order_by(Remark.on_date, Remark.id)
    ):
        found[remark.student_id].append(
            {
                "kind": str(remark.kind),
                "subject": subject,
                "text": remark.text,
                "date": remark.on_date.isoformat(),
            }
        )
    return found


def _health_notes(session: Session, ids: Ids) -> dict[int, list[Plain]]:
    found: dict[int, list[Plain]] = defaultdict(list)
    notes = select(HealthNote).where(HealthNote.school_id == ids.school).order_by(HealthNote.starts_on)
    for note in session.scalars(notes):
        found[note.student_id].append({"starts_on": note.starts_on.isoformat(), "ends_on": note.ends_on.isoformat()})
    return found


def _meetings(session: Session, ids: Ids) -> list[Plain]:
    classes = _classes(session, ids)
    events = select(SchoolEvent).where(SchoolEvent.school_id == ids.school).order_by(SchoolEvent.starts_at)
    return [
        {
            "kind": str(one.kind),
            "class": classes.get(one.class_id or 0),
            "title": one.title,
            "place": one.place,
            "starts_at": one.starts_at.astimezone(SOFIA).isoformat(),
            "text": one.text,
        }
        for one in session.scalars(events)
    ]


def _number(value: Decimal | None) -> int | float | None:
    """6 or 5.25, as a person writes it."""
    return None if value is None else int(value) if value == int(value) else float(value)
