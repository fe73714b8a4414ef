"""No two enrolments of a student share a day, whoever writes; a day has the class that was last said of it."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.kinds import EnrolmentReason
from db.models import Enrolment, Student
from db.session import Database
from school import enrolments
from school.enrolments import Placement
from tests.school.students.small_schools import SmallSchool, small_school

START = date(2025, 9, 15)
DAY = timedelta(days=1)


def stays(session: Session, student_id: int) -> list[tuple[int, date, date | None]]:
    rows = session.execute(
        select(Enrolment.class_id, Enrolment.starts_on, Enrolment.ends_on)
        .where(Enrolment.student_id == student_id)
        .order_by(Enrolment.starts_on)
    )
    return [(row.class_id, row.starts_on, row.ends_on) for row in rows]


def class_on(session: Session, student_id: int, day: date) -> int | None:
    return session.scalars(
        select(Enrolment.class_id).where(Enrolment.student_id == student_id, enrolments.covers(day))
    ).one_or_none()


def to(here: SmallSchool, class_id: int, since: date, number: int | None = None) -> None:
    placement = Placement(here.student, class_id, number, since, EnrolmentReason.MOVED)
    enrolments.place(here.session, here.id, [placement])


class TestPlacing:
    def test_a_move_ends_the_class_before_on_the_day_before(self, here: SmallSchool) -> None:
        to(here, here.other, date(2025, 11, 3))
        assert stays(here.session, here.student) == [
            (here.own, START, date(2025, 11, 2)),
            (here.other, date(2025, 11, 3), None),
        ]
        row = here.session.get_one(Student, here.student)
        assert (row.class_id, row.number_in_class) == (here.other, None)

    def test_two_moves_on_one_day_leave_no_trace_of_the_first(self, here: SmallSchool) -> None:
        to(here, here.other, date(2025, 11, 3))
        to(here, here.own, date(2025, 11, 3), number=7)
        assert stays(here.session, here.student) == [(here.own, START, None)]
        assert here.session.get_one(Student, here.student).number_in_class == 7

    def test_who_leaves_and_returns_the_same_day_never_left(self, here: SmallSchool) -> None:
        enrolments.end(here.session, here.id, [here.student], date(2025, 11, 3))
        assert here.session.get_one(Student, here.student).left_on == date(2025, 11, 3)
        to(here, here.own, date(2025, 11, 3))
        assert stays(here.session, here.student) == [(here.own, START, None)]
        assert here.session.get_one(Student, here.student).left_on is None

    def test_who_leaves_before_a_class_begins_never_was_in_it(self, here: SmallSchool) -> None:
        to(here, here.other, date(2025, 11, 3))
        enrolments.end(here.session, here.id, [here.student], date(2025, 10, 1))
        assert stays(here.session, here.student) == [(here.own, START, date(2025, 10, 1))]

    def test_a_number_of_the_past_stays(self, here: SmallSchool) -> None:
        to(here, here.other, date(2025, 11, 3), number=12)
        numbers = here.session.execute(
            select(Enrolment.number_in_class).where(Enrolment.student_id == here.student).order_by(Enrolment.starts_on)
        )
        assert [number for (number,) in numbers] == [1, 12]

    def test_another_schools_student_is_left_alone(self, here: SmallSchool, elsewhere: SmallSchool) -> None:
        before = stays(here.session, elsewhere.student)
        enrolments.end(here.session, here.id, [elsewhere.student], date(2025, 10, 1))
        assert stays(here.session, elsewhere.student) == before
        assert here.session.get_one(Student, elsewhere.student).class_id == elsewhere.own


class TestDatabase:
    @pytest.mark.parametrize(
        ("first", "last"),
        [(date(2025, 9, 1), date(2025, 9, 15)), (date(2026, 1, 1), None), (date(2025, 9, 15), date(2025, 9, 15))],
    )
    def test_an_overlap_is_refused(self, here: SmallSchool, first: date, last: date | None) -> None:
        row = {
            "school_id": here.id, "student_id": here.student, "class_id": here.other,
            "starts_on": first, "ends_on": last, "reason": EnrolmentReason.MOVED,
        }  # fmt: skip
        with pytest.raises(IntegrityError):
            here.session.execute(insert(Enrolment).values(row))

    def test_an_enrolment_cannot_be_made_longer_into_the_next(self, here: SmallSchool) -> None:
        to(here, here.other, date(2025, 11, 3))
        own = Enrolment.student_id == here.student, Enrolment.class_id == here.own
        with pytest.raises(IntegrityError):
            here.session.execute(update(Enrolment).where(*own).values(ends_on=date(2025, 11, 3)))

    def test_two_students_may_share_a_day(self, here: SmallSchool) -> None:
        assert class_on(here.session, here.student, START) == class_on(here.session, here.classmate, START) == here.own


@pytest.fixture(scope="module")
def school(untouched_database: Database) -> Iterator[SmallSchool]:
    with untouched_database.session() as session:
        yield small_school(session, "1690180")
        session.rollback()


days = st.integers(0, 300).map(lambda days: START + days * DAY)
steps = st.lists(st.tuples(st.sampled_from(["own", "other", "leaves"]), days), max_size=12)


@given(steps)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_day_has_the_class_that_was_last_said_of_it(school: SmallSchool, given_steps: list[tuple[str, date]]) -> None:
    """Against a plain dictionary of days; the open enrolment is the present class, and no two share a day."""
    session, student = school.session, school.student
    enrolments.end(session, school.id, [student], START - DAY)
    assert stays(session, student) == []
    expected: dict[date, int | None] = {}
    horizon = [START + number * DAY for number in range(320)]
    for what, day in given_steps:
        if what == "leaves":
            enrolments.end(session, school.id, [student], day)
            expected |= {one: None for one in horizon if one > day}
        else:
            class_id = school.own if what == "own" else school.other
            to(school, class_id, day)
            expected |= {one: class_id for one in horizon if one >= day}
    found = stays(session, student)
    assert all(last is not None and last < first for (_, _, last), (_, first, _) in pairwise(found))
    for day in horizon:
        standing = [id_ for id_, first, last in found if first <= day and (last is None or last >= day)]
        assert standing == [expected[day]] if expected.get(day) else standing == []
    session.expire_all()
    assert session.get_one(Student, student).class_id == next((id_ for id_, _, last in found if last is None), None)
