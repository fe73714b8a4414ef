"""Telling a student's followers when another number begins to follow: a stranger may have read the label."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import Channel, MessagePurpose, SubscriptionStatus
from db.models import School, Subscriber, Subscription
from school.outbox import enqueue
from school.outbox.listing import masked as masked_address
from school.security.phones import masked
from school.subscriptions import wording
from school.subscriptions.subscribers import Followed

TOLD_AGAIN_AFTER = timedelta(days=1)
"""A number that stops and begins anew within this time is no news."""
KEEP_WARNING = timedelta(days=7)


def tell_of_new(session: Session, began: Followed, now: datetime) -> None:
    """Tell the other followers; `began` is the subscription as it was before it began.

    By SMS where there is a number, switched off or not: this is about who else knows. Within the school's hours.
    """
    if began.following_since is not None and now - began.following_since < TOLD_AGAIN_AFTER:
        return
    new = session.execute(
        select(Subscriber.phone, Subscriber.email).join(Subscription).where(Subscription.id == began.subscription_id)
    ).one()
    shown, by_email = (masked(new.phone), False) if new.phone else (masked_address(new.email or ""), True)
    others = session.execute(
        select(
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
    )
    for other in others:
        enqueue(
            session,
            channel=Channel.SMS if other.phone else Channel.EMAIL,
            address=other.phone or other.email,
            text=wording.new_follower(other.language, began.given_name, began.class_name, shown, by_email=by_email),
            purpose=MessagePurpose.SERVICE,
            now=now,
            subscriber_id=other.id,
            operator=other.operator,
            latin=began.latin,
            hours=(other.from_hour, other.until_hour) if other.phone else (0, 24),
            keep_for=KEEP_WARNING,
        )
