"""What the holder of a letter's link can see and change: what letters tell and when, the summary, unsubscribing.

A letter is forwarded easily, so its link concerns letters alone, and every change is told to the subscriber's
telephone, or to the address of who has none.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.kinds import Channel, EventKind, SubscriptionStatus
from db.models import Subscriber, Subscription
from school import audit
from school.following import notices
from school.following import wording as notice_words
from school.outbox.listing import masked
from school.subscriptions import email_links, stopping, wishes
from school.subscriptions.subscribers import Followed, followed
from school.subscriptions.wishes import Wishes


@dataclass(frozen=True, slots=True)
class Reader:
    """The subscriber behind a link. `email` is masked: who was forwarded a letter need not learn it."""

    subscriber_id: int
    email: str
    has_phone: bool
    friday_summary: bool
    gets_letters: bool
    children: tuple[Followed, ...]
    wishes: Wishes


def reader(session: Session, token: str) -> Reader | None:
    """Who holds the link; None: it is nobody's."""
    subscriber_id = email_links.holder(session, token)
    if subscriber_id is None:
        return None
    row = session.execute(
        select(Subscriber.email, Subscriber.phone, Subscriber.friday_summary).where(Subscriber.id == subscriber_id)
    ).one()
    active = tuple(one for one in followed(session, subscriber_id) if one.status is SubscriptionStatus.ACTIVE)
    writes = wishes.is_on(session, subscriber_id, Subscription.email_enabled)
    found = next(one for one in wishes.wishes(session, subscriber_id) if one.channel is Channel.EMAIL)
    return Reader(subscriber_id, masked(row.email), row.phone is not None, row.friday_summary, writes, active, found)


def change(
    session: Session,
    subscriber_id: int,
    *,
    unwanted: frozenset[EventKind],
    daily_hour: int | None,
    friday_summary: bool,
    now: datetime,
) -> None:
    """What letters tell from now on, and when: at an hour of Sofia's day, or at once (None). Raises InputError."""
    before = session.scalar(select(Subscriber.friday_summary).where(Subscriber.id == subscriber_id))
    old = next(one for one in wishes.wishes(session, subscriber_id) if one.channel is Channel.EMAIL)
    wishes.want_only(session, subscriber_id, Channel.EMAIL, unwanted)
    wishes.tell_at(session, subscriber_id, Channel.EMAIL, daily_hour)
    session.execute(update(Subscriber).where(Subscriber.id == subscriber_id).values(friday_summary=friday_summary))
    audit.write(
        session, "wishes.changed", "subscriber", subscriber_id, now, school_id=None, subscriber_id=subscriber_id
    )
    if (old.unwanted, old.daily_hour, before) != (unwanted, daily_hour, friday_summary):
        to = notices.recipient(session, subscriber_id)
        notices.send(session, to, notice_words.letters_changed(to.language, to.email or ""), now)


def stop_letters(session: Session, subscriber_id: int, now: datetime) -> None:
    """Write no more; done twice, nothing changes. Who has no telephone with us does not follow anybody any more.

    The telephone is told, or the address in a last letter.
    """
    to = notices.recipient(session, subscriber_id)
    text = notice_words.letters_stopped(to.language, to.email or "")
    if to.phone is None:
        following = followed(session, subscriber_id)
        stopping.stop(session, subscriber_id, following, now)
        if following:
            notices.send(session, to, text, now)
        return
    stopped = session.scalars(
        update(Subscription)
        .where(
            Subscription.subscriber_id == subscriber_id,
            Subscription.status == SubscriptionStatus.ACTIVE,
            Subscription.email_enabled,
        )
        .values(email_enabled=False)
        .returning(Subscription.id)
    ).all()
    if stopped:
        notices.send(session, to, text, now)
    audit.write(
        session, "letters.stopped", "subscriber", subscriber_id, now, school_id=None, subscriber_id=subscriber_id
    )


def resume_letters(session: Session, subscriber_id: int, now: datetime) -> None:
    """Write again to who stopped letters and still follows somebody."""
    session.execute(
        update(Subscription)
        .where(Subscription.subscriber_id == subscriber_id, Subscription.status == SubscriptionStatus.ACTIVE)
        .values(email_enabled=True)
    )
    audit.write(
        session, "letters.resumed", "subscriber", subscriber_id, now, school_id=None, subscriber_id=subscriber_id
    )
