"""A parent's notice and a teacher's absence of the same day at the same moment: the absence is excused either way."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import AbsenceKind, AbsenceReason, Channel
from db.models import Absence
from db.session import Database
from school.attendance import notices
from school.attendance.given import Wish
from school.classbook import correcting, recording
from tests.school.conftest import NOW
from tests.school.outbox.school_days import SchoolDay

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


def at_once(database: Database, first: Work, second: Work) -> None:
    """The second begins while the first has written everything and not committed."""

    def whole() -> None:
        with database.session() as session:
            second(session)

    with ThreadPoolExecutor(1) as beside:
        with database.session() as session:
            first(session)
            done = beside.submit(whole)
            time.sleep(0.7)  # the second has read what it reads, or waits
        done.result(30)


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
