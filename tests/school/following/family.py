"""People around a student of the small schools: what they try, and what they get."""

from typing import Any

from sqlalchemy import insert, select

from db.kinds import GuardianRelation, MessageState, NotificationState, SubscriptionStatus
from db.models import Guardian, Message, Notification, StudentGuardian, Subscriber, Subscription
from school.hearing import access
from school.students import student_code
from school.subscriptions import subscribing
from school.subscriptions.subscribing import FollowOutcome
from tests.school.students.small_schools import NOW, SmallSchool

STRANGER = "+359898765432"
PIN = "4711"


def code(here: SmallSchool, student: int | None = None) -> str:
    """The student's ID-code in force."""
    found = student_code.in_force(here.session, student or here.student)
    assert found is not None
    return found


def guardian(here: SmallSchool, phone: str | None, *students: int, email: str | None = None, **values: Any) -> int:
    """A recorded guardian of these students (Мария)."""
    row = {"school_id": here.id, "first_name": "Петър", "last_name": "Колев", "phone": phone, "email": email}
    id_ = here.session.scalars(insert(Guardian).values(row).returning(Guardian.id)).one()
    for student in students or (here.student,):
        here.session.execute(
            insert(StudentGuardian).values(
                school_id=here.id,
                student_id=student,
                guardian_id=id_,
                relation=GuardianRelation.FATHER,
                **values,
            )
        )
    return id_


def texts_code(here: SmallSchool, phone: str, typed: str | None = None) -> FollowOutcome:
    """A telephone texts the student's code."""
    return subscribing.by_code(
        here.session, phone=phone, operator="a1", student_code=typed or code(here), pin=PIN, now=NOW
    ).outcome


def status(here: SmallSchool, subscription_id: int) -> SubscriptionStatus:
    """As it stands."""
    return here.session.scalars(select(Subscription.status).where(Subscription.id == subscription_id)).one()


def status_of(here: SmallSchool, phone: str, student: int | None = None) -> SubscriptionStatus | None:
    """What the telephone's wish to follow the student (Мария) led to."""
    return here.session.scalar(
        select(Subscription.status)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(Subscriber.phone == phone, Subscription.student_id == (student or here.student))
    )


def texts_to(here: SmallSchool, address: str) -> list[str]:
    """What is on its way to an address, oldest first; what was cancelled is not."""
    return list(
        here.session.scalars(
            select(Message.text)
            .where(Message.address == address, Message.state == MessageState.READY)
            .order_by(Message.id)
        )
    )


def pending(here: SmallSchool, subscription_id: int) -> int:
    """Notifications that wait to be told."""
    rows = here.session.scalars(
        select(Notification.id).where(
            Notification.subscription_id == subscription_id, Notification.state == NotificationState.PENDING
        )
    )
    return len(rows.all())


def gets_nothing(here: SmallSchool, phone: str, subscription_id: int) -> bool:
    """Whether a grade recorded now is told to nobody of this subscription, and neither its number nor a PIN opens."""
    here.grade()
    admitted = access.admit(here.session, phone, code(here), PIN, NOW)
    return (
        pending(here, subscription_id) == 0
        and access.recognise(here.session, phone) == ()
        and isinstance(admitted, access.Refused)
    )
