"""Subscribers by telephone number, and whom they follow."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, false, or_, select, update
from sqlalchemy.orm import Session

from db.kinds import Language, SubscriptionStatus
from db.models import School, SchoolClass, Student, StudentCode, Subscriber, Subscription
from db.upsert import insert
from school.security.crypto import vault
from school.students.national_ids import NationalId
from school.wording.translation import SOURCE


@dataclass(frozen=True, slots=True)
class Person:
    """A subscriber with a telephone; `phone` is E.164."""

    subscriber_id: int
    phone: str
    language: Language
    operator: str | None


@dataclass(frozen=True, slots=True)
class Followed:
    """A student whom a subscriber follows, or asked to. `class_name` is „8а“, none after the student left."""

    subscription_id: int
    school_id: int
    student_id: int
    given_name: str
    class_name: str | None
    status: SubscriptionStatus
    latin: bool
    """The school sends its SMS in Latin letters."""
    following_since: datetime | None


def find(session: Session, phone: str) -> Person | None:
    """The subscriber with this number; on PostgreSQL its row stays locked, so that two texts of one take turns.

    Not against rows that refer to it: whoever writes notifications of a student holds what an excuse waits for.
    """
    row = session.execute(
        select(Subscriber.id, Subscriber.language, Subscriber.operator)
        .where(Subscriber.phone == phone)
        .with_for_update(key_share=True)
    ).one_or_none()
    return Person(row.id, phone, row.language, row.operator) if row else None


def with_address(session: Session, *, phone: str | None, email: str | None) -> int | None:
    """The id of the subscriber with this number (E.164) or e-mail address; None matches nobody."""
    wanted = [
        column == value
        for column, value in ((Subscriber.phone, phone), (Subscriber.email, email))
        if value is not None  # SQL would find whoever has none
    ]
    return session.scalar(select(Subscriber.id).where(or_(false(), *wanted)).order_by(Subscriber.id).limit(1))


def find_or_add(session: Session, phone: str, operator: str | None, now: datetime) -> Person:
    """The same; a number that is new to us becomes a subscriber."""
    session.execute(
        insert(session.get_bind().dialect.name, Subscriber)
        .values(phone=phone, operator=operator, language=SOURCE, created_at=now)
        .on_conflict_do_nothing(index_elements=[Subscriber.phone])
    )
    person = find(session, phone)
    assert person is not None
    return person


def came_by(session: Session, phone: str, operator: str) -> None:
    """Remember by whose link the number wrote: numbers move between operators and keep their prefix."""
    session.execute(
        update(Subscriber)
        .where(Subscriber.phone == phone, Subscriber.operator.is_distinct_from(operator))
        .values(operator=operator)
    )


def followed(session: Session, subscriber_id: int) -> tuple[Followed, ...]:
    """Whom the subscriber follows or waits to follow, eldest first."""
    rows = session.execute(
        _FOLLOWED.where(
            Subscription.subscriber_id == subscriber_id, Subscription.status != SubscriptionStatus.STOPPED
        ).order_by(Student.birth_date, Student.first_name, Subscription.id)
    )
    return tuple(map(_followed, rows))


def follows_by(
    session: Session, subscriber_id: int, *, student_code: str | None = None, national_id: NationalId | None = None
) -> frozenset[int]:
    """Students whom the subscriber follows and who have, or had, this number: a label may be older than the code."""
    own = select(Subscription.student_id).where(
        Subscription.subscriber_id == subscriber_id, Subscription.status != SubscriptionStatus.STOPPED
    )
    if student_code is not None:
        own = own.join(StudentCode, StudentCode.student_id == Subscription.student_id).where(
            StudentCode.code == student_code
        )
    if national_id is not None:
        own = own.join(Student, Student.id == Subscription.student_id).where(
            Student.national_id_hash == national_id.fingerprint(vault(session))
        )
    return frozenset(session.scalars(own))


def one(session: Session, subscription_id: int) -> Followed:
    """One subscription that exists."""
    return _followed(session.execute(_FOLLOWED.where(Subscription.id == subscription_id)).one())


_FOLLOWED: Select[*tuple[Any, ...]] = (
    select(
        Subscription.id,
        Subscription.school_id,
        Subscription.student_id,
        Subscription.status,
        Subscription.following_since,
        Student.first_name,
        SchoolClass.level,
        SchoolClass.letter,
        School.latin_sms,
    )
    .join_from(Subscription, Student, Student.id == Subscription.student_id)
    .outerjoin(SchoolClass, SchoolClass.id == Student.class_id)
    .join(School, School.id == Subscription.school_id)
)


def _followed(row: Row[Any]) -> Followed:
    return Followed(
        subscription_id=row.id,
        school_id=row.school_id,
        student_id=row.student_id,
        given_name=row.first_name,
        class_name=None if row.level is None else f"{row.level}{row.letter}",
        status=row.status,
        latin=row.latin_sms,
        following_since=row.following_since,
    )
