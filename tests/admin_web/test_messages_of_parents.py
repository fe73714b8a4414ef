"""The class teacher's page of what parents said by telephone."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from db.models import Student, Subscription, VoiceMessage
from db.session import Database
from prompts.sound import wav
from school.privacy import erasure, expiry
from school.setup.telling import change_telling
from school.voicemail import keeping
from tests.admin_web.conftest import ADMINISTRATOR, CLASS_TEACHER_OF_8A, MATHS, Browser
from tests.admin_web.test_own_class import of_8a
from tests.school.conftest import NOW

SignedIn = Callable[[str], Browser]
SOUND = wav(b"\x10\x20" * 8000, 8000)


def leave(database: Database) -> tuple[int, int, int]:
    """A message of a follower of a student of 8а; gives its id, the subscription and the student."""
    with database.session() as session:
        row = session.execute(
            select(Subscription.id, Subscription.student_id)
            .where(Subscription.student_id.in_(of_8a(database)), Subscription.status == "active")
            .order_by(Subscription.id)
        ).first()
        assert row
        assert keeping.keep(session, row.id, row.student_id, SOUND, 1000, "https://school.example", NOW) is None
        return session.scalars(select(VoiceMessage.id)).one(), row.id, row.student_id


def test_the_class_teacher_hears_it_and_marks_it_answered(signed_in: SignedIn, demonstration: Database) -> None:
    message, subscription, student = leave(demonstration)
    teacher = signed_in(CLASS_TEACHER_OF_8A)
    assert "Съобщения от родители" in teacher.get("/class/")
    page = teacher.get("/class/messages")
    assert "<b>не</b>" in page
    assert "<td>+359 88* *** *56</td>" in page
    heard = teacher.answer("GET", f"/class/messages/{message}.wav")
    assert (heard.status_code, heard.content_type, heard.data) == (200, "audio/wav", SOUND)
    assert "<b>не</b>" not in teacher.get("/class/messages")
    teacher.post(f"/class/messages/{message}/answered")
    with demonstration.reading() as session:
        last = keeping.desk(session, subscription, student, NOW).last
    assert last == keeping.Last(NOW, is_heard=True, is_answered=True)


def test_nobody_else_hears_it(signed_in: SignedIn, demonstration: Database) -> None:
    message, _, _ = leave(demonstration)
    for login in (ADMINISTRATOR, MATHS):
        other = signed_in(login)
        assert f"{message}.wav" not in other.answer("GET", "/class/messages").text
        assert other.answer("GET", f"/class/messages/{message}.wav").status_code in (403, 404)
    with demonstration.reading() as session:
        assert session.scalars(select(VoiceMessage.heard_at)).one() is None


def test_five_a_day_and_only_where_the_school_takes_any(demonstration: Database) -> None:
    _, subscription, student = leave(demonstration)
    with demonstration.session() as session:
        for _ in range(keeping.MOST_A_DAY - 1):
            assert keeping.keep(session, subscription, student, SOUND, 1000, "", NOW) is None
        assert keeping.keep(session, subscription, student, SOUND, 1000, "", NOW) is keeping.Refusal.TOO_MANY
        later = NOW + timedelta(days=2)
        assert keeping.desk(session, subscription, student, later).refusal is None
        school_id = session.scalars(select(Student.school_id).where(Student.id == student)).one()
        change_telling(session, school_id, NOW, voice_message_days=0)
        assert keeping.desk(session, subscription, student, later).refusal is keeping.Refusal.OFF


def test_it_goes_after_the_schools_time_and_with_the_student(demonstration: Database) -> None:
    _, _, student = leave(demonstration)
    expiry.tidy(demonstration, NOW + timedelta(days=29))
    with demonstration.session() as session:
        assert len(session.scalars(select(VoiceMessage.id)).all()) == 1
        school_id = session.scalars(select(Student.school_id).where(Student.id == student)).one()
        erasure.erase_students(session, school_id, [student], NOW)
        assert session.scalars(select(VoiceMessage.id)).all() == []
    leave(demonstration)
    expiry.tidy(demonstration, NOW + timedelta(days=31))
    with demonstration.reading() as session:
        assert session.scalars(select(VoiceMessage.id)).all() == []
