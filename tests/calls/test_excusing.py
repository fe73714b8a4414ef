"""A parent excuses days by keys and hears what became of it; and whether the child is at school, from a real call."""

from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from db.kinds import LAST_LESSON, AbsenceKind, NoticeState, Obstacle
from db.models import Absence, AbsenceNotice, ExcuseNote, School, SchoolClass, Student, TeachingAssignment
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
            caller.press("2")
            for asked, keys in (
                ("absences-to-excuse", "1"),
                ("excuse-days", "3"),
                ("excuse-day", f"{ahead:%d%m}"),
                ("excuse-ground", "2"),
                ("excuse-confirm", "1"),
            ):
                caller.hears(asked, whole=False)
                caller.press(keys)
            caller.hears("excuse-counted")
            caller.hears("excuse-left", whole=False)
            caller.press(f"213{over:%d%m}21")  # the same again, of a day that is over
            caller.hears("excuse-late")
            caller.hears("excuse-waits", whole=False)
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
        enter_a_lesson(session, child)
    with product.voice_server(), product.telephone(follower.phone) as telephone:
        caller = Caller(telephone)
        telephone.dial(product.settings.inbound_number)
        caller.press("#")
        caller.hears("menu-day", whole=False)
        telephone.hang_up()
        heard = telephone.texts()
    told = heard[heard.index(PHRASES["day-today"]) + 1 : heard.index(PHRASES["menu-day"])]
    assert told[told.index(PHRASES[f"lesson-{LAST_LESSON}"]) + 1] == PHRASES["day-present"]
    assert PHRASES["day-nothing"] not in heard


def enter_a_lesson(session: Session, child: Child) -> None:
    """Today's last lesson that there can be: a classmate was late for it, and this child was not."""
    student = session.get_one(Student, child.student_id)
    classmate = session.scalars(
        select(Student.id).where(Student.class_id == student.class_id, Student.id != student.id).order_by(Student.id)
    ).first()
    taught = session.scalars(select(TeachingAssignment).where(TeachingAssignment.class_id == student.class_id)).first()
    assert classmate is not None
    assert taught is not None
    now = datetime.now(SOFIA)
    session.execute(
        insert(Absence).values(
            school_id=child.school_id,
            student_id=classmate,
            subject_id=taught.subject_id,
            staff_id=taught.staff_id,
            school_year_id=calendar.locate(session, child.school_id, now.date()).school_year_id,
            kind=AbsenceKind.LATE,
            on_date=now.date(),
            lesson=LAST_LESSON,
            recorded_at=now,
        )
    )
