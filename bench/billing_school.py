"""A school whose parents pay, for a simulated year: rows of both kinds of database."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from db.kinds import FollowWay, GradeKind, GradeScale, NationalIdKind, SubscriptionStatus
from db.models import School as SchoolRow
from db.models import SchoolYear, Staff, Student, Subject, Subscriber, Subscription, Term
from school.billing import payers

TWO_CHILDREN, SECOND_GUARDIAN = 0.15, 0.1
"""Shares of the families that have them."""


@dataclass
class School:
    """Its ids. `followed_by`: a subscriber's children."""

    id: int
    staff_id: int
    year_id: int
    subject_id: int
    children: list[int] = field(default_factory=list)
    payers: list[int] = field(default_factory=list)
    followed_by: dict[int, list[int]] = field(default_factory=dict)

    def grade(self, student_id: int, at: datetime) -> dict[str, Any]:
        """A row of a grade that is entered at a moment."""
        return {
            "school_id": self.id,
            "student_id": student_id,
            "subject_id": self.subject_id,
            "staff_id": self.staff_id,
            "school_year_id": self.year_id,
            "term": 1,
            "kind": GradeKind.CURRENT,
            "scale": GradeScale.NUMERIC,
            "value": 6,
            "on_date": at.date(),
            "recorded_at": at,
        }


def open_school(session: Session, number: int, now: datetime, chance: random.Random) -> School:
    """The school with so many payers, each with one child or two, and some with a second guardian who is told too."""
    school = _empty(session, now)
    for one in range(number):
        mother = _subscriber(session, one, now)
        for second in range(1 + (chance.random() < TWO_CHILDREN)):
            child = _child(session, school, f"{one}.{second}", now)
            _follow(session, school, mother, child, now)
            if chance.random() < SECOND_GUARDIAN:
                _follow(session, school, _subscriber(session, number + len(school.children), now), child, now)
        payer = payers.find(session, mother)
        assert payer is not None
        school.payers.append(payer.id)
    return school


def _empty(session: Session, now: datetime) -> School:
    long_ago, far = date(2000, 1, 1), date(2099, 1, 1)
    school_id = _one(session, SchoolRow, institution_code="1", name="СУ", town="Русе", created_at=now)
    staff_id = _one(
        session, Staff, school_id=school_id, first_name="А", last_name="Б", email="a@b.example", created_at=now
    )  # fmt: skip
    year_id = _one(session, SchoolYear, school_id=school_id, starts_on=long_ago, ends_on=far)
    _one(session, Term, school_id=school_id, school_year_id=year_id, number=1, starts_on=long_ago, ends_on=far)
    return School(school_id, staff_id, year_id, _one(session, Subject, school_id=school_id, name="Математика"))


def _child(session: Session, school: School, name: str, now: datetime) -> int:
    student_id = _one(
        session,
        Student,
        school_id=school.id,
        first_name="И",
        middle_name="",
        last_name="П",
        birth_date=date(2015, 1, 1),
        national_id_kind=NationalIdKind.EGN,
        national_id_encrypted=b"",
        national_id_hash=sha256(name.encode()).digest(),
        created_at=now,
    )
    school.children.append(student_id)
    return student_id


def _subscriber(session: Session, number: int, now: datetime) -> int:
    return _one(session, Subscriber, phone=f"+35988{number:07}", operator="a1", created_at=now)


def _follow(session: Session, school: School, subscriber: int, child: int, now: datetime) -> None:
    _one(
        session,
        Subscription,
        school_id=school.id,
        student_id=child,
        subscriber_id=subscriber,
        status=SubscriptionStatus.ACTIVE,
        came_by=FollowWay.CODE,
        created_at=now,
        following_since=now,
    )
    school.followed_by.setdefault(subscriber, []).append(child)
    payers.follows(session, subscriber, school.id, child, now)


def _one(session: Session, model: Any, **values: Any) -> int:
    return int(session.scalars(insert(model).values(values).returning(model.__mapper__.primary_key[0])).one())
