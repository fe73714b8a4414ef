"""What happened at the demonstration school, and what is ahead, as rows."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import GradeScale, Mark, SchoolEventKind, SubscriptionStatus
from db.models import STUDENT_EVENT_TABLES, Absence, Grade, HealthNote, HeardEvent, Remark, SchoolEvent, Subscription
from demonstration.plan import People, Yearbook, words
from demonstration.plan.year import DAY
from demonstration.rows.people import student_ids
from demonstration.rows.school import Ids, insert_all
from runtime.localtime import SOFIA
from school.classbook.rules import HEALTH_NOTE
from school.security.crypto import vault

HEARD_UNTIL = timedelta(days=5)
"""The demonstration's parents last called this long ago: what was recorded since is news."""


def write_events(
    session: Session, ids: Ids, people: People, book: Yearbook, after: datetime | None, now: datetime
) -> None:
    """What was recorded after `after` (None: since the year began) and up to now."""
    students = student_ids(session, ids, people)
    secrets = vault(session)

    def common(event: Any) -> dict[str, Any]:
        return {
            "school_id": ids.school,
            "student_id": students[event.student],
            "school_year_id": ids.year,
            "recorded_at": event.recorded_at,
        }

    def class_teacher(event: Any) -> int:
        student: int = event.student
        return ids.class_teachers[people.students[student].class_index]

    def of_lesson(event: Any) -> dict[str, Any]:
        return common(event) | {
            "subject_id": ids.subjects[event.subject] if event.subject else None,
            "staff_id": ids.teachers[event.subject] if event.subject else class_teacher(event),
            "on_date": event.on,
        }

    def due(events: list[Any]) -> Iterator[Any]:
        return (one for one in events if one.recorded_at <= now and (after is None or one.recorded_at > after))

    insert_all(
        session,
        Grade,
        (
            of_lesson(one)
            | {"term": one.term, "kind": one.kind}
            | (
                {"scale": one.given.scale, "value": None, "mark": one.given}
                if isinstance(one.given, Mark)
                else {"scale": GradeScale.NUMERIC, "value": one.given, "mark": None}
            )
            for one in due(book.grades)
        ),
    )
    insert_all(
        session,
        Absence,
        (of_lesson(one) | {"kind": one.kind, "reason": one.reason, "lesson": one.lesson} for one in due(book.absences)),
    )
    insert_all(session, Remark, (of_lesson(one) | {"kind": one.kind, "text": one.text} for one in due(book.remarks)))
    insert_all(
        session,
        HealthNote,
        (
            common(one)
            | {
                "staff_id": class_teacher(one),
                "starts_on": one.starts_on,
                "ends_on": one.ends_on,
                "note_encrypted": secrets.encrypt(HEALTH_NOTE, one.text),
            }
            for one in due(book.health)
        ),
    )


def write_announcements(session: Session, ids: Ids, today: date, now: datetime) -> None:
    """A parents' meeting of each class and two events of the school, in the next weeks."""
    rows: list[dict[str, Any]] = [
        {
            "class_id": class_id,
            "staff_id": teacher,
            "kind": SchoolEventKind.MEETING,
            "title": title,
            "place": place,
            "text": text,
            "starts_at": _evening(today, 6 + 2 * number),
        }
        for number, (class_id, teacher, place, (title, text)) in enumerate(
            zip(ids.classes, ids.class_teachers, words.MEETING_PLACES, words.MEETINGS, strict=True)
        )
    ]
    rows += (
        {
            "class_id": None,
            "staff_id": ids.principal,
            "kind": SchoolEventKind.EVENT,
            "title": title,
            "place": place,
            "text": text,
            "starts_at": _evening(today, 12 + 9 * number),
        }
        for number, (title, place, text) in enumerate(words.EVENTS)
    )
    insert_all(session, SchoolEvent, (row | {"school_id": ids.school, "recorded_at": now} for row in rows))


def anything_ahead(session: Session, ids: Ids, now: datetime) -> bool:
    """Whether a meeting or event is ahead."""
    ahead = select(SchoolEvent.id).where(SchoolEvent.school_id == ids.school, SchoolEvent.starts_at > now).limit(1)
    return session.scalar(ahead) is not None


def mark_as_heard(session: Session, ids: Ids, now: datetime) -> None:
    """What was recorded before the parents' last call counts as heard in it."""
    called_at = now - HEARD_UNTIL
    for kind, table in STUDENT_EVENT_TABLES.items():
        events = session.execute(
            select(Subscription.subscriber_id, table.id)
            .join(table, table.student_id == Subscription.student_id)
            .where(
                Subscription.school_id == ids.school,
                Subscription.status == SubscriptionStatus.ACTIVE,
                table.recorded_at <= called_at,
            )
        )
        insert_all(
            session,
            HeardEvent,
            (
                {
                    "subscriber_id": subscriber,
                    "kind": kind,
                    "event_id": event,
                    "school_id": ids.school,
                    "first_heard_at": called_at,
                }
                for subscriber, event in events
            ),
        )


def _evening(today: date, days: int) -> datetime:
    """18:30 on the first working day at least so many days ahead, in UTC."""
    day = today + days * DAY
    while day.isoweekday() > 5:
        day += DAY
    return datetime.combine(day, time(18, 30), SOFIA).astimezone(UTC)
