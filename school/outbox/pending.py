"""Who is still to be told of an event."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.events import EventRef
from db.kinds import Channel, NotificationState
from db.models import Notification


@dataclass(frozen=True, slots=True)
class Telling:
    """How many subscribers are about to be told of an event on a channel, and when the first of them."""

    channel: Channel
    followers: int
    first_due_at: datetime


def about_to_be_told(session: Session, ref: EventRef) -> tuple[Telling, ...]:
    """Who is still to hear of an event, channel by channel; empty: nobody follows, or all know already."""
    rows = session.execute(
        select(Notification.channel, func.count(), func.min(Notification.due_at))
        .where(
            Notification.kind == ref.kind,
            Notification.event_id == ref.id,
            Notification.state == NotificationState.PENDING,
        )
        .group_by(Notification.channel)
        .order_by(Notification.channel)
    )
    return tuple(Telling(channel, followers, first_due_at) for channel, followers, first_due_at in rows)
