"""Taking leave of who is in no class of the new school year: graduates, and whom the school let go.

The day after the last one the plan gave them, their ID-codes open nothing any more, whoever followed them is told so,
and who reads the week's summary by e-mail gets a last one: the year's results and absences. What was recorded stays.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from db.kinds import GradeKind, Language, MessagePurpose, SubscriptionStatus
from db.models import (
    Enrolment,
    Grade,
    Rollover,
    SchoolClass,
    SchoolYear,
    Student,
    Subject,
    Subscriber,
    Subscription,
)
from db.session import Database
from school import enrolments
from school.digests import wording
from school.digests.totals import absences
from school.digests.wording import Annual, LastYear
from school.outbox.enqueue import Letter, enqueue_letters
from school.students.leaving import let_go
from school.years import calendar

KEEP = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class _Leaver:
    student_id: int
    given_name: str
    class_id: int
    class_name: str
    graduates: bool


def take_leave(database: Database, now: datetime) -> str:
    """Take leave wherever the last day is over; each school in a transaction of its own. Tells of how many."""
    count = 0
    with database.reading() as session:
        due = session.scalars(
            select(Rollover.id)
            .where(Rollover.farewell_at.is_(None), Rollover.farewell_on < calendar.today(now))
            .order_by(Rollover.id)
        ).all()
    for rollover_id in due:
        with database.session() as session:
            count += of_rollover(session, rollover_id, now)
    return f"Took leave of {count} students."


def of_rollover(session: Session, rollover_id: int, now: datetime) -> int:
    """Take leave of those whom one turn of the year left in their old classes; gives how many. Once only."""
    rollover = session.scalar(
        select(Rollover).where(Rollover.id == rollover_id, Rollover.farewell_at.is_(None)).with_for_update()
    )
    if rollover is None:  # another host did it, or it was undone
        return 0
    leavers = _leavers(session, rollover)
    letters = _last_summaries(session, rollover, leavers)
    let_go(
        session,
        rollover.school_id,
        {one.student_id: {"class_id": one.class_id, "graduated": one.graduates} for one in leavers},
        rollover.farewell_on,
        now,
        by=None,
    )
    enqueue_letters(session, letters, MessagePurpose.NOTIFICATION, now, KEEP)
    session.execute(update(Rollover).where(Rollover.id == rollover_id).values(farewell_at=now))
    return len(leavers)


def _leavers(session: Session, rollover: Rollover) -> Sequence[_Leaver]:
    rows = session.execute(
        select(Student.id, Student.first_name, SchoolClass.id, SchoolClass.level, SchoolClass.letter)
        .join_from(Enrolment, Student, Student.id == Enrolment.student_id)
        .join(SchoolClass, SchoolClass.id == Enrolment.class_id)
        .where(
            Enrolment.school_id == rollover.school_id,
            enrolments.open_now(),
            SchoolClass.school_year_id == rollover.from_year_id,
        )
        .order_by(Student.id)
        .with_for_update(of=Student)
    )
    return [
        _Leaver(id_, first_name, class_id, f"{level}{letter}", level in rollover.finishing)
        for id_, first_name, class_id, level, letter in rows
    ]


def _last_summaries(session: Session, rollover: Rollover, leavers: Sequence[_Leaver]) -> list[Letter]:
    """A letter to each who reads summaries, of all their children who leave."""
    of = {one.student_id: one for one in leavers}
    readers = session.execute(
        select(Subscriber.id, Subscriber.email, Subscriber.language, Subscription.student_id)
        .join(Subscription, Subscription.subscriber_id == Subscriber.id)
        .where(
            Subscription.school_id == rollover.school_id,
            Subscription.student_id.in_(of),
            Subscription.status == SubscriptionStatus.ACTIVE,
            Subscription.email_enabled,
            Subscriber.email.is_not(None),
            Subscriber.friday_summary,
        )
        .order_by(Subscriber.id, Subscription.id)
    ).all()
    if not readers:
        return []
    results = _results(session, rollover, of)
    missed = absences(session, [rollover.school_id], of, SchoolYear.id == rollover.from_year_id)
    children: dict[tuple[int, str, Language], list[_Leaver]] = defaultdict(list)
    for row in readers:
        children[row.id, row.email or "", row.language].append(of[row.student_id])
    return [
        Letter(
            subscriber_id,
            email,
            wording.last_letter(
                language,
                [
                    LastYear(
                        one.given_name,
                        one.class_name,
                        tuple(results.get(one.student_id, ())),
                        missed.get(one.student_id, (Decimal(0), 0)),
                    )
                    for one in own
                ],
            ),
        )
        for (subscriber_id, email, language), own in children.items()
    ]


def _results(session: Session, rollover: Rollover, students: Collection[int]) -> Mapping[int, list[Annual]]:
    """The annual grades of each, by subject."""
    rows = session.execute(
        select(Grade.student_id, Subject.name, Grade.value, Grade.mark)
        .join(Subject, Subject.id == Grade.subject_id)
        .where(
            Grade.school_id == rollover.school_id,
            Grade.school_year_id == rollover.from_year_id,
            Grade.student_id.in_(students),
            Grade.kind == GradeKind.ANNUAL,
        )
        .order_by(Subject.name)
    )
    found: dict[int, list[Annual]] = defaultdict(list)
    for row in rows:
        found[row.student_id].append(Annual(row.name, row.value, row.mark))
    return found
