"""Billing in the demonstration: who is there already pays nothing, and months pass when somebody asks for it.

The month that passes is billed as if it were its seventh day. Only billing's clock moves: what is to be sent leaves
at once, so that the simulator's telephones get it now.
"""

import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from db.kinds import Channel, GradeKind, GradeScale, MessageState
from db.models import Charge, Grade, Message, Payer, School, StudentCode
from db.session import Database, open_database
from demonstration.plan import words
from demonstration.rows.school import read_ids
from errors import InputError
from runtime.localtime import SOFIA, month_of
from school.billing import payers, planning, run
from school.billing.months import last_day, month_at, moved
from school.outbox import wake
from school.outbox.hours import ALWAYS
from settings import Settings, Trunk

FREE_UNTIL = date(2099, 12, 31)
LAST_DAY = 7
"""By this day of a month every payer's day has come."""
WAIT_SECONDS = 30.0


def is_billed(settings: Settings) -> bool:
    """Whether this installation only shows the product, with SMS that go to the simulator."""
    if settings.trunk is not Trunk.LOOPBACK or settings.operators_file is not None:
        return False
    database = open_database(settings)
    try:
        with database.reading() as session:
            return _is_alone(session)
    finally:
        database.dispose()


def free_all(session: Session, now: datetime) -> None:
    """Whoever follows a child that nobody pays for is told for good and asked for nothing."""
    while payers.cover_followed(session, now):
        pass
    session.execute(
        update(Payer)
        .where(Payer.created_at == now)
        .values(paid_until=FREE_UNTIL, trial_until=FREE_UNTIL, billed_month=month_of(FREE_UNTIL))
    )


def pass_month(database: Database, month: date, entered: tuple[str, ...], now: datetime) -> list[str]:
    """Bill as on the seventh of `month`, with a grade in the month before for the children with these ID-codes.

    Waits until the charges have ended; gives sentences about what came of it. Raises InputError for a database that
    is not the demonstration's alone, a month that is not ahead, and a code that is no child's.
    """
    month = month_of(month)
    with database.session() as session:
        if not _is_alone(session):
            raise InputError("Months pass on demand only in the demonstration's own database: see `make run`.")
        newest = session.scalar(select(func.max(Charge.made_in)))
        if month <= max(month_at(now), newest or date.min):
            raise InputError("This month has been billed, or is not ahead: give a later one.")
        for code in entered:
            _enter(session, code, moved(month, -1), now)
    at = datetime(month.year, month.month, LAST_DAY, planning.charging_hours()[0], tzinfo=SOFIA).astimezone(UTC)
    said = [run.bill(database, at)]
    _send_now(database, at)
    if not _have_ended(database, month):
        return [*said, "Charges still wait to be sent: see that the gateway runs (`make run`)."]
    later = at + timedelta(minutes=10)
    said.append(run.bill(database, later))
    _send_now(database, later)
    return [*said, _told(database, month)]


def _is_alone(session: Session) -> bool:
    return session.scalars(select(School.institution_code)).all() == [words.INSTITUTION_CODE]


def _enter(session: Session, code: str, month: date, now: datetime) -> None:
    ids = read_ids(session)
    assert ids is not None
    student = session.scalar(
        select(StudentCode.student_id).where(StudentCode.code == code, StudentCode.revoked_at.is_(None))
    )
    if student is None:
        raise InputError("There is no child with this ID-code: see `eschool demo --json`.")
    at = max(datetime(month.year, month.month, 15, 12, tzinfo=SOFIA).astimezone(UTC), now)
    if month_at(at) != month:
        raise InputError("Nothing can be entered for a month that is over: give a later one.")
    subject, teacher = session.execute(
        select(Grade.subject_id, Grade.staff_id).where(Grade.subject_id.is_not(None)).limit(1)
    ).one()
    session.execute(
        insert(Grade).values(
            school_id=ids.school,
            student_id=student,
            subject_id=subject,
            staff_id=teacher,
            school_year_id=ids.year,
            term=1,
            kind=GradeKind.CURRENT,
            scale=GradeScale.NUMERIC,
            value=6,
            on_date=min(at.astimezone(SOFIA).date(), last_day(month)),
            recorded_at=at,
        )
    )


def _send_now(database: Database, at: datetime) -> None:
    """What billing wrote at its own time leaves at the world's."""
    now = datetime.now(UTC)
    with database.session() as session:
        session.execute(
            update(Message)
            .where(Message.created_at == at, Message.state == MessageState.READY)
            .values(
                created_at=now,
                due_at=now,
                expires_at=now + timedelta(hours=20),
                from_hour=ALWAYS[0],
                until_hour=ALWAYS[1],
            )
        )
        for channel in (Channel.SMS, Channel.EMAIL):
            wake.notify(session, channel)


def _have_ended(database: Database, month: date) -> bool:
    waiting = (
        select(func.count())
        .select_from(Charge)
        .join(Message, Message.id == Charge.message_id)
        .where(
            Charge.made_in == month,
            Message.state.in_((MessageState.READY, MessageState.CLAIMED, MessageState.SENT)),
        )
    )
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        with database.reading() as session:
            if not session.scalar(waiting):
                return True
        time.sleep(0.2)
    return False


def _told(database: Database, month: date) -> str:
    with database.reading() as session:
        found = Counter(session.scalars(select(Charge.state).where(Charge.made_in == month)))
    counted = ", ".join(f"{count} {state}" for state, count in sorted(found.items())) or "none"
    return f"Months dealt with in {month:%Y-%m}: {counted}."
