"""Graduates and leavers are taken leave of after their last day, once, and nobody else is."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from db.kinds import Channel, GradeKind, GradeScale, SubscriptionStatus
from db.models import Grade, Message, Rollover, SchoolClass, Student, Subscription, TeachingAssignment
from db.session import Database
from school import rollover
from school.digests import farewell
from school.rollover import Wishes
from school.students import student_code
from tests.school.students.small_schools import FATHER, MOTHER, SmallSchool, small_school

JULY = datetime(2026, 7, 3, 9, 0, tzinfo=UTC)
ON_THE_LAST_DAY = datetime(2026, 9, 14, 9, 0, tzinfo=UTC)
AFTER = datetime(2026, 9, 15, 9, 0, tzinfo=UTC)
EMAIL = "maika@example.org"


class Graduated:
    """Петър of 7а graduates; he is followed by a telephone and by an e-mail address, Мария of 8а by a telephone."""

    def __init__(self, here: SmallSchool) -> None:
        self.here, self.session = here, here.session
        seventh = here.session.scalars(
            select(SchoolClass.id).where(SchoolClass.school_id == here.id, SchoolClass.level == 7)
        ).one()
        here.session.execute(
            insert(TeachingAssignment).values(
                school_id=here.id, class_id=seventh, subject_id=here.maths, staff_id=here.teacher
            )
        )
        self.student = here.add_student("Петър", seventh)
        here.session.execute(
            insert(Grade).values(
                school_id=here.id, student_id=self.student, subject_id=here.maths, staff_id=here.teacher,
                school_year_id=here.year, term=2, kind=GradeKind.ANNUAL, scale=GradeScale.NUMERIC, value=Decimal(5),
                on_date=date(2026, 6, 15), recorded_at=JULY,
            )
        )  # fmt: skip
        self.follows = [
            here.follower(MOTHER, self.student)[1],
            here.follower(None, self.student, email=EMAIL)[1],
        ]
        self.other = here.follower(FATHER)[1]
        rollover.carry_out(here.session, here.id, Wishes(2026), by=here.leader, now=JULY)
        self.rollover = here.session.scalars(select(Rollover.id).where(Rollover.school_id == here.id)).one()

    def texts(self, channel: Channel) -> list[str]:
        return list(self.session.scalars(select(Message.text).where(Message.channel == channel).order_by(Message.id)))


@pytest.fixture
def graduated(here: SmallSchool) -> Graduated:
    return Graduated(here)


def status(session: Session, subscription_id: int) -> SubscriptionStatus:
    session.expire_all()
    return session.get_one(Subscription, subscription_id).status


class TestFarewell:
    def test_the_code_opens_nothing_and_nobody_follows_any_more(self, graduated: Graduated) -> None:
        assert student_code.in_force(graduated.session, graduated.student) is not None
        assert farewell.of_rollover(graduated.session, graduated.rollover, AFTER) == 1
        assert student_code.in_force(graduated.session, graduated.student) is None
        assert {status(graduated.session, one) for one in graduated.follows} == {SubscriptionStatus.STOPPED}
        row = graduated.session.get_one(Student, graduated.student)
        assert (row.class_id, row.left_on) == (None, date(2026, 9, 14))
        (audited,) = graduated.here.audited("student.left")
        assert audited.details["graduated"] is True

    def test_after_which_levels_students_graduate_is_the_schools(self, here: SmallSchool) -> None:
        seventh = select(SchoolClass.id).where(SchoolClass.school_id == here.id, SchoolClass.level == 7)
        leaver = here.add_student("Яна", here.session.scalars(seventh).one())
        wishes = Wishes(2026, finishing=frozenset({8}), leavers=frozenset({leaver}))
        rollover.carry_out(here.session, here.id, wishes, by=here.leader, now=JULY)
        farewell.of_rollover(here.session, here.session.scalars(select(Rollover.id)).one(), AFTER)
        graduated = {one.entity_id: one.details["graduated"] for one in here.audited("student.left")}
        assert graduated == {here.student: True, here.classmate: True, leaver: False}

    def test_they_are_told_and_readers_get_the_years_results(self, graduated: Graduated) -> None:
        farewell.of_rollover(graduated.session, graduated.rollover, AFTER)
        (sms,) = graduated.texts(Channel.SMS)
        assert "Петър вече не е ученик" in sms
        letters = graduated.texts(Channel.EMAIL)
        assert any("вече не е ученик" in one for one in letters)
        (last,) = (one for one in letters if "Последна сводка: Петър" in one)
        assert "Математика: Отличен (5)" not in last
        assert "Математика: Мн. добър (5)" in last
        assert "7а" in last

    def test_who_stays_is_left_alone(self, graduated: Graduated) -> None:
        farewell.of_rollover(graduated.session, graduated.rollover, AFTER)
        assert status(graduated.session, graduated.other) is SubscriptionStatus.ACTIVE
        assert student_code.in_force(graduated.session, graduated.here.student) is not None

    def test_a_second_time_does_nothing(self, graduated: Graduated) -> None:
        farewell.of_rollover(graduated.session, graduated.rollover, AFTER)
        before = graduated.texts(Channel.SMS) + graduated.texts(Channel.EMAIL)
        assert farewell.of_rollover(graduated.session, graduated.rollover, AFTER) == 0
        assert graduated.texts(Channel.SMS) + graduated.texts(Channel.EMAIL) == before

    def test_undoing_afterwards_brings_back_who_was_promoted_only(self, graduated: Graduated) -> None:
        farewell.of_rollover(graduated.session, graduated.rollover, AFTER)
        rollover.undo(graduated.session, graduated.here.id, by=graduated.here.leader, now=AFTER)
        graduated.session.expire_all()
        assert graduated.session.get_one(Student, graduated.here.student).class_id == graduated.here.own
        assert graduated.session.get_one(Student, graduated.student).class_id is None


def test_the_job_waits_until_the_last_day_is_over(database: Database) -> None:
    with database.session() as session:
        graduated = Graduated(small_school(session, "1690180"))
        student = graduated.student
    assert farewell.take_leave(database, ON_THE_LAST_DAY) == "Took leave of 0 students."
    assert farewell.take_leave(database, AFTER) == "Took leave of 1 students."
    assert farewell.take_leave(database, AFTER) == "Took leave of 0 students."
    with database.reading() as session:
        assert session.get_one(Student, student).class_id is None
