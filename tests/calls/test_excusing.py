"""A parent excuses days by keys and hears what became of it; and whether the child is at school, from a real call."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from db.kinds import NoticeState, Obstacle
from db.models import AbsenceNotice, ExcuseNote, School, SchoolClass, Student, Subscription
from prompts.catalogue import PHRASES
from prompts.speech import day as spoken_day
from runtime.localtime import SOFIA
from school.attendance import decisions
from school.classbook import excuses
from school.hearing.access import Child, recognise
from school.years import calendar
from tests.calls.product import Follower, Product
from tests.calls.scenarios import Caller

pytestmark = pytest.mark.calls


def school_day(product: Product, child: Child, after: date, step: int) -> date:
    """The next day with school after this one, or (step -1) the last before it."""
    with product.database_session() as session:
        year = calendar.locate(session, child.school_id, after).school_year_id
        level = int("".join(one for one in child.class_name if one.isdigit()))
        for number in range(1, 40):
            on = after + step * timedelta(days=number)
            if excuses.school_days(session, child.school_id, year, level, on, on):
                return on
    raise AssertionError("there is no school day near")


def child_of(product: Product, follower: Follower) -> Child:
    with product.database_session() as session:
        return recognise(session, follower.phone)[0]


def test_a_parent_excuses_a_day_ahead_and_hears_the_decision_about_one_that_is_over(
    product_without_server: Product,
) -> None:
    product = product_without_server
    follower = product.parents_of_one[-7]
    child, today = child_of(product, follower), datetime.now(SOFIA).date()
    ahead, over = (school_day(product, child, today, step) for step in (1, -1))
    with product.voice_server():
        with product.telephone(follower.phone) as telephone:
            caller = Caller(telephone)
            telephone.dial(product.settings.inbound_number)
            caller.hears("menu-grades", whole=False)
            caller.press("2")
            caller.hears("absences-to-excuse", whole=False)
            for on, ends in ((ahead, "excuse-counted"), (over, "excuse-waits")):
                caller.press("1")
                caller.hears("excuse-days", whole=False)
                caller.press("3")
                telephone.wait_for_count(PHRASES["excuse-day"], 1 if on == ahead else 2)
                caller.press(f"{on:%d%m}")
                telephone.wait_for_count(PHRASES["excuse-ground"], 1 if on == ahead else 2)
                caller.press("2")
                telephone.wait_for_count(PHRASES["excuse-confirm"], 1 if on == ahead else 2)
                caller.press("1")
                caller.hears(ends)
                if on == ahead:
                    telephone.wait_for_count(PHRASES["menu-grades"], 2)
                    caller.press("2")
                    telephone.wait_for_count(PHRASES["absences-to-excuse"], 2)
            telephone.hang_up()
            heard = telephone.texts()
        for piece in spoken_day(ahead, today):
            assert piece in heard
        assert PHRASES["excuse-left"] in heard
        assert PHRASES["excuse-late"] in heard
        with product.database_session() as session:
            rows = session.scalars(
                select(AbsenceNotice).where(AbsenceNotice.student_id == child.student_id).order_by(AbsenceNotice.id)
            ).all()
            assert [(row.starts_on, row.state) for row in rows] == [
                (ahead, NoticeState.COUNTED),
                (over, NoticeState.WAITING),
            ]
            noted = session.scalars(select(ExcuseNote).where(ExcuseNote.id == rows[0].excuse_note_id)).one()
            assert (noted.starts_on, noted.staff_id) == (ahead, None)
            teacher = session.scalars(
                select(SchoolClass.class_teacher_id)
                .join(Student, Student.class_id == SchoolClass.id)
                .where(Student.id == child.student_id)
            ).one()
            assert teacher
            now = datetime.now(SOFIA)
            decisions.refuse(session, rows[1].id, Obstacle.LATE, by=teacher, now=now)
        with product.telephone(follower.phone) as telephone:
            caller = Caller(telephone)
            telephone.dial(product.settings.inbound_number)
            caller.hears("menu-grades", whole=False)
            caller.press("2")
            caller.hears("notice-late")
            caller.hears("notice-counted")
            telephone.hang_up()
            heard = telephone.texts()
        assert PHRASES["notice-refused"] in heard
        assert PHRASES["notice-counted"] in heard


def test_whether_the_child_is_at_school_is_told_of_lessons_that_were_entered(product_without_server: Product) -> None:
    product = product_without_server
    follower = product.parents_of_one[-8]
    child = child_of(product, follower)
    with product.database_session() as session:
        session.execute(update(School).where(School.id == child.school_id).values(today_from_hour=0))
        assert session.scalars(select(Subscription.id).where(Subscription.id == child.subscription_id)).one()
    with product.voice_server(), product.telephone(follower.phone) as telephone:
        caller = Caller(telephone)
        telephone.dial(product.settings.inbound_number)
        caller.hears("menu-day", whole=False)
        caller.press("#")
        telephone.wait_for_count(PHRASES["menu-repeat"], 1, 60)
        telephone.hang_up()
        heard = telephone.texts()
    from school.attendance import today as days

    with product.database_session() as session:
        known = days.read(session, child.school_id, child.student_id, datetime.now(SOFIA))
    said_present = PHRASES["day-present"] in heard
    assert said_present == any(one.was_entered and one.absence is None for one in known.stretches)
    assert (PHRASES["day-nothing"] in heard) == (not known.knows_anything)
