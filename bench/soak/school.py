"""The school that is soaked: classes with followers, who is texting, and the families of a campaign."""

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from bench.campaign_school import add_families
from db.kinds import EnrolmentReason, FollowWay, NationalIdKind, SubscriptionStatus
from db.models import (
    Campaign,
    CampaignFamily,
    CampaignTelephone,
    School,
    SchoolClass,
    SchoolYear,
    Staff,
    Student,
    StudentCode,
    Subscriber,
    Subscription,
    TeachingAssignment,
)
from db.session import Database
from demonstration import load
from demonstration.secrets import password_of
from school import enrolments
from school.security.crypto import vault

TEACHER = "o.petkov"
LETTERS_OF = 4
"""Of so many graded students one has a follower who gets letters too."""


@dataclass(frozen=True)
class Pupil:
    """A student who is graded, and where each of the followers is to read of it."""

    student_id: int
    telephones: tuple[str, ...]
    address: str


@dataclass(frozen=True)
class SoakSchool:
    """What traffic needs to know."""

    email: str
    password: str
    class_id: int
    subject_id: int
    pupils: tuple[Pupil, ...]
    texting: tuple[str, ...]
    """Telephones of followers who text, each once."""
    codes: tuple[str, ...]
    """ID-codes that strangers may text."""
    campaign_class_id: int


def fill(database: Database, *, pupils: int, texting: int, families: int) -> SoakSchool:
    """The demonstration school, and beside it everything the soak needs; told at any hour, without delay."""
    now = datetime.now(UTC)
    with database.session() as session:
        load(session, now)
        session.execute(update(School).values(from_hour=0, until_hour=24, call_weekdays="1234567"))
    with database.session() as session:
        school_id = session.scalars(select(School.id)).one()
        teacher = session.execute(select(Staff.id, Staff.email).where(Staff.email.startswith(f"{TEACHER}@"))).one()
        subject_id = session.scalars(
            select(TeachingAssignment.subject_id).where(TeachingAssignment.staff_id == teacher.id)
        ).first()
        assert subject_id is not None
        class_id, graded = _class(session, school_id, "б", pupils, now)
        session.execute(
            insert(TeachingAssignment).values(
                school_id=school_id, class_id=class_id, subject_id=subject_id, staff_id=teacher.id
            )
        )
        _, others = _class(session, school_id, "в", 30, now)
        found = []
        for place, student_id in enumerate(graded):
            telephones = (f"+35989{8_000_000 + 2 * place}", f"+35989{8_000_001 + 2 * place}")
            address = f"soak{place}@parents.example" if place % LETTERS_OF == 0 else ""
            found.append(Pupil(student_id, telephones, address))
        following = [(one.student_id, phone, "") for one in found for phone in one.telephones[:1]]
        following += [(one.student_id, one.telephones[1], one.address) for one in found]
        texters = tuple(f"+35987{8_000_000 + place}" for place in range(texting))
        following += [(others[place % len(others)], phone, "") for place, phone in enumerate(texters)]
        _follow(session, school_id, following, now)
        codes = session.scalars(select(StudentCode.code).where(StudentCode.revoked_at.is_(None))).all()
        password = password_of(vault(session), teacher.email)
        campaign_class = add_families(session, families)
    return SoakSchool(
        teacher.email, password, class_id, subject_id, tuple(found), texters, tuple(codes), campaign_class
    )


def _class(session: Session, school_id: int, letter: str, size: int, now: datetime) -> tuple[int, list[int]]:
    year_id = session.scalars(select(SchoolYear.id).order_by(SchoolYear.starts_on.desc())).first()
    class_id = session.scalars(
        insert(SchoolClass)
        .values(school_id=school_id, school_year_id=year_id, level=5, letter=letter)
        .returning(SchoolClass.id)
    ).one()
    row = {
        "school_id": school_id,
        "first_name": "Мария",
        "middle_name": "Иванова",
        "birth_date": date(2015, 5, 5),
        "national_id_kind": NationalIdKind.EGN,
        "national_id_encrypted": b"",
        "created_at": now,
    }
    rows = [row | {"last_name": f"Соукова {one}", "national_id_hash": os.urandom(32)} for one in range(size)]
    students = list(session.scalars(insert(Student).returning(Student.id, sort_by_parameter_order=True), rows))
    today = now.date()
    enrolments.place(
        session,
        school_id,
        [
            enrolments.Placement(student_id, class_id, number + 1, today, EnrolmentReason.ADMITTED)
            for number, student_id in enumerate(students)
        ],
    )
    return class_id, students


def _follow(session: Session, school_id: int, following: list[tuple[int, str, str]], now: datetime) -> None:
    """Subscriptions of (student, telephone, e-mail address or "")."""
    since = now - timedelta(days=60)
    people = [{"phone": phone, "email": email or None, "created_at": since} for _, phone, email in following]
    ids = session.scalars(insert(Subscriber).returning(Subscriber.id, sort_by_parameter_order=True), people).all()
    session.execute(
        insert(Subscription),
        [
            {
                "school_id": school_id,
                "student_id": student_id,
                "subscriber_id": subscriber_id,
                "status": SubscriptionStatus.ACTIVE,
                "created_at": since,
                "following_since": since,
                "came_by": FollowWay.CODE,
                "calls_enabled": False,
            }
            for (student_id, _, _), subscriber_id in zip(following, ids, strict=True)
        ],
    )


def campaign_telephones(database: Database, campaign_id: int) -> list[tuple[int, str]]:
    """Each family of a campaign with its telephone."""
    with database.reading() as session:
        rows = session.execute(
            select(CampaignTelephone.family_id, CampaignTelephone.phone)
            .join(CampaignFamily, CampaignFamily.id == CampaignTelephone.family_id)
            .join(Campaign, Campaign.id == CampaignFamily.campaign_id)
            .where(Campaign.id == campaign_id)
        )
        return [(row.family_id, row.phone) for row in rows]
