"""The outbox of a database that was restored from a backup: what waited then may have been sent since.

Such a message becomes `unknown`, as one whose answer never came: nothing sends it by itself, and a person decides
(`retry`, or `settle_unknown`). What becomes due only from now on cannot have been sent, and goes out as usual. Texts in
the inbox stay: what they asked for is not in the database any more, so it has to be done again.
"""

from datetime import datetime

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from db.kinds import Channel, MessageState
from db.models import Message, Notification
from school.lines import Holds
from school.outbox import bundle
from school.outbox.states import is_in, is_pending
from school.security import destinations

WHY = "Restored from a backup: it may have been sent since."
AT_ONCE = 500


def hold(session: Session, now: datetime) -> int:
    """Hold what may have been sent since the backup was made; gives how many messages are held."""
    values = {
        "state": MessageState.UNKNOWN, "lease_owner": None, "lease_until": None, "ended_at": now, "error": WHY,
    }  # fmt: skip
    waiting = session.execute(
        update(Message)
        .where(or_(is_in(MessageState.CLAIMED), is_in(MessageState.READY) & (Message.due_at <= now)))
        .values(**values)
        .returning(Message.id)
        .execution_options(synchronize_session=False)
    )
    held = len(waiting.all())
    reached = destinations.current()
    made = {"state": MessageState.UNKNOWN, "attempts": 1, "lease_owner": None, "lease_until": None}
    for channel in Channel:
        due = select(Notification.id).where(is_pending(), Notification.channel == channel, Notification.due_at <= now)
        while session.scalar(due.limit(1)) is not None:
            news = bundle.make_messages(session, channel, AT_ONCE, now, made, reached, Holds(), at_any_hour=True)
            session.execute(
                update(Message)
                .where(Message.id.in_([one.id for one in news]))
                .values(ended_at=now, error=WHY)
                .execution_options(synchronize_session=False)
            )
            held += len(news)
    return held
