"""Texts and no calls, as somebody who hears badly may wish: nobody rings them, and SMS tell what calls would.

Whoever decides to ring somebody asks for this wish: `school.outbox.followers` (news), `school.dialling.messages` (news
that waits), `school.campaigns.due_families`. A call that the subscriber asks for is made all the same.
"""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.kinds import Channel, SubscriptionStatus
from db.models import Subscriber, Subscription
from school.following import notices
from school.following import wording as notice_words
from school.security import destinations
from school.subscriptions import wishes


def is_on(session: Session, subscriber_id: int) -> bool:
    """Whether the subscriber wants texts and no calls."""
    return bool(session.scalar(select(Subscriber.text_only).where(Subscriber.id == subscriber_id)))


def switch(session: Session, subscriber_id: int, wanted: bool, now: datetime) -> bool:
    """Want texts and no calls, or calls again; gives whether anything changed. Telling it is the caller's part.

    Who wants texts gets SMS of every student whom they follow, also where they had been switched off.
    """
    changed: list[int] = []
    changed += session.scalars(
        update(Subscriber)
        .where(Subscriber.id == subscriber_id, Subscriber.text_only.is_not(wanted))
        .values(text_only=wanted)
        .returning(Subscriber.id)
    ).all()
    if wanted:
        changed += session.scalars(
            update(Subscription)
            .where(
                Subscription.subscriber_id == subscriber_id,
                Subscription.status == SubscriptionStatus.ACTIVE,
                Subscription.sms_enabled.is_(False),
            )
            .values(sms_enabled=True)
            .returning(Subscription.id)
        ).all()
    if changed:
        wishes.audited(session, subscriber_id, [Channel.CALL], now, text_only=wanted)
    return bool(changed)


def switch_by_call(session: Session, subscriber_id: int, wanted: bool, short_code: str, now: datetime) -> bool:
    """The same in the telephone menu, told to the subscriber; False: this number gets no SMS, and nothing changed."""
    to = notices.recipient(session, subscriber_id)
    if wanted and (to.phone is None or not destinations.current().reaches(to.phone, Channel.SMS)):
        return False
    if switch(session, subscriber_id, wanted, now):
        notices.send(session, to, notice_words.text_only(to.language, short_code, wanted=wanted), now)
    return True
