"""Requests to follow a student that the class teacher or a leader decides, and subscriptions as the school sees them.

A request is by national id from an unknown number, or by ID-code where the school wants to be asked, a follower was
ended before, or only those whom the school names may be told.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db.kinds import Channel, EndReason, FollowWay, MessagePurpose, SubscriptionStatus
from db.models import School, SchoolClass, Student, Subscriber, Subscription
from errors import ForbiddenError, InputError, MissingError
from school import audit
from school.billing import answers as billing_answers
from school.billing.prices import price_on
from school.following import known
from school.following.ending import shown
from school.outbox import enqueue
from school.security import pins
from school.staff import authority
from school.subscriptions import by_email, wording
from school.subscriptions.subscribers import one
from school.subscriptions.subscribing import start
from school.wording.service import Numbers
from school.wording.translation import in_latin
from school.years import calendar

KEEP_APPROVAL = timedelta(days=3)
LISTED_AT_ONCE = 500
NOTHING_WAITS = "No request with this number waits: `eschool subscriptions list --waiting` shows those that do."


@dataclass(frozen=True, slots=True)
class SubscriptionRow:
    """A subscription for people of the school: `follower` is a masked number or e-mail address."""

    subscription_id: int
    school_id: int
    status: SubscriptionStatus
    student_id: int
    student: str
    """Given and last name."""
    class_id: int | None
    class_name: str
    class_teacher_id: int | None
    follower: str
    created_at: datetime
    following_since: datetime | None
    stopped_at: datetime | None
    came_by: FollowWay | None
    ended_why: EndReason | None


def listed(
    session: Session,
    *,
    status: Collection[SubscriptionStatus] = tuple(SubscriptionStatus),
    by: int | authority.Author | None = None,
    class_id: int | None = None,
    student_id: int | None = None,
) -> Iterator[SubscriptionRow]:
    """Subscriptions by class and student; those that a staff member may decide on, or all of the platform (None).

    `class_id` and `student_id` narrow them to one class or student.

    Raises InputError for a staff account that is not active or of no school.
    """
    statement = (
        select(
            Subscription,
            Student.first_name,
            Student.last_name,
            SchoolClass.id.label("class_id"),
            SchoolClass.level,
            SchoolClass.letter,
            SchoolClass.class_teacher_id,
            Subscriber.phone,
            Subscriber.email,
        )
        .join_from(Subscription, Student, Student.id == Subscription.student_id)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .outerjoin(SchoolClass, SchoolClass.id == Student.class_id)
        .where(Subscription.status.in_(status))
        .order_by(
            Subscription.school_id,
            SchoolClass.level,
            SchoolClass.letter,
            Student.first_name,
            Student.last_name,
            Subscription.id,
        )
        .execution_options(yield_per=LISTED_AT_ONCE)
    )
    if class_id is not None:
        statement = statement.where(Student.class_id == class_id)
    if student_id is not None:
        statement = statement.where(Subscription.student_id == student_id)
    if by is not None:
        reader = authority.author(session, by)
        statement = statement.where(Subscription.school_id == reader.school_id)
        if not reader.leads:
            statement = statement.where(SchoolClass.class_teacher_id == reader.staff_id)
    for row in session.execute(statement):
        subscription: Subscription = row.Subscription
        yield SubscriptionRow(
            subscription_id=subscription.id,
            school_id=subscription.school_id,
            status=subscription.status,
            student_id=subscription.student_id,
            student=f"{row.first_name} {row.last_name}",
            class_id=row.class_id,
            class_name="" if row.class_id is None else f"{row.level}{row.letter}",
            class_teacher_id=row.class_teacher_id,
            follower=shown(row.phone, row.email),
            created_at=subscription.created_at,
            following_since=subscription.following_since,
            stopped_at=subscription.stopped_at,
            came_by=subscription.came_by,
            ended_why=subscription.ended_why,
        )


@dataclass(frozen=True, slots=True)
class OfClass:
    """Whose subscription it is: the school, and the student's class and its class teacher, if there are such."""

    school_id: int
    class_id: int | None
    class_teacher_id: int | None


def of_class(session: Session, subscription_id: int, school_id: int | None) -> OfClass:
    """Where a subscription of a school (None: of any, for the platform's operator) belongs.

    Raises MissingError when there is no such one.
    """
    statement = (
        select(Subscription.school_id, SchoolClass.id, SchoolClass.class_teacher_id)
        .join_from(Subscription, Student, Student.id == Subscription.student_id)
        .outerjoin(SchoolClass, SchoolClass.id == Student.class_id)
        .where(Subscription.id == subscription_id)
    )
    if school_id is not None:
        statement = statement.where(Subscription.school_id == school_id)
    row = session.execute(statement).one_or_none()
    if row is None:
        raise MissingError(NOTHING_WAITS)
    return OfClass(*row)


def approve(session: Session, subscription_id: int, *, by: int, now: datetime, numbers: Numbers | None = None) -> None:
    """Let the number or address follow: it gets the PIN, and the student's other followers are told.

    Raises InputError when nothing waits under this id, the staff member is neither class teacher nor leader, or it is
    a guardian's who may not be told.
    """
    of = _waiting(session, subscription_id, by)
    if of.class_id is None:
        raise InputError("The student has left the school: refuse the request.")
    asker = session.execute(
        select(Subscriber.phone, Subscriber.email, Subscription.student_id)
        .join(Subscription, Subscription.subscriber_id == Subscriber.id)
        .where(Subscription.id == subscription_id)
    ).one()
    if known.of_student(session, of.school_id, asker.student_id).bars(asker.phone, asker.email):
        raise InputError(
            "This is a guardian who may not be told of the student: change that on the student's page first."
        )
    pin = pins.generate()
    followed = start(session, subscription_id, pin, now, way=FollowWay.APPROVAL, staff_id=by)
    row = session.execute(
        select(Subscriber, School.from_hour, School.until_hour)
        .join_from(Subscription, Subscriber, Subscriber.id == Subscription.subscriber_id)
        .join(School, School.id == Subscription.school_id)
        .where(Subscription.id == subscription_id)
    ).one()
    subscriber: Subscriber = row.Subscriber
    if subscriber.phone is None:
        by_email.welcome(
            session,
            subscriber.id,
            subscriber.email or "",
            subscriber.language,
            followed,
            pin,
            numbers=numbers or Numbers(),
            now=now,
        )
        return
    name = wording.child(subscriber.language, followed.given_name, followed.class_name)
    free = billing_answers.paid_by_another(session, subscriber.id, subscriber.language, numbers or Numbers())
    price = "" if free else price_on(session, calendar.today(now)).told(subscriber.language)
    followed_now = wording.follows(subscriber.language, [name], numbers or Numbers(), price)
    enqueue(
        session,
        channel=Channel.SMS,
        address=subscriber.phone,
        text=" ".join(filter(None, (followed_now, free))),
        pin=pin,
        purpose=MessagePurpose.SERVICE,
        now=now,
        subscriber_id=subscriber.id,
        operator=subscriber.operator,
        latin=followed.latin or in_latin(subscriber.language),
        hours=(row.from_hour, row.until_hour),
        keep_for=KEEP_APPROVAL,
    )


def refuse(session: Session, subscription_id: int, *, by: int, now: datetime) -> None:
    """Do not let the number follow. It is told nothing: it would learn that such a student is at the school.

    It cannot follow by the ID-code at once either: that wish waits too.

    Raises InputError as `approve` does.
    """
    of = _waiting(session, subscription_id, by)
    session.execute(
        update(Subscription)
        .where(Subscription.id == subscription_id)
        .values(
            status=SubscriptionStatus.STOPPED,
            stopped_at=now,
            ended_why=func.coalesce(Subscription.ended_why, EndReason.REFUSED),
        )
    )
    audit.write(
        session,
        "subscription.refused",
        "subscription",
        subscription_id,
        now,
        school_id=of.school_id,
        by=by,
        student_id=one(session, subscription_id).student_id,
    )


def _waiting(session: Session, subscription_id: int, by: int) -> OfClass:
    """Where a request belongs on which this staff member may decide; its row stays locked."""
    author = authority.author(session, by)
    status = session.scalar(
        select(Subscription.status)
        .where(Subscription.id == subscription_id, Subscription.school_id == author.school_id)
        .with_for_update()
    )
    if status is not SubscriptionStatus.WAITING:
        raise MissingError(NOTHING_WAITS)
    of = of_class(session, subscription_id, author.school_id)
    if not author.leads and author.staff_id != of.class_teacher_id:
        raise ForbiddenError("Only the class teacher may decide on this request, or the school's leaders.")
    return of
