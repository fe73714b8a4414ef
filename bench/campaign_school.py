"""A class of many families for the campaign bench, their telephones mixed as given: the last digit tells the ending."""

import os
from datetime import UTC, date, datetime
from itertools import cycle, islice

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from db.kinds import EnrolmentReason, GuardianRelation, NationalIdKind
from db.models import Guardian, School, SchoolClass, SchoolYear, Staff, Student, StudentGuardian
from db.session import Database
from school import enrolments
from school.campaigns import lifecycle
from school.campaigns.lifecycle import Draft

MIX = "0000000000000" + "4" * 2 + "5" * 2 + "6" + "7" + "9"
"""Of twenty: 13 answer and press 1, 2 are busy, 2 do not answer, 1 rejects, 1 is no number, 1 hangs up at once."""


def add_families(session: Session, families: int) -> int:
    """A class of level 5 with a child of each family; gives the class."""
    school_id = session.scalars(select(School.id)).one()
    year_id = session.scalars(select(SchoolYear.id).order_by(SchoolYear.starts_on.desc())).first()
    class_id = session.scalars(
        insert(SchoolClass)
        .values(school_id=school_id, school_year_id=year_id, level=5, letter="а")
        .returning(SchoolClass.id)
    ).one()
    now = datetime.now(UTC)
    students = session.scalars(
        insert(Student).returning(Student.id, sort_by_parameter_order=True),
        [
            {
                "school_id": school_id,
                "first_name": "Мария",
                "middle_name": "Иванова",
                "last_name": f"Петрова {number}",
                "birth_date": date(2015, 5, 5),
                "national_id_kind": NationalIdKind.EGN,
                "national_id_encrypted": b"",
                "national_id_hash": os.urandom(32),
                "created_at": now,
            }
            for number in range(families)
        ],
    ).all()
    enrolments.place(
        session,
        school_id,
        [
            enrolments.Placement(student_id, class_id, number, now.date(), EnrolmentReason.ADMITTED)
            for number, student_id in enumerate(students)
        ],
    )
    endings = islice(cycle(MIX), families)
    guardians = session.scalars(
        insert(Guardian).returning(Guardian.id, sort_by_parameter_order=True),
        [
            {
                "school_id": school_id,
                "first_name": "Иван",
                "last_name": "Петров",
                "phone": f"+35988{700_000 + number}{ending}",
            }
            for number, ending in enumerate(endings)
        ],
    ).all()
    session.execute(
        insert(StudentGuardian),
        [
            {
                "school_id": school_id,
                "student_id": student_id,
                "guardian_id": guardian_id,
                "relation": GuardianRelation.FATHER,
            }
            for student_id, guardian_id in zip(students, guardians, strict=True)
        ],
    )
    return class_id


def start_campaign(database: Database, class_id: int) -> int:
    """An announcement to the class's families, begun now; each telephone is tried twice."""
    now = datetime.now(UTC)
    with database.session() as session:
        principal = session.scalars(select(Staff.id).where(Staff.email.startswith("direktor@"))).one()
        given = Draft(title="Утре няма вода.", class_id=class_id, attempts=2)
        campaign_id = lifecycle.draft(session, by=principal, given=given, now=now)
        lifecycle.start(session, by=principal, campaign_id=campaign_id, now=now)
    return campaign_id
