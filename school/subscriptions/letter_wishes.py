"""What the holder of a letter's link can see and change: what is told and when, the summary, unsubscribing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.kinds import Channel, EventKind, SubscriptionStatus
from db.models import Subscriber, Subscription
from school import audit
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
    wishes: Mapping[Channel, Wishes]


def reader(session: Session, token: str) -> Reader | None:
    """Who holds the link; None: it is nobody's."""
    subscriber_id = email_links.holder(session, token)
    if subscriber_id is None:
        return None
    row = session.execute(
        select(Subscriber.email, Subscriber.phone, Subscriber.friday_summary).where(Subscriber.id == subscriber_id)
    ).one()
    active = tuple(one for one in followed(session, subscriber_id) if one.status is SubscriptionStatus.ACTIVE)
    writes = session.scalar(
        select(Subscription.id)
        .where(
            Subscription.subscriber_id == subscriber_id,
            Subscription.status == SubscriptionStatus.ACTIVE,
            Subscription.email_enabled,
        )
        .limit(1)
    )
    found = {one.channel: one for one in wishes.wishes(session, subscriber_id)}
    return Reader(
        subscriber_id, masked(row.email), row.phone is not None, row.friday_summary, writes is not None, active, found
    )


def change(
    session: Session,
    subscriber_id: int,
    *,
    unwanted: Mapping[Channel, frozenset[EventKind]],
    daily_hours: Mapping[Channel, int | None],
    friday_summary: bool,
    now: datetime,
) -> None:
    """Tell what and when from now on. `daily_hours`: an hour of Sofia's day, None: at once. Raises InputError."""
    for channel, kinds in unwanted.items():
        wishes.want_only(session, subscriber_id, channel, kinds)
    for channel, hour in daily_hours.items():
        wishes.tell_at(session, subscriber_id, channel, hour)
    session.execute(update(Subscriber).where(Subscriber.id == subscriber_id).values(friday_summary=friday_summary))
    audit.write(
        session, "wishes.changed", "subscriber", subscriber_id, now, school_id=None, subscriber_id=subscriber_id
    )


def stop_letters(session: Session, subscriber_id: int, now: datetime) -> None:
    """Write no more; done twice, nothing changes. Who has no telephone with us does not follow anybody any more."""
    phone = session.scalar(select(Subscriber.phone).where(Subscriber.id == subscriber_id))
    if phone is None:
        stopping.stop(session, subscriber_id, followed(session, subscriber_id), now)
        return
    session.execute(update(Subscription).where(Subscription.subscriber_id == subscriber_id).values(email_enabled=False))
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
