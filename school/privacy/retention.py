"""Retention periods: how long a school keeps data, and deleting it afterwards.

The class book of those who are at school is never deleted by the clock. What is: messages with their texts, what
parents texted, records of calls, families of campaigns, and students who left long ago (school.privacy.erasure).
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import CursorResult, delete, select
from sqlalchemy.orm import Session

from db.kinds import MessageState, NotificationState
from db.models import Call, Campaign, CampaignFamily, InboundText, Message, Notification, Retention, School, Student
from db.session import Database
from db.upsert import insert
from errors import InputError
from school import audit
from school.privacy import erasure
from school.privacy.periods import USUAL, Kept, years_before

AT_ONCE = 2000
"""Rows that one transaction deletes at the most: nobody waits for it long."""


def of_school(session: Session, school_id: int) -> Kept:
    """What a school wants."""
    row = session.scalars(select(Retention).where(Retention.school_id == school_id)).one_or_none()
    return Kept(row.messages_days, row.calls_days, row.left_years) if row else USUAL


def change(session: Session, school_id: int, wanted: Kept, now: datetime, *, by: int | None = None) -> None:
    """Let a school's data be kept for so long from now on. Raises InputError for what is too short or too long."""
    if not (30 <= wanted.messages_days <= 3650 and 30 <= wanted.calls_days <= 3650 and 1 <= wanted.left_years <= 60):
        raise InputError("Messages and calls are kept for 30 to 3650 days, students who left for 1 to 60 years.")
    values = {
        "messages_days": wanted.messages_days,
        "calls_days": wanted.calls_days,
        "left_years": wanted.left_years,
    }
    session.execute(
        insert(session.get_bind().dialect.name, Retention)
        .values(school_id=school_id, **values)
        .on_conflict_do_update(index_elements=[Retention.school_id], set_=values)
    )
    audit.write(session, "school.retention_changed", "school", school_id, now, school_id=school_id, by=by, **values)


def apply(database: Database, now: datetime) -> str:
    """Delete what is too old, school by school, in transactions of `AT_ONCE` rows."""
    with database.reading() as session:
        schools = {school_id: of_school(session, school_id) for school_id in session.scalars(select(School.id))}
    counts = {"notifications": 0, "messages": 0, "texts": 0, "calls": 0, "families": 0, "students": 0}
    for school_id, kept in schools.items():
        counts["notifications"] += _all(database, _notifications(school_id, now - timedelta(days=kept.messages_days)))
        counts["calls"] += _all(database, _calls(school_id, now - timedelta(days=kept.calls_days)))
        counts["families"] += _all(database, _families(school_id, now - timedelta(days=kept.messages_days)))
        counts["students"] += _all(database, _students(school_id, years_before(now, kept.left_years), now))
    longest = max([USUAL.messages_days, *(kept.messages_days for kept in schools.values())])
    counts["messages"] = _all(database, _messages(now - timedelta(days=USUAL.messages_days)))
    counts["texts"] = _all(database, _texts(now - timedelta(days=longest)))
    counts["calls"] += _all(database, _calls(None, now - timedelta(days=USUAL.calls_days)))
    return "Deleted: " + ", ".join(f"{number} {name}" for name, number in counts.items()) + "."


Batch = Callable[[Session], int]


def _all(database: Database, batch: Batch) -> int:
    total = 0
    while True:
        with database.session() as session:
            done = batch(session)
        total += done
        if done < AT_ONCE:
            return total


def _notifications(school_id: int, before: datetime) -> Batch:
    """With the messages that told nothing else."""

    def batch(session: Session) -> int:
        rows = session.execute(
            select(Notification.id, Notification.message_id)
            .outerjoin(Message, Message.id == Notification.message_id)
            .where(
                Notification.school_id == school_id,
                Notification.created_at < before,
                Notification.state != NotificationState.PENDING,
                Message.id.is_(None) | Message.state.not_in((MessageState.READY, MessageState.CLAIMED)),
            )
            .order_by(Notification.id)
            .limit(AT_ONCE)
        ).all()
        _delete(session, delete(Notification).where(Notification.id.in_([row.id for row in rows])))
        emptied = {row.message_id for row in rows if row.message_id is not None}
        still_tell = select(Notification.message_id).where(Notification.message_id.in_(emptied))
        _delete(session, delete(Message).where(Message.id.in_(emptied), Message.id.not_in(still_tell)))
        return len(rows)

    return batch


def _messages(before: datetime) -> Batch:
    """Those that were no notifications: answers, confirmations, summaries."""
    tells = select(Notification.id).where(Notification.message_id == Message.id).exists()

    def batch(session: Session) -> int:
        old = select(Message.id).where(
            Message.created_at < before,
            Message.state.not_in((MessageState.READY, MessageState.CLAIMED)),
            ~tells,
        )
        return _delete(session, delete(Message).where(Message.id.in_(old.order_by(Message.id).limit(AT_ONCE))))

    return batch


def _texts(before: datetime) -> Batch:
    old = select(InboundText.id).where(InboundText.received_at < before, InboundText.handled_at.is_not(None))
    statement = delete(InboundText).where(InboundText.id.in_(old.order_by(InboundText.id).limit(AT_ONCE)))
    return lambda session: _delete(session, statement)


def _calls(school_id: int | None, before: datetime) -> Batch:
    of_school = Call.school_id.is_(None) if school_id is None else Call.school_id == school_id
    old = select(Call.id).where(of_school, Call.started_at < before).order_by(Call.id).limit(AT_ONCE)
    return lambda session: _delete(session, delete(Call).where(Call.id.in_(old)))


def _families(school_id: int, before: datetime) -> Batch:
    """Families of campaigns that ended, with their telephones, attempts and answers; the campaign itself stays."""
    ended = select(Campaign.id).where(Campaign.school_id == school_id, Campaign.ended_at < before)
    old = select(CampaignFamily.id).where(CampaignFamily.campaign_id.in_(ended)).order_by(CampaignFamily.id)
    return lambda session: _delete(session, delete(CampaignFamily).where(CampaignFamily.id.in_(old.limit(AT_ONCE))))


def _students(school_id: int, before: date, now: datetime) -> Batch:
    def batch(session: Session) -> int:
        ids = session.scalars(
            select(Student.id)
            .where(Student.school_id == school_id, Student.left_on < before)
            .order_by(Student.id)
            .limit(AT_ONCE)
            .with_for_update()
        ).all()
        erasure.erase_students(session, school_id, ids, now)
        return len(ids)

    return batch


def _delete(session: Session, statement: Any) -> int:
    result = session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)
    return result.rowcount
