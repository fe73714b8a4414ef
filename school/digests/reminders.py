"""The day before a meeting or event, its parents are reminded on every channel that announces it."""

from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.events import EventRef
from db.kinds import Channel, EventChange, EventKind, Language, NotificationState
from db.models import Notification, SchoolEvent
from db.session import Database
from school.outbox import fan_out, hours
from school.outbox.event_details import EventDetails, load
from school.wording.lines import line
from school.years import calendar

NEWLY_TOLD = timedelta(hours=20)
"""What was announced or changed so lately needs no reminder."""


def remind(database: Database, now: datetime) -> str:
    """Remind of tomorrow's events. One that was reminded of is not again, unless it was moved since."""
    day = calendar.today(now) + timedelta(days=1)
    begins, ends = hours.on_day(day, time(0)), hours.on_day(day + timedelta(days=1), time(0))
    told = 0
    with database.session() as session:
        events = session.execute(
            select(SchoolEvent.id, SchoolEvent.kind)
            .where(
                SchoolEvent.starts_at >= begins,
                SchoolEvent.starts_at < ends,
                SchoolEvent.recorded_at <= now - NEWLY_TOLD,
                SchoolEvent.reminded_of.is_distinct_from(SchoolEvent.starts_at),
            )
            .order_by(SchoolEvent.id)
            .with_for_update(skip_locked=True)
        ).all()
        refs = [EventRef(EventKind(row.kind.value), row.id) for row in events]
        for happened, whom in fan_out.who_follows(session, load(session, refs), now):
            waiting = _about_to_be_told(session, happened)
            rows = [
                _reminding(row, happened, follower.language, now)
                for follower in whom
                for row in fan_out.notifications(happened, [follower], EventChange.RECORDED, now)
                if (row["subscription_id"], row["channel"]) not in waiting
            ]
            fan_out.store(session, rows)
            told += len(rows)
        session.execute(
            update(SchoolEvent)
            .where(SchoolEvent.id.in_([ref.id for ref in refs]))
            .values(reminded_of=SchoolEvent.starts_at)
            .execution_options(synchronize_session=False)
        )
    return f"{told} reminders of {len(refs)} events of {day:%d.%m.%Y}."


def _about_to_be_told(session: Session, happened: EventDetails) -> set[tuple[int, Channel]]:
    """(subscription, channel) that are to hear of it anyway."""
    rows = session.execute(
        select(Notification.subscription_id, Notification.channel).where(
            Notification.school_id == happened.school_id,
            Notification.kind == happened.ref.kind,
            Notification.event_id == happened.ref.id,
            Notification.state == NotificationState.PENDING,
        )
    )
    return {(row.subscription_id, row.channel) for row in rows}


def _reminding(row: dict[str, Any], happened: EventDetails, language: Language, now: datetime) -> dict[str, Any]:
    """A notification's row, worded as a reminder; it waits for no delay and no daily hour: tomorrow is near."""
    channel: Channel = row["channel"]
    words = line(happened.happening, language=language, channel=channel, reminding=True)
    return row | {"line": words, "due_at": hours.allowed_from(now, row["from_hour"], row["until_hour"])}
