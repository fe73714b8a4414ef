"""What a call was to tell is told by SMS: to who wants no calls since it was put into the outbox."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session, aliased

from db.kinds import Channel, NotificationState
from db.models import Notification
from school.outbox import wake

_QUIETLY = {"synchronize_session": False}


def tell_by_sms(session: Session, message_ids: Collection[int], now: datetime) -> None:
    """Have SMS tell what these messages by telephone were to tell, at once; the caller holds them, and ends them.

    What an SMS tells the same subscription anyway is not told twice.
    """
    theirs = Notification.message_id.in_(message_ids)
    other = aliased(Notification)
    told_anyway = session.scalars(
        select(Notification.id)
        .join(
            other,
            (other.school_id == Notification.school_id)
            & (other.kind == Notification.kind)
            & (other.event_id == Notification.event_id)
            & (other.subscription_id == Notification.subscription_id),
        )
        .where(
            theirs,
            other.channel == Channel.SMS,
            other.state != NotificationState.CANCELLED,
            (other.state == NotificationState.PENDING) | (other.change == Notification.change),
        )
    ).all()
    _set(session, Notification.id.in_(told_anyway), state=NotificationState.CANCELLED, message_id=None)
    _set(session, theirs, state=NotificationState.PENDING, message_id=None, channel=Channel.SMS, due_at=now)
    wake.notify(session, Channel.SMS)


def _set(session: Session, which: ColumnElement[bool], **values: Any) -> None:
    session.execute(update(Notification).where(which).values(**values).execution_options(**_QUIETLY))
