"""Erasing people: a student with everything recorded about them, a subscriber with everything they were told.

What stays are counts: calls without their caller, and rows of the audit, which name ids that are nobody's any more.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from db.models import (
    STUDENT_EVENT_TABLES,
    Base,
    Call,
    Guardian,
    HeardEvent,
    Message,
    Notification,
    Student,
    StudentGuardian,
    Subscriber,
    Subscription,
)
from school import audit

_QUIETLY = {"synchronize_session": False}


def erase_students(
    session: Session, school_id: int, student_ids: Collection[int], now: datetime, *, by: int | None = None
) -> None:
    """Erase students of a school: every row that is about them, in whichever table, and what was told of them.

    Guardians and subscribers who have nobody else are erased too.
    """
    if not student_ids:
        return
    of_students = (Subscription.school_id == school_id) & Subscription.student_id.in_(student_ids)
    subscriptions = dict(session.execute(select(Subscription.id, Subscription.subscriber_id).where(of_students)).all())
    guardians = session.scalars(
        select(StudentGuardian.guardian_id).where(
            StudentGuardian.school_id == school_id, StudentGuardian.student_id.in_(student_ids)
        )
    ).all()
    _erase_told(session, subscriptions)
    for kind, table in STUDENT_EVENT_TABLES.items():
        events = select(table.id).where(table.school_id == school_id, table.student_id.in_(student_ids))
        _run(
            session,
            delete(HeardEvent).where(
                HeardEvent.school_id == school_id, HeardEvent.kind == kind, HeardEvent.event_id.in_(events)
            ),
        )
    _run(
        session,
        update(Call)
        .where(Call.school_id == school_id, Call.student_id.in_(student_ids))
        .values(student_id=None, subscription_id=None, caller=None),
    )
    for one in reversed(Base.metadata.sorted_tables):  # what points at others comes before them
        if "student_id" in one.c and one.name != Call.__tablename__:
            of_school = [one.c.school_id == school_id] if "school_id" in one.c else []
            _run(session, one.delete().where(one.c.student_id.in_(student_ids), *of_school))
    _run(session, delete(Student).where(Student.school_id == school_id, Student.id.in_(student_ids)))
    has_child = select(StudentGuardian.guardian_id).where(StudentGuardian.guardian_id == Guardian.id).exists()
    _run(session, delete(Guardian).where(Guardian.id.in_(guardians), ~has_child))
    _erase_followers_of_nobody(session, subscriptions.values())
    audit.write_many(
        session,
        [
            audit.row("student.erased", "student", student_id, now, school_id=school_id, by=by)
            for student_id in student_ids
        ],
    )


def _erase_told(session: Session, subscription_ids: Collection[int]) -> None:
    """Notifications of these subscriptions, and every message that told any of them."""
    of_them = Notification.subscription_id.in_(subscription_ids)
    messages = session.scalars(
        select(Notification.message_id).where(of_them, Notification.message_id.is_not(None)).distinct()
    ).all()
    _run(session, delete(Notification).where(of_them | Notification.message_id.in_(messages)))
    _run(session, delete(Message).where(Message.id.in_(messages)))


def _erase_followers_of_nobody(session: Session, subscriber_ids: Collection[int]) -> None:
    follows = select(Subscription.id).where(Subscription.subscriber_id == Subscriber.id).exists()
    gone = session.scalars(select(Subscriber.id).where(Subscriber.id.in_(subscriber_ids), ~follows)).all()
    _run(session, delete(Message).where(Message.subscriber_id.in_(gone)))
    _run(session, delete(Subscriber).where(Subscriber.id.in_(gone)))


def _run(session: Session, statement: object) -> None:
    session.execute(statement.execution_options(**_QUIETLY))  # type: ignore[attr-defined]
