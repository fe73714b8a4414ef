"""Numbers that stand in the database and that our lines do not reach: nobody calls or writes to them any more."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import SubscriptionStatus
from db.models import Guardian, School, SchoolClass, Student, StudentGuardian, Subscriber, Subscription
from school.security import destinations
from school.security.destinations import Refusal
from school.security.phones import masked


@dataclass(frozen=True, slots=True)
class RefusedNumber:
    """Whose number it is: a guardian or a follower of this student. `phone` is masked."""

    school: str
    class_name: str
    student: str
    is_guardian: bool
    phone: str
    refusal: Refusal


def refused_numbers(session: Session, school_id: int | None = None) -> Iterator[RefusedNumber]:
    """Those of a school, or of all, by school, class and name. Two statements; each number is looked at here."""
    reached = destinations.current()
    of_whom = (School.name, SchoolClass.level, SchoolClass.letter, Student.first_name, Student.last_name)
    guardians = (
        select(*of_whom, Guardian.phone)
        .join(StudentGuardian, StudentGuardian.guardian_id == Guardian.id)
        .join(Student, Student.id == StudentGuardian.student_id)
        .where(Guardian.phone.is_not(None))
    )
    followers = (
        select(*of_whom, Subscriber.phone)
        .join(Subscription, Subscription.subscriber_id == Subscriber.id)
        .join(Student, Student.id == Subscription.student_id)
        .where(Subscriber.phone.is_not(None), Subscription.status != SubscriptionStatus.STOPPED)
    )
    for is_guardian, wanted in ((True, guardians), (False, followers)):
        of_students = (
            wanted.join(School, School.id == Student.school_id)
            .outerjoin(SchoolClass, SchoolClass.id == Student.class_id)
            .order_by(School.name, SchoolClass.level, SchoolClass.letter, Student.last_name, Student.id)
        )
        if school_id is not None:
            of_students = of_students.where(Student.school_id == school_id)
        for school, level, letter, first, last, phone in session.execute(of_students):
            refusal = reached.refusal(phone) if phone else None
            if phone and refusal is not None:
                class_name = f"{level}{letter}" if level else ""
                yield RefusedNumber(school, class_name, f"{first} {last}", is_guardian, masked(phone), refusal)
