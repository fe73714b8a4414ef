"""Calling parents back, so that they pay nothing: who let it ring once, or texted ОБАДИ СЕ.

A call back is a message of the outbox by telephone that answers somebody: it has a lease, a budget and an attempt like
every other, and is never repeated when nobody takes it.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

import settings
from db.kinds import Channel, MessagePurpose, SubscriptionStatus
from db.models import Message, Subscriber, Subscription
from school import lines
from school.outbox import enqueue
from school.security import destinations

PURPOSE = MessagePurpose.ANSWER
"""Of messages by telephone: all others tell news."""
WITHIN = timedelta(minutes=5)
"""A call back that comes later surprises."""
DAY = timedelta(days=1)


_IS_CALL_BACK = (
    Message.channel == bindparam(None, Channel.CALL, type_=Message.channel.type, literal_execute=True),
    Message.purpose == bindparam(None, PURPOSE, type_=Message.purpose.type, literal_execute=True),
)
"""Written into the statement, so that the database sees that the index of calls back answers it."""


class Outcome(StrEnum):
    """What becomes of the wish to be called back."""

    CALLED = "called"
    OFF = "off"
    UNKNOWN = "unknown number"
    NOT_ALLOWED = "number not allowed"
    UNDER_WAY = "under way"
    TOO_MANY = "too many"
    BUDGET = "budget"


def ask(session: Session, phone: str | None, now: datetime) -> Outcome:
    """Have this number (E.164) called at once, if it follows somebody and its day and its school's allow it."""
    config = settings.current()
    if not config.call_back:
        return Outcome.OFF
    if phone is None:
        return Outcome.UNKNOWN
    if not destinations.current().reaches(phone):
        return Outcome.NOT_ALLOWED
    row = session.execute(
        select(Subscriber.id, Subscription.school_id)
        .join(Subscription, Subscription.subscriber_id == Subscriber.id)
        .where(Subscriber.phone == phone, Subscription.status == SubscriptionStatus.ACTIVE)
        .order_by(Subscription.id)
        .limit(1)
        .with_for_update(of=Subscriber)
    ).one_or_none()
    if row is None:
        return Outcome.UNKNOWN
    called = *_IS_CALL_BACK, Message.created_at > now - DAY
    latest = session.scalars(
        select(Message.created_at).where(*called, Message.subscriber_id == row.id).order_by(Message.created_at.desc())
    ).all()
    if latest and latest[0] > now - timedelta(minutes=1):
        return Outcome.UNDER_WAY
    if len(latest) >= config.call_backs_a_day:
        return Outcome.TOO_MANY
    of_school = session.scalar(
        select(func.count()).select_from(Message).where(*called, Message.school_id == row.school_id)
    )
    if (of_school or 0) >= config.call_backs_of_school or not lines.holds(session, now).take(
        row.school_id, Channel.CALL, campaign=False
    ):
        return Outcome.BUDGET
    enqueue(
        session,
        channel=Channel.CALL,
        address=phone,
        text="Обратно обаждане",
        purpose=PURPOSE,
        now=now,
        subscriber_id=row.id,
        school_id=row.school_id,
        urgent=True,
        keep_for=WITHIN,
    )
    return Outcome.CALLED


def among(session: Session, message_ids: Collection[int]) -> frozenset[int]:
    """Which of these messages by telephone are calls back. Nothing is asked when there are none."""
    if not message_ids:
        return frozenset()
    return frozenset(session.scalars(select(Message.id).where(Message.id.in_(message_ids), Message.purpose == PURPOSE)))
