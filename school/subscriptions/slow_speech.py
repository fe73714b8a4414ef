"""Calls that speak slowly, as somebody who is old or hard of hearing may wish: those they make and those we make.

The wish is of the subscriber. `school.hearing.access` gives it with the child of a caller who is known,
`school.dialling.about` with a call of ours; `agi.dialogue.pace` follows it within a call.
"""

from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.kinds import Channel
from db.models import Subscriber
from school.subscriptions import wishes


def is_on(session: Session, subscriber_id: int) -> bool:
    """Whether the subscriber wants to be spoken to slowly."""
    return bool(session.scalar(select(Subscriber.slow_speech).where(Subscriber.id == subscriber_id)))


def is_wished(session: Session) -> bool:
    """Whether anybody wants it: only then are there slow copies of the clips."""
    return session.scalar(select(Subscriber.id).where(Subscriber.slow_speech).limit(1)) is not None


def switch(session: Session, subscriber_id: int, wanted: bool, now: datetime) -> bool:
    """Speak slowly, or at the usual speed again; gives whether anything changed. Telling it is the caller's part."""
    changed = session.scalar(
        update(Subscriber)
        .where(Subscriber.id == subscriber_id, Subscriber.slow_speech.is_not(wanted))
        .values(slow_speech=wanted)
        .returning(Subscriber.id)
    )
    if changed is None:
        return False
    wishes.audited(session, subscriber_id, [Channel.CALL], now, slow_speech=wanted)
    return True
