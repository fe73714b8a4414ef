"""How soon a parent is texted: from the commit of a grade, and from a text to its answer."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

import click
from sqlalchemy import func, select

from bench.measures import percentile
from bench.page import table
from bench.sms.gateway import Outbox, Outboxes
from bench.sms.watching import anew, progress
from db.kinds import GradeKind, SubscriptionStatus
from db.models import Student, StudentCode, Subscriber, Subscription, TeachingAssignment
from db.session import Database
from devtools.smsc import Smsc
from runtime.localtime import today
from school.classbook import recording

GRADES, GRADES_A_SECOND = 600, 10
TEXTS, TEXTS_A_SECOND = 300, 5
SETTLE_SECONDS = 3.0


@dataclass(frozen=True)
class Followed:
    """A student whom one parent follows, and who may enter a grade of theirs."""

    student: int
    subject: int
    teacher: int
    phone: str


@dataclass
class Waited:
    """Seconds that each took; how many never came."""

    seconds: list[float] = field(default_factory=list)
    missing: int = 0

    def told(self) -> str:
        """As the table shows it."""
        ordered = sorted(one * 1000 for one in self.seconds)
        late = f", {self.missing} missing" if self.missing else ""
        return f"{percentile(ordered, 50):.0f} / {percentile(ordered, 99):.0f}{late}"


async def measure(smsc: Smsc, outboxes: Outboxes, kinds: list[str], window: int) -> list[str]:
    """The table."""
    rows = []
    for kind in kinds:
        with outboxes.fresh(kind) as outbox:
            await anew(smsc, quiet=False)
            with outbox.gateway(smsc.port, window), outbox.open() as database:
                await smsc.saw("bound", seconds=30)
                await asyncio.sleep(1)
                click.echo(f"  {kind}: {GRADES} grades, {GRADES_A_SECOND} a second ...", err=True)
                grades = await _grades(smsc, database)
                click.echo(f"    {grades.told()} ms; {TEXTS} texts, {TEXTS_A_SECOND} a second ...", err=True)
                texts = await _texts(smsc, _codes(outbox))
                click.echo(f"    {texts.told()} ms", err=True)
            await smsc.do("drop")
        rows.append([kind, grades.told(), texts.told()])
    headings = ["database", "commit to submit_sm p50 / p99 ms", "ID-code texted to answer p50 / p99 ms"]
    return table(headings, rows)


async def _grades(smsc: Smsc, database: Database) -> Waited:
    """Grades are recorded at a steady pace."""
    committed: dict[str, deque[float]] = {}

    def record(followed: Followed) -> None:
        now = datetime.now(UTC)
        with database.session() as session:
            recording.record_grade(
                session,
                by=followed.teacher,
                student_id=followed.student,
                subject_id=followed.subject,
                kind=GradeKind.CURRENT,
                grade=Decimal(6),
                on=today(now),
                now=now,
            )
        committed.setdefault(followed.phone.removeprefix("+"), deque()).append(time.time())

    students = _followed(database)
    async for number in _paced(GRADES, GRADES_A_SECOND):
        await asyncio.to_thread(record, students[number % len(students)])
    await asyncio.sleep(SETTLE_SECONDS)
    return _matched(smsc, committed)


async def _texts(smsc: Smsc, codes: list[str]) -> Waited:
    """New parents text ID-codes at a steady pace."""
    smsc.events.clear()
    sent: dict[str, deque[float]] = {}
    async for number in _paced(TEXTS, TEXTS_A_SECOND):
        phone = f"35987{number:07d}"
        sent[phone] = deque([time.time()])
        fields = {
            "source_addr": phone,
            "source_addr_ton": 1,
            "source_addr_npi": 1,
            "destination_addr": "1987",
            "data_coding": 0,
            "short_message": {"hex": codes[number % len(codes)].encode().hex()},
        }
        await smsc.do("send", command="deliver_sm", fields=fields)
    await asyncio.sleep(SETTLE_SECONDS)
    return _matched(smsc, sent)


async def _paced(count: int, a_second: int) -> AsyncIterator[int]:
    """0, 1, 2 ...: each when its turn has come."""
    began = time.monotonic()
    for number in range(count):
        await asyncio.sleep(began + number / a_second - time.monotonic())
        if number % a_second == 0:
            progress(f"    {number} of {count}")
        yield number
    progress("")


def _matched(smsc: Smsc, began: dict[str, deque[float]]) -> Waited:
    """What was submitted to each number, in order, against what caused it."""
    waited = Waited()
    for event in smsc.seen("submit"):
        times = began.get(event["destination"])
        if times and event["at"] / 1000 >= times[0]:
            waited.seconds.append(event["at"] / 1000 - times.popleft())
    waited.missing = sum(map(len, began.values()))
    return waited


def _followed(database: Database) -> list[Followed]:
    """Parents of one student, who is followed by nobody else: a grade is one message."""
    alone = select(Subscription.student_id).group_by(Subscription.student_id).having(func.count() == 1)
    single = select(Subscription.subscriber_id).group_by(Subscription.subscriber_id).having(func.count() == 1)
    query = (
        select(Student.id, func.min(TeachingAssignment.id), func.min(Subscriber.phone))
        .join(TeachingAssignment, TeachingAssignment.class_id == Student.class_id)
        .join(Subscription, Subscription.student_id == Student.id)
        .join(Subscriber, Subscriber.id == Subscription.subscriber_id)
        .where(
            Subscription.status == SubscriptionStatus.ACTIVE,
            Subscription.sms_enabled,
            Subscriber.phone.is_not(None),
            Student.id.in_(alone),
            Subscriber.id.in_(single),
        )
        .group_by(Student.id)
    )
    with database.reading() as session:
        assignments = {one.id: one for one in session.scalars(select(TeachingAssignment))}
        return [
            Followed(student, assignments[assignment].subject_id, assignments[assignment].staff_id, phone)
            for student, assignment, phone in session.execute(query)
            if phone
        ]


def _codes(outbox: Outbox) -> list[str]:
    with outbox.open() as database, database.reading() as session:
        return list(session.scalars(select(StudentCode.code).where(StudentCode.revoked_at.is_(None))))
