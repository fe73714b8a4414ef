"""Notices at the same moment as what teachers do: the absence is excused either way, and nobody is turned away.

PostgreSQL's row locks are what is tried here; SQLite has one writer.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from db.kinds import AbsenceKind, AbsenceReason, Channel, NoticeState
from db.models import Absence, AbsenceNotice
from db.session import Database
from errors import MissingError
from school.attendance import decisions, notices
from school.attendance.given import Wish
from school.classbook import correcting, excuses, recording, writing
from school.subscriptions import subscribers
from tests.school.conftest import NOW
from tests.school.outbox.school_days import SchoolDay
from tests.school.people import known

TODAY = NOW.date()
LESSON = 8
Work = Callable[[Session], object]


@pytest.fixture
def day(demonstration: Database) -> SchoolDay:
    """An ordinary day at school."""
    return SchoolDay(demonstration)


def notice(day: SchoolDay) -> Work:
    wish = Wish(TODAY, TODAY, AbsenceReason.HEALTH, "")
    return lambda session: notices.give(session, day.subscription_id, Channel.SMS, wish, day.now)


def absence(day: SchoolDay) -> Work:
    return lambda session: recording.record_absence(
        session,
        by=day.teacher,
        student_id=day.student_id,
        subject_id=day.maths,
        kind=AbsenceKind.UNEXCUSED,
        on=TODAY,
        lesson=LESSON,
        now=day.now,
    )


def missed_after_all(day: SchoolDay) -> Work:
    """Who was late did not come at all."""
    ref = day.absence(kind=AbsenceKind.LATE, lesson=LESSON)
    return lambda session: correcting.correct_absence(
        session, by=day.teacher, absence_id=ref.id, kind=AbsenceKind.UNEXCUSED, now=day.now
    )


def decided(day: SchoolDay) -> Work:
    """A notice without a reason is accepted."""
    nameless = Wish(TODAY, TODAY, None, "")
    with day.database.session() as session:
        notices.give(session, day.subscription_id, Channel.SMS, nameless, day.now)
        notice_id = session.scalars(select(AbsenceNotice.id)).one()
    return lambda session: decisions.accept(session, notice_id, by=day.class_teacher, now=day.now)


def texted(day: SchoolDay) -> Work:
    """A parent's text, as the gateway handles it."""
    phone = known(day.database).phone

    def handled(session: Session) -> None:
        subscribers.find(session, phone)
        notice(day)(session)

    return handled


def nothing(_session: Session) -> None:
    """Only commits."""


def at_once(database: Database, first: Work, second: Work, then: Work = nothing) -> None:
    """The second begins once the first is done and not committed; when it waits for it or is done too, `then` follows.

    Raises what the second raises.
    """
    begun = Event()

    def meanwhile() -> None:
        with database.session() as session:
            begun.set()
            second(session)

    with ThreadPoolExecutor(1) as beside:
        with database.session() as session:
            first(session)
            done = beside.submit(meanwhile)
            assert begun.wait(30)
            until_it_waits_for(session, done)
            then(session)
        done.result(30)


def until_it_waits_for(session: Session, done: Future[None]) -> None:
    """Until somebody waits for a lock of this session, or the work is done; SQLite lets nobody begin anyway."""
    if session.get_bind().dialect.name == "sqlite":
        return
    waits = text(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
    )
    deadline = time.monotonic() + 30
    while not (done.done() or session.scalar(waits)):
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.parametrize("recorded", [absence, missed_after_all])
@pytest.mark.parametrize("notice_first", [True, False])
def test_the_absence_is_excused(day: SchoolDay, recorded: Callable[[SchoolDay], Work], notice_first: bool) -> None:
    works = notice(day), recorded(day)
    at_once(day.database, *(works if notice_first else works[::-1]))
    with day.database.reading() as session:
        kind = session.scalars(
            select(Absence.kind).where(
                Absence.student_id == day.student_id, Absence.on_date == TODAY, Absence.lesson == LESSON
            )
        ).one()
    assert kind is AbsenceKind.EXCUSED


def test_a_notice_that_is_decided_while_its_parent_gives_the_reason(day: SchoolDay) -> None:
    """Both take the student first, so that neither waits for the other's notice."""
    accept = decided(day)
    with pytest.raises(MissingError, match="decided already"):
        at_once(day.database, lambda session: excuses.lock(session, day.student_id), accept, then=notice(day))
    with day.database.reading() as session:
        states = session.scalars(select(AbsenceNotice.state).order_by(AbsenceNotice.id)).all()
    assert states == [NoticeState.REPLACED, NoticeState.COUNTED]


def test_a_text_while_a_teacher_saves(day: SchoolDay) -> None:
    """The save holds the student and tells the parent; the text holds the parent and wants the student."""
    at_once(
        day.database,
        lambda session: writing.wait_for_notes(session, [day.student_id]),
        texted(day),
        then=absence(day),
    )
    with day.database.reading() as session:
        kinds = session.scalars(
            select(Absence.kind).where(Absence.student_id == day.student_id, Absence.lesson == LESSON)
        ).all()
    assert kinds == [AbsenceKind.EXCUSED]
