"""Finding people of the demonstration school by what makes them interesting."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from db.kinds import SubscriptionStatus
from db.models import Staff, Student, StudentCode, Subject, Subscriber, Subscription
from db.session import Database
from demonstration import describe
from demonstration.plan.people import FIRST_PHONE
from demonstration.secrets import pin_of
from school.hearing import access
from school.hearing.access import Child
from school.security.crypto import vault


@dataclass(frozen=True)
class Known:
    """A student and one subscription to it."""

    student_id: int
    given_name: str
    code: str
    pin: str
    phone: str


def known(database: Database, phone: str = FIRST_PHONE) -> Known:
    """The first student whom this number follows."""
    with database.reading() as session:
        row = session.execute(
            select(Student.id, Student.first_name, StudentCode.code)
            .join(StudentCode, StudentCode.student_id == Student.id)
            .join(Subscription, Subscription.student_id == Student.id)
            .join(Subscriber)
            .where(Subscriber.phone == phone)
            .order_by(Student.id)
            .limit(1)
        ).one()
        return Known(row.id, row.first_name, row.code, pin_of(vault(session), phone, row.code), phone)


def subscribed_phones(database: Database) -> list[str]:
    """The number of every active subscription, in the order of students."""
    with database.reading() as session:
        phones = session.scalars(
            select(Subscriber.phone)
            .join(Subscription)
            .where(Subscription.status == SubscriptionStatus.ACTIVE)
            .order_by(Subscription.id)
        )
        return [phone for phone in phones if phone]


def describe_school(database: Database) -> dict[str, Any]:
    """Everything, as `eschool demo --json` prints it."""
    with database.reading() as session:
        return describe(session)


def child(database: Database, phone: str = FIRST_PHONE) -> Child:
    """The first child of a caller."""
    with database.reading() as session:
        return access.recognise(session, phone)[0]


def staff_id(database: Database, login: str) -> int:
    """The account with this log-in (before the @)."""

    with database.reading() as session:
        return session.scalars(select(Staff.id).where(Staff.email.startswith(f"{login}@"))).one()


def subject_id(database: Database, name: str) -> int:
    """A subject of the school."""
    with database.reading() as session:
        return session.scalars(select(Subject.id).where(Subject.name == name)).one()


def class_of(database: Database, student_id: int) -> int:
    """The class of a student."""
    with database.reading() as session:
        found = session.scalars(select(Student.class_id).where(Student.id == student_id)).one()
    assert found is not None
    return found
