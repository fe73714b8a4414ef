"""Ending a subscription, and changing its PIN, at the subscriber's wish."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from db.kinds import SubscriptionStatus
from db.models import Subscription
from school import audit, entitlement, outbox
from school.billing import leaving
from school.hearing import access
from school.subscriptions.subscribers import Followed


def stop(session: Session, subscriber_id: int, which: Iterable[Followed], now: datetime) -> None:
    """End these subscriptions of the subscriber, or withdraw the requests; what was still to be told is not sent."""
    which = tuple(which)
    ids = [followed.subscription_id for followed in which]
    session.execute(
        update(Subscription)
        .where(Subscription.id.in_(ids))
        .values(status=SubscriptionStatus.STOPPED, stopped_at=now, pin_hash=None)
    )
    outbox.stop_telling(session, ids, now)
    for followed in which:
        audit.write(
            session,
            "subscription.stopped",
            "subscription",
            followed.subscription_id,
            now,
            school_id=followed.school_id,
            subscriber_id=subscriber_id,
            student_id=followed.student_id,
        )
    if entitlement.is_on():
        leaving.stop(session, subscriber_id, now)


def renew_pin(session: Session, which: Iterable[Followed], pin: str, now: datetime) -> None:
    """Give these subscriptions one new PIN (4-6 digits)."""
    for followed in which:
        access.change_pin(session, followed.subscription_id, pin, now)
