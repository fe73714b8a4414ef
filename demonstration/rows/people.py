"""The demonstration's students, families and subscriptions as rows."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import EnrolmentReason, SubscriptionStatus
from db.models import Guardian, StudentCode, StudentGuardian, Subscriber, Subscription
from db.models import Student as StudentRow
from demonstration.plan import People
from demonstration.plan.people import Student
from demonstration.rows.school import Ids, insert_all, insert_ids
from demonstration.secrets import pin_of
from school import enrolments
from school.security import pins
from school.security.crypto import Vault, vault
from school.students.national_ids import NationalId


def write_people(session: Session, ids: Ids, people: People, year_starts: date, since: datetime, now: datetime) -> None:
    """Students with codes and guardians, in classes from `year_starts`; subscriptions with PINs, following `since`."""
    secrets = vault(session)
    of_school = {"school_id": ids.school}
    rows = [_student(one, ids, secrets) | {"created_at": now} for one in people.students]
    students = list(zip(insert_ids(session, StudentRow, rows), people.students, strict=True))
    placements = [
        enrolments.Placement(id_, ids.classes[one.class_index], one.number, year_starts, EnrolmentReason.ADMITTED)
        for id_, one in students
    ]
    enrolments.place(session, ids.school, placements)
    insert_all(
        session,
        StudentCode,
        (of_school | {"code": one.student_code, "student_id": id_, "issued_at": since} for id_, one in students),
    )
    guardians = list(dict.fromkeys(guardian for _, one in students for guardian in one.guardians))
    guardian_rows = [
        of_school | {"first_name": one.first_name, "last_name": one.last_name, "phone": one.phone, "email": one.email}
        for one in guardians
    ]
    guardian_ids = dict(zip(guardians, insert_ids(session, Guardian, guardian_rows), strict=True))
    insert_all(
        session,
        StudentGuardian,
        (
            of_school | {"student_id": id_, "guardian_id": guardian_ids[guardian], "relation": guardian.relation}
            for id_, one in students
            for guardian in one.guardians
        ),
    )
    _write_subscriptions(session, ids, students, since)


def student_ids(session: Session, ids: Ids, people: People) -> list[int]:
    """The ids of the students, in the order of `people`: each was loaded with its code."""
    found = session.execute(
        select(StudentCode.code, StudentCode.student_id).where(StudentCode.school_id == ids.school)
    ).all()
    by_code = {row.code: row.student_id for row in found}
    return [by_code[one.student_code] for one in people.students]


def _student(one: Student, ids: Ids, secrets: Vault) -> dict[str, Any]:
    national_id = NationalId(one.national_id_kind, one.national_id)
    return {
        "school_id": ids.school,
        "first_name": one.first_name,
        "middle_name": one.middle_name,
        "last_name": one.last_name,
        "birth_date": one.birth_date,
        "national_id_kind": one.national_id_kind,
        "national_id_encrypted": national_id.encrypted(secrets),
        "national_id_hash": national_id.fingerprint(secrets),
        "has_special_needs": one.has_special_needs,
    }


def _write_subscriptions(session: Session, ids: Ids, students: list[tuple[int, Student]], since: datetime) -> None:
    secrets = vault(session)
    languages = {one.phone: one.language for _, student in students for one in student.followers}
    rows = [{"phone": phone, "language": language, "created_at": since} for phone, language in languages.items()]
    subscribers = dict(zip(languages, insert_ids(session, Subscriber, rows), strict=True))
    insert_all(
        session,
        Subscription,
        (
            {
                "school_id": ids.school,
                "student_id": id_,
                "subscriber_id": subscribers[one.phone],
                "status": one.status,
                "pin_hash": pins.hash_pin(secrets, id_, pin_of(secrets, one.phone, student.student_code)),
                "created_at": since,
                "following_since": since if one.status is SubscriptionStatus.ACTIVE else None,
            }
            for id_, student in students
            for one in student.followers
        ),
    )
