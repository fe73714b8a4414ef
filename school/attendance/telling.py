"""Telling a family of notices: who gave one of the decision, the other followers that days were excused."""

from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import Language, SubscriptionStatus
from db.models import Student, Subscriber, Subscription
from school.attendance import wording
from school.following import notices as letters
from school.following.ending import shown


def decided(session: Session, subscriber_id: int | None, words: Callable[[Language], str], now: datetime) -> None:
    """Tell who gave a notice what became of it; nobody, when that person was erased."""
    if subscriber_id is not None:
        to = letters.recipient(session, subscriber_id)
        letters.send(session, to, words(to.language), now)


def others_of_notice(
    session: Session, school_id: int, student_id: int, subscriber_id: int, first: date, last: date, now: datetime
) -> None:
    """Tell the student's other followers who excused which days: a telephone may be the student's own."""
    rows = session.execute(
        select(Subscription.subscriber_id, Student.first_name)
        .join(Student, Student.id == Subscription.student_id)
        .where(
            Subscription.school_id == school_id,
            Subscription.student_id == student_id,
            Subscription.status == SubscriptionStatus.ACTIVE,
            Subscription.subscriber_id != subscriber_id,
        )
        .order_by(Subscription.id)
    ).all()
    if not rows:
        return
    by = session.execute(select(Subscriber.phone, Subscriber.email).where(Subscriber.id == subscriber_id)).one()
    for row in rows:
        to = letters.recipient(session, row.subscriber_id)
        letters.send(session, to, wording.by_another(to.language, row.first_name, first, last, shown(*by)), now)
