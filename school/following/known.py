"""Whom the school knows: the numbers and addresses of guardians, those who may be told and those who may not."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import SubscriptionStatus
from db.models import Guardian, StudentGuardian, Subscriber, Subscription


@dataclass(slots=True)
class Known:
    """Telephones (E.164) and e-mail addresses of a student's guardians."""

    told: set[str] = field(default_factory=set)
    """Of those who may be told."""
    barred: set[str] = field(default_factory=set)
    """Of those who may not; what two guardians share belongs to who may."""

    def knows(self, phone: str | None, email: str | None) -> bool:
        """Whether one of the two is a guardian's who may be told, and neither is one's who may not."""
        return not self.bars(phone, email) and not self.told.isdisjoint({phone, email})

    def bars(self, phone: str | None, email: str | None) -> bool:
        """Whether one of the two is a guardian's who may not be told."""
        return not (self.barred - self.told).isdisjoint({phone, email})


def of_students(session: Session, school_id: int, student_ids: Collection[int]) -> Mapping[int, Known]:
    """Whom the school knows of each of these students; one statement."""
    found: dict[int, Known] = defaultdict(Known)
    for row in session.execute(
        select(StudentGuardian.student_id, StudentGuardian.may_be_told, Guardian.phone, Guardian.email)
        .join(Guardian, Guardian.id == StudentGuardian.guardian_id)
        .where(StudentGuardian.school_id == school_id, StudentGuardian.student_id.in_(student_ids))
    ):
        of_kind = found[row.student_id].told if row.may_be_told else found[row.student_id].barred
        of_kind |= {address.lower() for address in (row.phone, row.email) if address}
    return found


def of_student(session: Session, school_id: int, student_id: int) -> Known:
    """The same of one student."""
    return of_students(session, school_id, [student_id])[student_id]


def first_subscriptions(session: Session, school_id: int, student_id: int) -> frozenset[int]:
    """The active subscriptions that may end others of the student, and are the last to be ended.

    Those of recorded guardians; where no guardian follows, the eldest: who came later cannot put out the family.
    """
    rows = session.execute(
        select(Subscription.id, Subscriber.phone, Subscriber.email)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(
            Subscription.school_id == school_id,
            Subscription.student_id == student_id,
            Subscription.status == SubscriptionStatus.ACTIVE,
        )
        .order_by(Subscription.following_since, Subscription.id)
    ).all()
    known = of_student(session, school_id, student_id)
    guardians = frozenset(row.id for row in rows if known.knows(row.phone, row.email))
    return guardians or frozenset(row.id for row in rows[:1])
