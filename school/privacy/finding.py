"""Finding the person whose rights it is about: students (also those who left), parents, followers, staff who left."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from db.kinds import ErasedKind
from db.models import Guardian, SchoolClass, Staff, Student, StudentCode, Subscriber, Subscription
from school.privacy.people import ERASED_DOMAIN
from school.security.phones import e164, masked

MOST = 30
"""Of each kind, on a page."""


@dataclass(frozen=True, slots=True)
class Found:
    """`row_id` of the student, guardian, staff, or (subscriber) of one of their subscriptions at the school."""

    kind: ErasedKind
    row_id: int
    name: str
    more: str = ""
    """A student's class, empty: has left."""


def find(session: Session, school_id: int, text: str) -> tuple[Found, ...]:
    """At most MOST of each kind whose names begin with every word, or whose ID-code, number or address it is."""
    words = text.split()
    if not words:
        return ()
    phone, email = e164(text), text.strip().lower()
    return (
        *_students(session, school_id, words),
        *_guardians(session, school_id, words, phone, email),
        *(followers(session, school_id, phone, email) if phone or "@" in email else ()),
        *_staff(session, school_id, words, email),
    )


def _begins(words: Sequence[str], *columns: Any) -> ColumnElement[bool]:
    """Names are kept with a capital; databases do not agree on the lower case of Cyrillic."""
    return and_(
        *(
            or_(*(column.startswith(word[:1].upper() + word[1:], autoescape=True) for column in columns))
            for word in words
        )
    )


def _students(session: Session, school_id: int, words: Sequence[str]) -> list[Found]:
    digits = "".join(words)
    is_it = (
        Student.id.in_(
            select(StudentCode.student_id).where(StudentCode.school_id == school_id, StudentCode.code == digits)
        )
        if digits.isdecimal()
        else _begins(words, Student.first_name, Student.middle_name, Student.last_name)
    )
    rows = session.execute(
        select(
            Student.id,
            Student.first_name,
            Student.middle_name,
            Student.last_name,
            SchoolClass.level,
            SchoolClass.letter,
        )
        .outerjoin(SchoolClass, SchoolClass.id == Student.class_id)
        .where(Student.school_id == school_id, is_it)
        .order_by(Student.first_name, Student.last_name, Student.id)
        .limit(MOST)
    )
    return [
        Found(
            ErasedKind.STUDENT,
            row.id,
            " ".join(filter(None, (row.first_name, row.middle_name, row.last_name))),
            "" if row.level is None else f"{row.level}{row.letter}",
        )
        for row in rows
    ]


def _guardians(session: Session, school_id: int, words: Sequence[str], phone: str | None, email: str) -> list[Found]:
    is_it = or_(
        _begins(words, Guardian.first_name, Guardian.last_name),
        Guardian.phone == phone if phone else Guardian.email == email,
    )
    rows = session.execute(
        select(Guardian.id, Guardian.first_name, Guardian.last_name)
        .where(Guardian.school_id == school_id, is_it)
        .order_by(Guardian.first_name, Guardian.last_name, Guardian.id)
        .limit(MOST)
    )
    return [Found(ErasedKind.GUARDIAN, id_, f"{first} {last}") for id_, first, last in rows]


def followers(session: Session, school_id: int, phone: str | None, email: str) -> list[Found]:
    """Subscribers with this number or address who have a subscription at the school."""
    rows = session.execute(
        select(func.min(Subscription.id), Subscriber.phone, Subscriber.email)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(
            Subscription.school_id == school_id,
            or_(Subscriber.email == email, *([Subscriber.phone == phone] if phone else [])),
        )
        .group_by(Subscriber.id, Subscriber.phone, Subscriber.email)
        .limit(MOST)
    )
    return [
        Found(ErasedKind.SUBSCRIBER, id_, ", ".join(filter(None, (masked(number) if number else None, address))))
        for id_, number, address in rows
    ]


def _staff(session: Session, school_id: int, words: Sequence[str], email: str) -> list[Found]:
    rows = session.execute(
        select(Staff.id, Staff.first_name, Staff.last_name)
        .where(
            Staff.school_id == school_id,
            ~Staff.email.endswith(ERASED_DOMAIN),
            or_(_begins(words, Staff.first_name, Staff.last_name), Staff.email == email),
        )
        .order_by(Staff.first_name, Staff.last_name, Staff.id)
        .limit(MOST)
    )
    return [Found(ErasedKind.STAFF, id_, f"{first} {last}") for id_, first, last in rows]
