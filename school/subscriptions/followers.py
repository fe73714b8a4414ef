"""Telling a student's followers when another number follows, or wants to: a stranger may have read the label.

Where nobody else follows, and the school does not know the number, the class teacher is told.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row, func, select, update
from sqlalchemy.orm import Session

from db.kinds import Channel, MessagePurpose, SubscriptionStatus
from db.models import School, SchoolClass, Staff, Student, Subscriber, Subscription
from school.following import known
from school.following.ending import shown
from school.outbox import enqueue
from school.subscriptions import wording
from school.subscriptions.subscribers import Followed
from school.wording.plain_letters import Paragraph, written
from school.wording.translation import SOURCE, gettext, in_latin

TOLD_AGAIN_AFTER = timedelta(days=1)
"""A number that stops and begins anew within this time is no news."""
KEEP_WARNING = timedelta(days=7)
FREE_NUMBERS = range(100, 10000)
"""What is texted behind МАХНИ where two last digits say too little."""


class _New(NamedTuple):
    """Who follows, or wants to. `is_known`: it is a guardian's number or address."""

    shown: str
    by_email: bool
    is_known: bool


def tell_of_new(session: Session, began: Followed, now: datetime) -> None:
    """Tell the other followers; `began` is the subscription as it was before it began.

    By SMS where there is a number, switched off or not: this is about who else knows. Within the school's hours. The
    family's first subscriber reads what to text to end it.
    """
    if began.following_since is not None and now - began.following_since < TOLD_AGAIN_AFTER:
        return
    new = _new(session, began)
    others = _others(session, began)
    first = known.first_subscriptions(session, began.school_id, began.student_id) if others else frozenset()
    number = removal_number(session, began) if others and not new.is_known else None
    for other in others:
        mine = number if other.phone and other.subscription_id in first else None
        _send(
            session,
            began,
            other,
            wording.new_follower(
                other.language, began.given_name, began.class_name, new.shown, by_email=new.by_email, removal=mine
            ),
            now,
        )
    if not others and not new.is_known:
        _tell_class_teacher(session, began, new, now, waits=False)


def tell_of_waiting(session: Session, asked: Followed, now: datetime) -> None:
    """Tell those who follow, or else the class teacher, that somebody with the ID-code waits for the teacher's word."""
    new = _new(session, asked)
    others = _others(session, asked)
    for other in others:
        text = wording.follower_waits(other.language, asked.given_name, asked.class_name, new.shown)
        _send(session, asked, other, text, now)
    if not others:
        _tell_class_teacher(session, asked, new, now, waits=True)


def removal_number(session: Session, began: Followed) -> str:
    """What ends this subscription behind МАХНИ: its number's last two digits, or a number that nobody else has.

    Nobody else: of those who follow the student or another student of the student's followers.
    """
    subscribers_too = select(Subscription.subscriber_id).where(
        Subscription.student_id == began.student_id, Subscription.status == SubscriptionStatus.ACTIVE
    )
    students = select(Subscription.student_id).where(Subscription.subscriber_id.in_(subscribers_too))
    own = session.execute(
        select(Subscription.subscriber_id, Subscriber.phone)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(Subscription.id == began.subscription_id)
    ).one()
    taken = {
        row.removal_number or (row.phone or "")[-2:]
        for row in session.execute(
            select(Subscription.removal_number, Subscriber.phone)
            .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
            .where(
                Subscription.student_id.in_(students),
                Subscription.subscriber_id != own.subscriber_id,
                Subscription.status != SubscriptionStatus.STOPPED,
            )
        )
    }
    digits = own.phone[-2:] if own.phone else None
    if digits is None or digits in taken:
        digits = next(str(number) for number in FREE_NUMBERS if str(number) not in taken)
    session.execute(update(Subscription).where(Subscription.id == began.subscription_id).values(removal_number=digits))
    return digits


def _new(session: Session, began: Followed) -> _New:
    row = session.execute(
        select(Subscriber.phone, Subscriber.email)
        .join(Subscription, Subscription.subscriber_id == Subscriber.id)
        .where(Subscription.id == began.subscription_id)
    ).one()
    family = known.of_student(session, began.school_id, began.student_id)
    return _New(shown(row.phone, row.email), row.phone is None, family.knows(row.phone, row.email))


def _others(session: Session, began: Followed) -> Sequence[Row[*tuple[Any, ...]]]:
    return session.execute(
        select(
            Subscription.id.label("subscription_id"),
            Subscriber.id,
            Subscriber.phone,
            Subscriber.email,
            Subscriber.language,
            Subscriber.operator,
            School.from_hour,
            School.until_hour,
        )
        .join_from(Subscription, Subscriber, Subscriber.id == Subscription.subscriber_id)
        .join(School, School.id == Subscription.school_id)
        .where(
            Subscription.school_id == began.school_id,
            Subscription.student_id == began.student_id,
            Subscription.status == SubscriptionStatus.ACTIVE,
            Subscription.id != began.subscription_id,
        )
        .order_by(Subscription.id)
    ).all()


def _send(session: Session, about: Followed, other: Row[*tuple[Any, ...]], text: str, now: datetime) -> None:
    enqueue(
        session,
        channel=Channel.SMS if other.phone else Channel.EMAIL,
        address=other.phone or other.email,
        text=text,
        purpose=MessagePurpose.SERVICE,
        now=now,
        subscriber_id=other.id,
        operator=other.operator,
        latin=about.latin or in_latin(other.language),
        hours=(other.from_hour, other.until_hour) if other.phone else (0, 24),
        keep_for=KEEP_WARNING,
    )


def _tell_class_teacher(session: Session, about: Followed, new: _New, now: datetime, *, waits: bool) -> None:
    address = session.scalar(
        select(func.coalesce(Staff.email, ""))
        .join(SchoolClass, SchoolClass.class_teacher_id == Staff.id)
        .join(Student, Student.class_id == SchoolClass.id)
        .where(Student.id == about.student_id, Staff.is_active)
    )
    if not address:
        return
    child = wording.child(SOURCE, about.given_name, about.class_name)
    told = (
        gettext(
            SOURCE,
            "{follower} иска да следи {child} и чака решението Ви. Училището не познава този номер или адрес.",
            follower=new.shown,
            child=child,
        )
        if waits
        else gettext(
            SOURCE,
            "{follower} вече следи {child} с ID-кода. Училището не познава този номер или адрес. Ако не е на "
            "семейството, прекратете го от страницата на ученика.",
            follower=new.shown,
            child=child,
        )
    )
    enqueue(
        session,
        channel=Channel.EMAIL,
        address=address,
        text=written(gettext(SOURCE, "Нов абонат на ученик от Вашия клас"), Paragraph(told)),
        purpose=MessagePurpose.SERVICE,
        now=now,
        keep_for=KEEP_WARNING,
    )
