"""From an event to one notification per following subscriber and channel, in the event's own transaction."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from db.events import EventRef
from db.kinds import Channel, EventChange, EventKind, Language, NotificationState
from db.models import Notification
from school.outbox import followers, wake
from school.outbox.event_details import EventDetails, load
from school.outbox.followers import Follower
from school.wording.lines import line


def recorded(session: Session, refs: Sequence[EventRef], now: datetime) -> None:
    """Have everybody told of events that were just recorded, and flushed, in this transaction.

    Give all events of a transaction together: the statements are as many for one event as for a class's.
    """
    told: list[dict[str, Any]] = []
    for happened, whom in who_follows(session, load(session, refs), now):
        told += notifications(happened, whom, EventChange.RECORDED, now)
    store(session, told)


def who_follows(
    session: Session, events: Iterable[EventDetails], now: datetime | None
) -> list[tuple[EventDetails, list[Follower]]]:
    """Each event with whom it is to be told. `now` None: also of whom nobody has paid (`school.entitlement`)."""
    of_students: dict[tuple[int, EventKind], list[EventDetails]] = {}
    found: list[tuple[EventDetails, list[Follower]]] = []
    for happened in events:
        if happened.student_id is None:
            found.append((happened, followers.of_school_event(session, happened, now)))
        else:
            of_students.setdefault((happened.school_id, happened.ref.kind), []).append(happened)
    for (school_id, kind), happenings in of_students.items():
        of_student: dict[int, list[Follower]] = {}
        student_ids = {happened.student_id for happened in happenings if happened.student_id is not None}
        for follower in followers.of_students(session, school_id, kind, student_ids, now):
            of_student.setdefault(follower.student_id, []).append(follower)
        found += [(happened, of_student.get(happened.student_id or 0, [])) for happened in happenings]
    return found


def notifications(
    happened: EventDetails, whom: Iterable[Follower], change: EventChange, now: datetime
) -> list[dict[str, Any]]:
    """Rows of notifications of an event."""
    words = Words(happened)
    return [
        {
            "school_id": happened.school_id,
            "subscription_id": follower.subscription_id,
            "subscriber_id": follower.subscriber_id,
            "channel": follower.channel,
            "kind": happened.ref.kind,
            "event_id": happened.ref.id,
            "change": change,
            "state": NotificationState.PENDING,
            "line": words.of(follower.language, follower.channel, change),
            "due_at": follower.due_at(now),
            "from_hour": follower.hours[0],
            "until_hour": follower.hours[1],
            "created_at": now,
        }
        for follower in whom
    ]


def store(session: Session, told: Sequence[dict[str, Any]]) -> None:
    """Insert notifications and wake their senders at the commit."""
    if not told:
        return
    session.connection().execute(insert(Notification), told)
    for channel in {row["channel"] for row in told}:
        wake.notify(session, channel)


class Words:
    """The lines of one event, each made once however many read it."""

    def __init__(self, happened: EventDetails) -> None:
        self._happened = happened
        self._made: dict[tuple[Language, Channel, EventChange], str] = {}

    def of(self, language: Language, channel: Channel, change: EventChange) -> str:
        """What is told on this channel."""
        key = (language, channel, change)
        if key not in self._made:
            self._made[key] = line(
                self._happened.happening,
                language=language,
                channel=channel,
                child=self._happened.child,
                change=change,
            )
        return self._made[key]
