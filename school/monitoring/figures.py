"""Figures of the whole platform for monitoring: what waits, for how long, and how the processes are. No person."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

import settings
from db.kinds import CallDirection, CallOutcome, Channel, Door, MessageState, NotificationState
from db.models import Call, Message, Notification
from school import lines
from school.monitoring import backups, health, platform, wrong_codes
from school.monitoring.backups import Known
from school.monitoring.health import Health

USED = ("calls", "minutes", "sms_parts", "campaign_calls", "campaign_texts")
RECENT = timedelta(hours=1)
RECENT_MESSAGES = 50_000
"""However much is sent in an hour, no more of the newest messages are looked at."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One look at the platform. Overdue: seconds that the oldest has been due for and was not taken."""

    waiting: dict[Channel, int]
    messages: dict[tuple[Channel, MessageState], int]
    overdue: dict[Channel, float]
    recent_messages: dict[tuple[Channel, MessageState], int]
    recent_calls: dict[tuple[CallDirection, CallOutcome], int]
    wrong_codes: dict[Door, int]
    processes: tuple[Health, ...]
    stops: dict[str, int]
    """Stopped campaigns that wait for a decision: of single schools, of the whole platform."""
    used_today: dict[str, int]
    """What all schools used of the lines today, by kind."""
    used_up: dict[str, int]
    """Schools whose campaigns, or all of whose calls and news, wait for tomorrow."""
    backups: dict[str, float]
    """Of what moment the newest backup is, and the newest that was found good: seconds since 1970, 0: there is none."""
    good_backup: Known | None
    """The newest that was found good."""


def figures(session: Session, now: datetime) -> Figures:
    """Half a dozen statements, each over an index of what is not done or of the last hour."""
    queues = platform.queues(session)
    stops = lines.open_stops(session)
    today = lines.days(session, now)
    made, good = backups.last_made(session), backups.last_verified(session)
    return Figures(
        waiting={channel: queues.waiting.get(channel, 0) for channel in Channel},
        messages={
            (channel, state): queues.messages.get((channel, state), 0)
            for channel in Channel
            for state in (MessageState.READY, MessageState.CLAIMED)
        },
        overdue=_overdue(session, now),
        recent_messages=_recent_messages(session, now),
        recent_calls=_recent_calls(session, now),
        wrong_codes=wrong_codes.last_hour(session, now),
        processes=health.found(session, now),
        stops={
            "school": sum(stop.school_id is not None for stop in stops),
            "platform": sum(stop.school_id is None for stop in stops),
        },
        used_today={name: sum(getattr(one, name) for one in today) for name in USED},
        used_up={
            "campaigns": sum(bool(one.waiting(settings.current().campaign_share)) for one in today),
            "all": sum(bool(one.waiting(1.0)) for one in today),
        },
        backups={of: one.made_at.timestamp() if one else 0.0 for of, one in (("made", made), ("verified", good))},
        good_backup=good,
    )


def _overdue(session: Session, now: datetime) -> dict[Channel, float]:
    notifications = (
        select(Notification.channel, func.min(Notification.due_at))
        .where(Notification.state == NotificationState.PENDING, Notification.due_at <= now)
        .group_by(Notification.channel)
    )
    messages = (
        select(Message.channel, func.min(Message.due_at))
        .where(Message.state == MessageState.READY, Message.due_at <= now)
        .group_by(Message.channel)
    )
    oldest = dict.fromkeys(Channel, 0.0)
    for statement in (notifications, messages):
        for channel, due_at in session.execute(statement):
            oldest[channel] = max(oldest[channel], (now - due_at).total_seconds())
    return oldest


def _recent_messages(session: Session, now: datetime) -> dict[tuple[Channel, MessageState], int]:
    newest = select(func.max(Message.id)).scalar_subquery()
    rows = session.execute(
        select(Message.channel, Message.state, func.count())
        .where(Message.id > newest - RECENT_MESSAGES, Message.created_at >= now - RECENT)
        .group_by(Message.channel, Message.state)
    )
    found = {(channel, state): 0 for channel in Channel for state in MessageState}
    return found | {(channel, state): count for channel, state, count in rows}


def _recent_calls(session: Session, now: datetime) -> dict[tuple[CallDirection, CallOutcome], int]:
    rows = session.execute(
        select(Call.direction, Call.outcome, func.count())
        .where(Call.started_at >= now - RECENT)
        .group_by(Call.direction, Call.outcome)
    )
    found = {(direction, outcome): 0 for direction in CallDirection for outcome in CallOutcome}
    return found | {(direction, outcome): count for direction, outcome, count in rows}
