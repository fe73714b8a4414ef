"""A student's followers learn that somebody else follows too: who has read a label may be a stranger."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from db.kinds import Channel, Language, SubscriptionStatus
from db.models import Message, Subscriber
from school.subscriptions import followers
from school.subscriptions.followers import KEEP_WARNING, TOLD_AGAIN_AFTER
from school.subscriptions.subscribers import one
from tests.school.students.small_schools import FATHER, MOTHER, NOW, SmallSchool

STRANGER = "+359898765432"
TICK = timedelta(microseconds=1)


def told(here: SmallSchool, subscription: int, now: datetime = NOW) -> list[Message]:
    """The messages that follow when this subscription begins."""
    followers.tell_of_new(here.session, one(here.session, subscription), now)
    return list(here.session.scalars(select(Message).where(Message.subscriber_id.is_not(None)).order_by(Message.id)))


def begins(here: SmallSchool, phone: str | None = STRANGER, email: str | None = None) -> int:
    return here.follower(phone, email=email, status=SubscriptionStatus.WAITING)[1]


def test_every_other_follower_reads_the_masked_number_and_what_to_do(here: SmallSchool) -> None:
    here.follower(sms_enabled=False)  # this is about who else knows, so it is told all the same
    here.follower(FATHER)
    sent = told(here, begins(here))
    assert [(one.address, one.channel) for one in sent] == [(MOTHER, Channel.SMS), (FATHER, Channel.SMS)]
    assert sent[0].text == ("Нов номер +359 89* *** *32 вече следи Мария от 8а. Ако не е Ваш близък, пратете МАХНИ 32.")
    assert sent[1].text == (
        "Нов номер +359 89* *** *32 вече следи Мария от 8а. Ако не е Ваш близък, кажете на класния ръководител."
    )


def test_only_who_follows_this_student_now_is_told(here: SmallSchool, elsewhere: SmallSchool) -> None:
    here.follower("+359888000001", status=SubscriptionStatus.STOPPED)
    here.follower("+359888000002", status=SubscriptionStatus.WAITING)
    here.follower("+359888000003", here.classmate)
    elsewhere.follower("+359888000004")
    assert told(here, begins(here)) == []


def test_who_has_no_telephone_reads_it_by_e_mail_at_any_hour(here: SmallSchool) -> None:
    here.follower(None, email="silvia@example.org")
    (letter,) = told(here, begins(here), NOW + timedelta(hours=12))  # midnight
    assert (letter.channel, letter.address) == (Channel.EMAIL, "silvia@example.org")
    assert letter.due_at == NOW + timedelta(hours=12)


def test_an_sms_waits_for_the_schools_hours_and_is_then_of_use_for_a_week(here: SmallSchool) -> None:
    here.follower()
    (sms,) = told(here, begins(here), NOW + timedelta(hours=12))
    opening = NOW + timedelta(hours=20)  # 8:00 on the next morning
    assert (sms.due_at, sms.expires_at) == (opening, opening + KEEP_WARNING)


def test_a_new_address_is_shown_masked_too(here: SmallSchool) -> None:
    here.follower()
    (sms,) = told(here, begins(here, None, "stranger@example.org"))
    assert "Нов имейл s…@example.org" in sms.text


def test_it_is_told_in_the_language_of_who_reads_it(here: SmallSchool) -> None:
    person, _ = here.follower()
    here.session.get_one(Subscriber, person).language = Language.ENGLISH
    here.session.flush()
    (sms,) = told(here, begins(here))
    assert "Мария" in sms.text
    assert "Нов номер" not in sms.text


@pytest.mark.parametrize(("pause", "messages"), [(TOLD_AGAIN_AFTER - TICK, 0), (TOLD_AGAIN_AFTER, 1)])
def test_who_stops_and_begins_anew_within_a_day_is_no_news(here: SmallSchool, pause: timedelta, messages: int) -> None:
    here.follower()
    _, again = here.follower(STRANGER, status=SubscriptionStatus.STOPPED, following_since=NOW)
    assert len(told(here, again, NOW + pause)) == messages
