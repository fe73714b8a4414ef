"""From the class book to what a parent reads: who is told, on which channels, when, and in how many messages."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from db.kinds import Channel, EventKind, Language, SchoolEventKind, SubscriptionStatus
from db.session import Database
from errors import InputError
from school import outbox
from tests.school.conftest import NOW
from tests.school.outbox.school_days import MOTHER, SchoolDay, at


@pytest.fixture
def day(demonstration: Database) -> SchoolDay:
    """An ordinary day at school."""
    return SchoolDay(demonstration)


class TestWhoIsTold:
    def test_a_grade_is_one_sms_to_each_number_that_follows_the_student(self, day: SchoolDay) -> None:
        day.grade("6")
        name = day.name(day.student_id)
        assert day.read_by() == [f"{name}: Математика – Отличен (6), контролна работа, 24.11"]

    def test_every_kind_of_event_is_told(self, day: SchoolDay) -> None:
        day.grade("5")
        day.absence()
        day.remark()
        day.health()
        day.meeting()
        day.meeting(kind=SchoolEventKind.EVENT, title="Коледен базар")
        (text,) = day.read_by()
        for piece in (
            "Мн. добър (5)",
            "Неизвинено отсъствие: Математика, 8. час, 24.11",
            "Похвала: Помага на другите. (24.11)",
            "Здравна бележка от 24.11 до 26.11",
            "Родителска среща, сряда 25.11, 18:00 ч., Кабинет 12",
            "Коледен базар, сряда 25.11, 18:00 ч., Кабинет 12",
        ):
            assert piece in text
        assert "Ангина" not in text

    def test_nothing_is_told_of_an_event_that_was_refused(self, day: SchoolDay) -> None:
        with pytest.raises(InputError):
            day.grade("2.50")
        assert day.notifications() == []

    def test_only_active_subscriptions_hear_anything(self, day: SchoolDay) -> None:
        day.set_subscription(status=SubscriptionStatus.WAITING)
        day.grade()
        assert day.told() == []

    def test_sms_can_be_switched_off_for_a_child_and_for_a_kind_of_event(self, day: SchoolDay) -> None:
        day.switch_off(Channel.SMS, EventKind.GRADE)
        day.grade()
        day.remark()
        assert [row.kind for row in day.told()] == [EventKind.REMARK]
        day.set_subscription(sms_enabled=False)
        day.absence()
        assert len(day.told()) == 1

    def test_who_has_an_address_gets_mail_too_and_is_rung_only_when_asked_for(self, day: SchoolDay) -> None:
        day.set_mother(email="maika@example.org")
        day.grade()
        assert (len(day.told(Channel.EMAIL)), len(day.told(Channel.CALL))) == (1, 0)
        day.daily(Channel.CALL, None)
        day.absence()
        assert len(day.told(Channel.CALL)) == 1

    def test_who_reads_english_is_told_in_english(self, day: SchoolDay) -> None:
        day.set_mother(language=Language.ENGLISH)
        day.grade("4")
        assert day.read_by()[0].endswith("Математика – Good (4), control work, 24.11")

    def test_a_meeting_of_the_school_is_told_to_every_follower_with_few_statements(self, day: SchoolDay) -> None:
        statements: list[str] = []
        engine = day.database._writer
        event.listen(engine, "before_cursor_execute", lambda *said: statements.append(said[2]))
        day.meeting(class_id=None)
        followed = {(row.subscription_id, row.channel) for row in day.notifications()}
        assert len(followed) == len(day.notifications()) > 40
        assert len(statements) < 15, statements

    def test_a_meeting_of_a_class_is_not_told_to_another(self, day: SchoolDay) -> None:
        day.meeting()
        of_class = len(day.notifications())
        day.forget_everything()
        day.meeting(class_id=None)
        assert 0 < of_class < len(day.notifications())


class TestBesideWhatWaits:
    def test_news_and_a_message_that_waits_are_claimed_together_each_once(self, day: SchoolDay) -> None:
        waiting = day.put("Помощ")
        day.grade()
        claimed = [one.message_id for one in day.claim()]
        assert claimed[0] == waiting
        assert len(claimed) == len(set(claimed)) == 2
        assert day.claim() == ()


class TestWhen:
    def test_at_once_by_default(self, day: SchoolDay) -> None:
        day.grade()
        assert {row.due_at for row in day.told()} == {NOW}

    def test_after_the_schools_delay(self, day: SchoolDay) -> None:
        day.set_school(notify_delay_minutes=30)
        day.grade()
        assert day.later(timedelta(minutes=29)).read_by() == []
        assert len(day.later(timedelta(minutes=1)).read_by()) == 1

    def test_not_at_night_but_mail_goes_at_any_time(self, day: SchoolDay) -> None:
        day.set_mother(email="maika@example.org")
        day.now = at(20)
        day.grade()
        assert [row.due_at for row in day.told()] == [at(8, days=1)]
        assert [row.due_at for row in day.told(Channel.EMAIL)] == [day.now]

    def test_what_the_delay_moves_into_the_night_waits_for_the_morning(self, day: SchoolDay) -> None:
        day.set_school(notify_delay_minutes=30)
        day.now = at(19, 45)
        day.grade()
        assert [row.due_at for row in day.told()] == [at(8, days=1)]

    def test_what_nobody_could_send_in_the_evening_is_not_sent_at_night(self, day: SchoolDay) -> None:
        day.grade()
        day.now = at(20)
        assert day.read_by() == []
        day.now = at(8, days=1)
        assert len(day.read_by()) == 1

    def test_once_a_day_for_who_wants_it_so(self, day: SchoolDay) -> None:
        day.daily(Channel.SMS, 19)
        day.grade()
        day.remark()
        assert day.read_by() == []
        day.now = at(19)
        (text,) = day.read_by()
        assert "Математика" in text
        assert "Похвала" in text

    def test_a_daily_hour_outside_the_schools_hours_waits_for_the_opening(self, day: SchoolDay) -> None:
        day.daily(Channel.SMS, 22)
        day.grade()
        assert [row.due_at for row in day.told()] == [at(8, days=1)]


class TestBundling:
    def test_two_children_and_five_grades_are_one_message(self, day: SchoolDay) -> None:
        other = day.classmate()
        day.follow(other)
        for grade in ("6", "5", "4"):
            day.grade(grade)
        for grade in ("3", "2"):
            day.grade(grade, student_id=other)
        (text,) = day.read_by()
        lines = text.split("\n")
        assert [line.partition(":")[0] for line in lines] == sorted([day.name(day.student_id), day.name(other)])
        assert text.count("Математика") == 5

    def test_news_of_two_children_within_a_minute_is_one_message(self, day: SchoolDay) -> None:
        day.set_school(notify_delay_minutes=5)
        other = day.classmate()
        day.follow(other)
        day.grade("6")
        day.later(timedelta(seconds=50)).grade("5", student_id=other)
        day.later(timedelta(seconds=50)).grade("4", student_id=other)
        (text,) = day.later(timedelta(minutes=5, seconds=-100)).read_by()
        assert [line.partition(":")[0] for line in text.split("\n")] == sorted(
            [day.name(day.student_id), day.name(other)]
        )
        assert text.count("Математика") == 2
        assert len(day.later(timedelta(seconds=100)).read_by()) == 1

    def test_what_concerns_two_children_is_said_once(self, day: SchoolDay) -> None:
        other = day.classmate()
        day.follow(other)
        day.meeting()
        (text,) = day.read_by()
        both = ", ".join(sorted([day.name(day.student_id), day.name(other)]))
        assert text == f"{both}: Родителска среща, сряда 25.11, 18:00 ч., Кабинет 12"

    def test_more_than_six_parts_become_several_messages(self, day: SchoolDay) -> None:
        for _ in range(12):
            day.grade()
        texts = day.read_by()
        assert len(texts) == 2
        assert sum(text.count("Математика") for text in texts) == 12
        assert all(len(text) <= 6 * 67 and text.startswith(day.name(day.student_id)) for text in texts)

    def test_the_message_goes_by_the_operator_the_number_last_wrote_by(self, day: SchoolDay) -> None:
        day.set_mother(operator="vivacom")
        day.set_school(latin_sms=True)
        day.grade()
        (claimed,) = [one for one in day.claim() if one.address == MOTHER]
        assert (claimed.operator, claimed.latin) == ("vivacom", True)

    def test_a_claim_takes_no_more_than_its_limit(self, day: SchoolDay) -> None:
        day.meeting(class_id=None)
        taken = 0
        while claimed := day.claim(7):
            assert len(claimed) <= 7
            taken += len(claimed)
        assert taken == len({row.subscriber_id for row in day.notifications() if row.channel is Channel.SMS})


class TestAmending:
    def test_a_mistake_corrected_within_the_delay_is_never_seen(self, day: SchoolDay) -> None:
        day.set_school(notify_delay_minutes=30)
        ref = day.grade("2")
        day.correct(ref, "5")
        (text,) = day.later(timedelta(minutes=30)).read_by()
        assert "Мн. добър (5)" in text
        assert "Поправка" not in text
        assert "Слаб" not in text

    def test_a_grade_deleted_within_the_delay_is_never_told(self, day: SchoolDay) -> None:
        day.set_school(notify_delay_minutes=30)
        day.delete(day.grade("2"))
        assert day.later(timedelta(hours=1)).read_by() == []

    def test_what_was_told_is_corrected_and_taken_back(self, day: SchoolDay) -> None:
        ref = day.grade("2")
        day.read_by()
        day.correct(ref, "3")
        name = day.name(day.student_id)
        assert day.read_by() == [f"{name}: Поправка: Математика – Среден (3), контролна работа, 24.11"]
        day.delete(ref)
        assert day.read_by() == [f"{name}: Отменено: Математика – Среден (3), контролна работа, 24.11"]

    def test_a_correction_that_is_corrected_before_it_went_out_goes_out_once(self, day: SchoolDay) -> None:
        ref = day.grade("2")
        day.read_by()
        day.correct(ref, "3")
        day.correct(ref, "4")
        (text,) = day.read_by()
        assert "Поправка: Математика – Добър (4)" in text
        day.correct(ref, "5")
        day.delete(ref)
        (text,) = day.read_by()
        assert "Отменено: Математика – Мн. добър (5)" in text

    def test_a_message_given_back_unsent_is_made_anew(self, day: SchoolDay) -> None:
        first, second = day.grade("2"), day.grade("4")
        claimed = [one.message_id for one in day.claim()]
        with day.database.session() as session:
            outbox.release(session, day.owner, claimed, day.now)
        day.correct(first, "5")
        day.delete(second)
        (text,) = day.read_by()
        assert "Мн. добър (5)" in text
        assert "Слаб" not in text
        assert "Добър (4)" not in text
        assert "Поправка" not in text

    def test_what_a_sender_has_in_hand_counts_as_told(self, day: SchoolDay) -> None:
        ref = day.grade("2")
        (in_hand,) = [one for one in day.claim() if one.address == MOTHER]
        day.correct(ref, "6")
        assert "Слаб (2)" in in_hand.text
        day.sent(in_hand.message_id)
        assert "Поправка" in day.read_by()[0]

    def test_a_correction_alone_is_told_when_its_grade_came_back_unsent(self, day: SchoolDay) -> None:
        first, second = day.grade("2"), day.grade("4")
        claimed = [one.message_id for one in day.claim()]
        day.correct(first, "6")
        with day.database.session() as session:
            outbox.release(session, day.owner, claimed, day.now)
        day.correct(second, "5")
        (text,) = day.read_by()
        assert text.count("Математика") == 2
        assert "Отличен (6)" in text
        assert "Слаб (2)" not in text

    def test_who_began_to_follow_later_hears_of_no_correction(self, day: SchoolDay) -> None:
        day.set_subscription(status=SubscriptionStatus.WAITING)
        ref = day.grade("2")
        day.set_subscription(status=SubscriptionStatus.ACTIVE)
        day.correct(ref, "6")
        day.delete(ref)
        assert day.read_by() == []

    def test_the_same_grade_again_is_no_correction(self, day: SchoolDay) -> None:
        ref = day.grade("5")
        day.read_by()
        day.correct(ref, "5")
        assert day.read_by() == []


class TestStopping:
    def test_who_stops_is_told_nothing_more_of_that_child(self, day: SchoolDay) -> None:
        other = day.classmate()
        day.follow(other)
        day.grade()
        day.grade(student_id=other)
        claimed = [one.message_id for one in day.claim()]
        with day.database.session() as session:
            outbox.release(session, day.owner, claimed, day.now)
            outbox.stop_telling(session, [day.subscription_id], day.now)
        (text,) = day.read_by()
        assert text.startswith(f"{day.name(other)}: ")
        assert "\n" not in text
