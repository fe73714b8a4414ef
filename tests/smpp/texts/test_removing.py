"""МАХНИ: the family's first subscriber ends a stranger, and takes an address off that somebody else added."""

import pytest
from sqlalchemy import select, update

from db.kinds import Channel, SubscriptionStatus
from db.models import Message, Student, Subscriber, Subscription
from db.session import Database
from school.students import student_code
from school.students.labels import reissue
from school.subscriptions import by_email
from school.wording.service import Numbers
from smpp.texts.commands import Letters, Remove, Stop, StopAsked, Unknown
from smpp.texts.parsing import parse
from tests.school.conftest import NOW
from tests.school.people import known
from tests.smpp.texts.parent import Parent, pin_in

STRANGER = "+359877000032"


@pytest.mark.parametrize(
    "written",
    [
        "МАХНИ 32", "махни 32", "Махни 32!", "mahni 32", "MAHNI 32", "махнете 32", "премахни 32", "premahni 32",
        "REMOVE 32", "remove 32.", "Моля махни 32", "махни номер 32", "МАХНИ +359 87* *** *32", "махни32", "МАХНИ32.",
        "МАХНИ *32", "махни 3 2",
    ],
)  # fmt: skip
def test_it_is_understood_however_it_is_typed(written: str) -> None:
    assert parse(written) == Remove("32")


@pytest.mark.parametrize(
    ("written", "command"),
    [
        ("МАХНИ", Remove()),
        ("remove", Remove()),
        ("МАХНИ 05", Remove("05")),
        ("МАХНИ 0877000032", Remove("0877000032")),
        ("МАХНИ ИМЕЙЛ", Remove(letters=True)),
        ("remove email", Remove(letters=True)),
        ("mahni imeil", Remove(letters=True)),
        ("махни ме", StopAsked()),
        ("махнете ме", StopAsked()),
        ("remove me", StopAsked()),
        ("махни ме моля", StopAsked()),
        ("МАХНИ СТОП", Stop()),
        ("32", Unknown(almost_a_code=True)),
        ("ИМЕЙЛ a@example.org", Letters("a@example.org")),
    ],
)
def test_what_is_near_it(written: str, command: object) -> None:
    assert parse(written) == command


def status(database: Database, phone: str) -> SubscriptionStatus | None:
    with database.reading() as session:
        return session.scalar(select(Subscription.status).join(Subscriber).where(Subscriber.phone == phone))


class TestAStranger:
    """Somebody who saw the label follows the child."""

    def test_is_ended_by_the_answer_to_the_warning_and_waits_with_the_same_code(self, demonstration: Database) -> None:
        student = known(demonstration)
        stranger, mother = Parent(demonstration, STRANGER), Parent(demonstration, student.phone)
        assert "Следите" in (stranger.text(student.code) or "")
        assert mother.received()[-1].text.endswith("пратете МАХНИ 32.")
        assert mother.text("МАХНИ 32") == f"Готово: +359 87* *** *32 вече не следи {student.given_name} от 8а."
        assert status(demonstration, STRANGER) is SubscriptionStatus.STOPPED
        assert "прекратен" in stranger.received()[-1].text
        assert "не следите ученик" in (stranger.text("ОЦЕНКИ") or "")
        answer = stranger.text(student.code)
        assert answer == "Получихме молбата Ви. Класният ръководител ще я разгледа и ще получите ПИН."
        assert "не следите ученик" in (stranger.text("ПИН") or "")

    def test_cannot_end_the_mother(self, demonstration: Database) -> None:
        student = known(demonstration)
        stranger = Parent(demonstration, STRANGER)
        stranger.text(student.code)
        for written in (f"МАХНИ {student.phone[-2:]}", f"МАХНИ {student.phone}", "МАХНИ"):
            assert (stranger.text(written) or "").startswith("Само първият абонат")
        assert status(demonstration, student.phone) is SubscriptionStatus.ACTIVE

    def test_is_shown_with_the_number_to_who_lost_the_warning(self, demonstration: Database) -> None:
        student = known(demonstration)
        Parent(demonstration, STRANGER).text(student.code)
        answer = Parent(demonstration, student.phone).text("МАХНИ")
        assert answer is not None
        assert "+359 87* *** *32 – 32" in answer
        assert student.phone not in answer

    def test_of_the_old_code_hears_nothing_after_a_new_one(self, demonstration: Database) -> None:
        student = known(demonstration)
        stranger = Parent(demonstration, STRANGER)
        stranger.text(student.code)
        with demonstration.session() as session:
            school_id = session.scalars(select(Student.school_id).where(Student.id == student.student_id)).one()
            reissue(session, school_id, student.student_id, by=None, now=NOW)
            assert student_code.in_force(session, student.student_id) != student.code
        assert status(demonstration, STRANGER) is SubscriptionStatus.STOPPED
        assert "Няма ученик" in (stranger.text(student.code) or "")


class TestAnAddress:
    """A pupil texts ИМЕЙЛ from the mother's telephone."""

    def test_is_told_to_the_telephone_in_full_and_taken_off_by_it(self, demonstration: Database) -> None:
        student = known(demonstration)
        mother = Parent(demonstration, student.phone)
        with demonstration.session() as session:
            person = session.scalars(select(Subscriber.id).where(Subscriber.phone == student.phone)).one()
            session.execute(update(Subscriber).where(Subscriber.id == person).values(email="maika@example.org"))
            by_email._write_to(session, person, "uchenik@example.org", Numbers(), NOW)
        assert mother.received()[-1].text == (
            "Вече пишем новините от училище и на uchenik@example.org. Ако не го искате: МАХНИ ИМЕЙЛ на 1987."
        )
        assert mother.text("МАХНИ ИМЕЙЛ") == "Готово, вече няма да Ви пишем по имейл."
        assert mother.text("МАХНИ ИМЕЙЛ") == "Не Ви пишем по имейл."
        with demonstration.reading() as session:
            assert session.scalar(select(Subscriber.email).where(Subscriber.id == person)) is None
            told = session.scalars(select(Message.address).where(Message.channel == Channel.EMAIL)).all()
        assert told == ["maika@example.org", "uchenik@example.org"]

    def test_reads_that_the_telephone_stopped_or_has_another_pin(self, demonstration: Database) -> None:
        student = known(demonstration)
        with demonstration.session() as session:
            session.execute(
                update(Subscriber).where(Subscriber.phone == student.phone).values(email="maika@example.org")
            )
        mother = Parent(demonstration, student.phone)
        pin = pin_in(mother.text("ПИН") or "")
        mother.text("СТОП")
        with demonstration.reading() as session:
            of_pin, of_stop = session.scalars(
                select(Message.text).where(Message.address == "maika@example.org").order_by(Message.id)
            )
        assert "е сменен с SMS." in of_pin
        assert pin not in of_pin
        assert "е спрян с SMS." in of_stop
