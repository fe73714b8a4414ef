"""One person as the registry finds them: a student, a parent (guardian, subscriber or both), a member of staff.

A parent is a guardian and the subscriber who has the same number or address, as far as this school goes: what the same
number follows at another school is that school's.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, or_, select, union
from sqlalchemy.orm import Session

from db.kinds import ErasedKind
from db.models import (
    STUDENT_EVENT_TABLES,
    Call,
    CampaignChild,
    CampaignFamily,
    CampaignTelephone,
    Guardian,
    InboundText,
    Message,
    Notification,
    SchoolClass,
    Staff,
    Student,
    StudentGuardian,
    Subscriber,
    Subscription,
)
from errors import MissingError
from school.privacy.holdings import Ids, Keys
from school.security.phones import masked

ERASED_DOMAIN = "@erased.invalid"
"""Of the address that an erased account has in place of its own; RFC 2606 gives `.invalid` to nobody."""


@dataclass(frozen=True, slots=True)
class Person:
    """`name` as a page shows it; `confirmation` is what a person types in order to erase them."""

    kind: ErasedKind
    row_id: int
    school_id: int
    name: str
    confirmation: str
    keys: Keys
    class_name: str | None = None
    left_on: date | None = None
    is_active: bool = False
    """Of a student: is in a class. Of staff: can sign in."""
    shares_number: bool = False
    """Another guardian of the school has the same number or address, so what is under it is not only theirs."""


def of_student(session: Session, school_id: int, student_id: int) -> Person:
    """A student, at school or not. Raises MissingError when the school has none with this id."""
    row = session.execute(
        select(Student, SchoolClass)
        .outerjoin(SchoolClass, SchoolClass.id == Student.class_id)
        .where(Student.school_id == school_id, Student.id == student_id)
    ).one_or_none()
    if row is None:
        raise MissingError("There is no such student in this school.")
    one, of = row
    return Person(
        ErasedKind.STUDENT,
        student_id,
        school_id,
        " ".join(filter(None, (one.first_name, one.middle_name, one.last_name))),
        one.last_name,
        student_keys(school_id, [student_id]),
        class_name=None if one.class_id is None else of.name,
        left_on=one.left_on,
        is_active=one.class_id is not None,
    )


def student_keys(school_id: int, students: Ids) -> Keys:
    """By what the rows about students are found."""
    subscriptions = select(Subscription.id).where(
        Subscription.school_id == school_id, Subscription.student_id.in_(students)
    )
    return Keys(
        school_id,
        students=students,
        guardians=select(StudentGuardian.guardian_id).where(
            StudentGuardian.school_id == school_id, StudentGuardian.student_id.in_(students)
        ),
        subscribers=select(Subscription.subscriber_id).where(
            Subscription.school_id == school_id, Subscription.student_id.in_(students)
        ),
        subscriptions=subscriptions,
        families=select(CampaignChild.family_id).where(
            CampaignChild.school_id == school_id, CampaignChild.student_id.in_(students)
        ),
        messages=_told(subscriptions),
        calls=select(Call.id).where(Call.school_id == school_id, Call.student_id.in_(students)),
        events={
            str(kind): select(table.id).where(table.school_id == school_id, table.student_id.in_(students))
            for kind, table in STUDENT_EVENT_TABLES.items()
        },
    )


def of_guardian(session: Session, school_id: int, guardian_id: int) -> Person:
    """A guardian with the subscriber of the same number or address. Raises MissingError."""
    one = session.scalar(select(Guardian).where(Guardian.school_id == school_id, Guardian.id == guardian_id))
    if one is None:
        raise MissingError("There is no such parent or guardian in this school.")
    others = session.execute(
        select(Guardian.phone, Guardian.email).where(
            Guardian.school_id == school_id, Guardian.id != guardian_id, _has(Guardian, one.phone, one.email)
        )
    ).all()
    phone = one.phone if one.phone not in {other.phone for other in others} else None
    email = one.email if one.email not in {other.email for other in others} else None
    return Person(
        ErasedKind.GUARDIAN,
        guardian_id,
        school_id,
        f"{one.first_name} {one.last_name}",
        one.last_name,
        parent_keys(session, school_id, [guardian_id], _subscribers(session, school_id, phone, email), phone, email),
        shares_number=bool(others),
    )


def of_follower(session: Session, school_id: int, subscription_id: int) -> Person:
    """The subscriber of a subscription at the school, with the one guardian who has the number. Raises MissingError."""
    one = session.scalar(
        select(Subscriber)
        .join(Subscription, Subscription.subscriber_id == Subscriber.id)
        .where(Subscription.school_id == school_id, Subscription.id == subscription_id)
    )
    if one is None:
        raise MissingError("There is no such subscriber in this school.")
    return of_subscriber(session, school_id, one)


def of_subscriber(session: Session, school_id: int, one: Subscriber) -> Person:
    """A subscriber, as far as the school goes."""
    guardians = session.execute(
        select(Guardian.id, Guardian.phone).where(Guardian.school_id == school_id, _has(Guardian, one.phone, one.email))
    ).all()
    # Who has the number is meant before who has the address: parents share an address more often.
    same = [row.id for row in guardians if row.phone and row.phone == one.phone] or [row.id for row in guardians]
    own = same if len(same) == 1 else ()
    return Person(
        ErasedKind.SUBSCRIBER,
        one.id,
        school_id,
        ", ".join(filter(None, (masked(one.phone) if one.phone else None, one.email))),
        one.phone[-4:] if one.phone else str(one.email),
        parent_keys(session, school_id, own, [one.id], one.phone, one.email),
        shares_number=len(same) > 1,
    )


def of_staff(session: Session, school_id: int, staff_id: int) -> Person:
    """A member of the school's staff. Raises MissingError when there is none, or they were erased already."""
    one = session.scalar(select(Staff).where(Staff.school_id == school_id, Staff.id == staff_id))
    if one is None or one.email.endswith(ERASED_DOMAIN):
        raise MissingError("There is no such person in this school.")
    return Person(
        ErasedKind.STAFF,
        staff_id,
        school_id,
        f"{one.first_name} {one.last_name}",
        one.last_name,
        Keys(school_id, staff=[staff_id], emails=frozenset({one.email})),
        is_active=one.is_active,
    )


def parent_keys(
    session: Session,
    school_id: int,
    guardians: Collection[int],
    subscribers: Collection[int],
    phone: str | None,
    email: str | None,
) -> Keys:
    """By what the rows of a parent are found. What belongs to no school counts where they follow at no other."""
    phones, emails = ({phone} if phone else set()), ({email} if email else set())
    for row in session.execute(select(Subscriber.phone, Subscriber.email).where(Subscriber.id.in_(subscribers))):
        phones |= {row.phone} if row.phone else set()
        emails |= {row.email} if row.email else set()
    subscriptions = select(Subscription.id).where(
        Subscription.school_id == school_id, Subscription.subscriber_id.in_(subscribers)
    )
    elsewhere = (
        session.scalar(
            select(Subscription.id)
            .where(Subscription.school_id != school_id, Subscription.subscriber_id.in_(subscribers))
            .limit(1)
        )
        is not None
    )
    messages: Ids = _told(subscriptions)
    if not elsewhere:
        tells = select(Notification.id).where(Notification.message_id == Message.id).exists()
        messages = select(
            union(
                _told(subscriptions),
                select(Message.id).where(
                    Message.subscriber_id.in_(subscribers) | Message.address.in_(phones | emails), ~tells
                ),
            )
            .subquery()
            .c[0]
        )
    return Keys(
        school_id,
        guardians=guardians,
        subscribers=subscribers,
        subscriptions=subscriptions,
        families=select(CampaignTelephone.family_id)
        .join(CampaignFamily, CampaignFamily.id == CampaignTelephone.family_id)
        .where(CampaignFamily.school_id == school_id, CampaignTelephone.phone.in_(phones)),
        messages=messages,
        calls=select(Call.id).where(Call.school_id == school_id, Call.subscription_id.in_(subscriptions)),
        texts=() if elsewhere else select(InboundText.id).where(InboundText.phone.in_(phones)),
        phones=frozenset(phones),
        emails=frozenset(emails),
    )


def _told(subscriptions: Ids) -> Select[Any]:
    return select(Notification.message_id).where(
        Notification.subscription_id.in_(subscriptions), Notification.message_id.is_not(None)
    )


def _has(table: type[Guardian] | type[Subscriber], phone: str | None, email: str | None) -> ColumnElement[bool]:
    conditions = [column == value for column, value in ((table.phone, phone), (table.email, email)) if value]
    return or_(*conditions) if conditions else table.id.is_(None)


def _subscribers(session: Session, school_id: int, phone: str | None, email: str | None) -> list[int]:
    """Those who have the number or the address, and follow somebody here or nobody anywhere."""
    follows = select(Subscription.id).where(Subscription.subscriber_id == Subscriber.id)
    here = follows.where(Subscription.school_id == school_id).exists()
    found = select(Subscriber.id).where(_has(Subscriber, phone, email), here | ~follows.exists())
    return list(session.scalars(found))
