"""The class teacher's page of parents' notices: what waits, with the limits; decided, and told to the parent."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from db.kinds import AbsenceReason, Channel, ExcuseKind, NoticeState
from db.models import AbsenceNotice, Message, SchoolClass, Student
from db.session import Database
from school.attendance import notices, warnings
from school.attendance.given import Wish
from school.classbook import excuses
from school.wording.service import Numbers
from tests.admin_web.conftest import ADMINISTRATOR, CLASS_TEACHER_OF_8A, MATHS, Browser
from tests.school.conftest import NOW
from tests.school.outbox.school_days import SchoolDay
from tests.school.people import child

SignedIn = Callable[[str], Browser]
YESTERDAY = NOW.date() - timedelta(days=1)


def class_of(database: Database, level: int = 8) -> int:
    with database.reading() as session:
        return session.scalars(select(SchoolClass.id).where(SchoolClass.level == level)).one()


def follower_in_8a(database: Database) -> int:
    """The subscription of a parent of the class."""
    found = child(database)
    with database.reading() as session:
        assert session.get_one(Student, found.student_id).class_id == class_of(database)
    return found.subscription_id


def late(database: Database, words: str = "Температура <b>39</b>") -> int:
    with database.session() as session:
        wish = Wish(YESTERDAY, YESTERDAY, AbsenceReason.HEALTH, words)
        notices.give(session, follower_in_8a(database), Channel.SMS, wish, NOW)
        return session.scalars(select(AbsenceNotice.id)).one()


def state(database: Database) -> NoticeState:
    with database.reading() as session:
        return session.scalars(select(AbsenceNotice.state)).one()


def test_what_waits_is_shown_with_reason_limits_and_only_reasons_that_hold(
    signed_in: SignedIn, demonstration: Database
) -> None:
    late(demonstration)
    teacher = signed_in(CLASS_TEACHER_OF_8A)
    assert "(1)" in teacher.get("/class/")
    page = teacher.get(f"/class/{class_of(demonstration)}/excuses")
    assert "Температура &lt;b&gt;39&lt;/b&gt;" in page
    assert "до 15 учебни дни в годината, най-много 5 наведнъж" in page
    assert "Остават 15 от 15 дни." in page
    assert re.findall(r'name="decision" value="(\w+)"', page) == ["accept", "late"]
    assert "+359888123456" not in page


def test_accepting_excuses_and_tells_the_parent(signed_in: SignedIn, demonstration: Database) -> None:
    notice = late(demonstration)
    teacher = signed_in(CLASS_TEACHER_OF_8A)
    address = f"/class/{class_of(demonstration)}/excuses"
    teacher.get(address)
    teacher.post(f"/class/excuses/{notice}", decision="accept")
    page = teacher.get(address)
    assert "Прието е. Родителят научава." in page
    assert "Нищо не чака." in page
    assert state(demonstration) is NoticeState.ACCEPTED
    with demonstration.reading() as session:
        texts = session.scalars(select(Message.text)).all()
    assert any("прие извинението" in text for text in texts)


def test_refusing_tells_why_and_a_reason_that_does_not_hold_is_none(
    signed_in: SignedIn, demonstration: Database
) -> None:
    notice = late(demonstration)
    teacher = signed_in(CLASS_TEACHER_OF_8A)
    address = f"/class/{class_of(demonstration)}/excuses"
    teacher.get(address)
    teacher.post(f"/class/excuses/{notice}", decision="a_year")
    assert "Известие се отказва само заради лимита" in teacher.get(address)
    teacher.post(f"/class/excuses/{notice}", decision="nonsense")
    assert state(demonstration) is NoticeState.WAITING
    teacher.post(f"/class/excuses/{notice}", decision="late")
    assert "отказано: след първия ден" in teacher.get(address)
    with demonstration.reading() as session:
        texts = session.scalars(select(Message.text)).all()
    assert any("не е прието. Известието е след първия ден" in text for text in texts)
    teacher.post(f"/class/excuses/{notice}", decision="accept")
    assert "Това известие вече е решено." in teacher.get(address)


@pytest.mark.parametrize("decision", ["accept", "late"])
def test_what_another_note_excused_meanwhile_is_said(
    signed_in: SignedIn, demonstration: Database, decision: str
) -> None:
    notice = late(demonstration)
    day = SchoolDay(demonstration)
    with demonstration.session() as session:
        excuses.excuse(
            session,
            by=day.class_teacher,
            student_id=day.student_id,
            kind=ExcuseKind.MEDICAL,
            starts_on=YESTERDAY,
            ends_on=YESTERDAY,
            now=NOW,
        )
    teacher = signed_in(CLASS_TEACHER_OF_8A)
    address = f"/class/{class_of(demonstration)}/excuses"
    teacher.get(address)
    teacher.post(f"/class/excuses/{notice}", decision=decision)
    page = teacher.get(address)
    assert "Тези дни вече са извинени с друга бележка." in page
    assert "Нищо не чака." in page


def test_others_see_and_decide_nothing(signed_in: SignedIn, demonstration: Database) -> None:
    notice = late(demonstration)
    own = f"/class/{class_of(demonstration)}/excuses"
    maths = signed_in(MATHS)
    maths.get("/profile")
    maths.get(own, status=403)
    maths.post(f"/class/excuses/{notice}", decision="accept", status=403)
    teacher = signed_in(CLASS_TEACHER_OF_8A)
    teacher.get(f"/class/{class_of(demonstration, 11)}/excuses", status=403)
    teacher.get("/class/999999/excuses", status=404)
    teacher.post("/class/excuses/999999", decision="accept", status=404)
    assert state(demonstration) is NoticeState.WAITING
    assert "Чакат решение" in signed_in(ADMINISTRATOR).get(own)


def test_who_was_told_of_the_unexcused_hours_is_shown(signed_in: SignedIn, demonstration: Database) -> None:
    day = SchoolDay(demonstration)
    for lesson in (7, 8, 9):
        day.absence(lesson=lesson)
    teacher = signed_in(CLASS_TEACHER_OF_8A)
    address = f"/class/{class_of(demonstration)}/excuses"
    assert "Още не са предупредени." in teacher.get(address)
    warnings.warn(demonstration, NOW, Numbers(), counts_lateness=True)
    page = teacher.get(address)
    assert "Предупредени на" in page
    assert "(SMS, чака)" in page
    assert "през месеца:" in teacher.get("/class/")
