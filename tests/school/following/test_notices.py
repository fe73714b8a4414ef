"""What is changed in a subscriber's name is told to their telephone: whoever held it, or a letter, may have done it."""

from sqlalchemy import select

from db.kinds import Channel, EventKind
from db.models import Message, NotificationSwitch, Subscriber
from school.campaigns import outcomes
from school.hearing import access
from school.subscriptions import letter_wishes, stopping
from school.subscriptions.subscribers import followed
from tests.school.following.family import texts_to
from tests.school.students.small_schools import MOTHER, NOW, SmallSchool

EMAIL = "maika@example.org"


def test_sms_switched_off_by_telephone_are_told_by_sms_and_by_letter(here: SmallSchool) -> None:
    _, subscription = here.follower(MOTHER, email=EMAIL)
    access.set_sms(here.session, subscription, True, NOW)
    assert texts_to(here, MOTHER) == []
    access.set_sms(here.session, subscription, False, NOW)
    assert texts_to(here, MOTHER) == [
        "SMS за Мария от 8а са спрени от телефонното меню. Ако не сте Вие, включете ги оттам."
    ]
    assert "SMS за Мария от 8а са спрени" in texts_to(here, EMAIL)[0]


def test_a_pin_changed_by_telephone_is_told(here: SmallSchool) -> None:
    person, subscription = here.follower(MOTHER)
    access.change_pin_by_call(here.session, subscription, "4711", NOW)
    (text,) = texts_to(here, MOTHER)
    assert text.startswith("ПИН кодът за Мария от 8а е сменен")
    assert "4711" not in text
    stopping.renew_pin(here.session, followed(here.session, person), "4712", NOW)  # by SMS the answer tells it
    assert len(texts_to(here, MOTHER)) == 1


def test_of_an_address_alone_it_is_told_there(here: SmallSchool) -> None:
    _, subscription = here.follower(None, email=EMAIL)
    access.change_pin_by_call(here.session, subscription, "4711", NOW)
    assert len(texts_to(here, EMAIL)) == 1


class TestLetters:
    """The link below a letter changes letters, and never in silence."""

    def change(self, here: SmallSchool, person: int, *kinds: EventKind, hour: int | None = None) -> None:
        letter_wishes.change(
            here.session, person, unwanted=frozenset(kinds), daily_hour=hour, friday_summary=True, now=NOW
        )

    def test_kinds_and_hours_of_sms_stay_as_they_are(self, here: SmallSchool) -> None:
        person, _ = here.follower(MOTHER, email=EMAIL)
        self.change(here, person, *EventKind, hour=21)
        channels = set(here.session.scalars(select(NotificationSwitch.channel)))
        assert channels == {Channel.EMAIL}
        here.grade()
        assert texts_to(here, MOTHER) == [f"Настройките на писмата до {EMAIL} са променени от връзка в писмо."]
        self.change(here, person, *EventKind, hour=21)  # nothing changed
        assert len(texts_to(here, MOTHER)) == 1

    def test_stopped_letters_are_told_once(self, here: SmallSchool) -> None:
        person, _ = here.follower(MOTHER, email=EMAIL)
        for _ in range(2):
            letter_wishes.stop_letters(here.session, person, NOW)
        assert texts_to(here, MOTHER) == [f"Писмата до {EMAIL} са спрени от връзка в писмо."]

    def test_who_follows_by_letters_alone_gets_a_last_one(self, here: SmallSchool) -> None:
        person, _ = here.follower(None, email=EMAIL)
        for _ in range(2):
            letter_wishes.stop_letters(here.session, person, NOW)
        (last,) = texts_to(here, EMAIL)
        assert f"Писмата до {EMAIL} са спрени" in last


def test_no_more_calls_of_campaigns_are_told_to_the_telephone(here: SmallSchool) -> None:
    here.follower(MOTHER)
    for _ in range(2):
        outcomes.opt_out(here.session, here.id, MOTHER, NOW)
    assert texts_to(here, MOTHER) == ["Училището повече няма да звъни на този номер с покани: натиснат беше клавиш 0."]
    outcomes.opt_out(here.session, here.id, "+35924000000", NOW)  # no mobile: nothing can be written
    assert len(here.session.scalars(select(Message.id)).all()) == 1
    assert here.session.scalars(select(Subscriber.phone)).all() == [MOTHER]
