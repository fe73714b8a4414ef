"""An ended follower gets nothing more on any channel, and does not follow again without the class teacher's word."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select, update

from db.kinds import (
    CampaignKind,
    CampaignState,
    Channel,
    EndReason,
    FamilyState,
    MessagePurpose,
    MessageState,
    SubscriptionStatus,
)
from db.models import (
    Campaign,
    CampaignChild,
    CampaignFamily,
    CampaignTelephone,
    ChannelTiming,
    Message,
    School,
    Student,
    Subscription,
)
from school import outbox
from school.campaigns import due_families
from school.campaigns.telephones import not_theirs
from school.following.ending import EndedBy, end
from school.lines import Holds
from school.outbox import Ending, Result
from school.security.crypto import vault
from school.students import national_ids
from school.subscriptions import requests, stopping, subscribing
from school.subscriptions.subscribers import followed
from school.subscriptions.subscribing import FollowOutcome
from tests.school.following.family import (
    PIN,
    STRANGER,
    code,
    gets_nothing,
    guardian,
    pending,
    status,
    status_of,
    texts_code,
    texts_to,
)
from tests.school.students.small_schools import MOTHER, NOW, SmallSchool

OWNER = "here:1:test"


def ends(here: SmallSchool, subscription: int, why: EndReason = EndReason.STRANGER, note: str = "") -> int:
    return end(here.session, [subscription], why, NOW, by=EndedBy(staff_id=here.class_teacher), note=note)


def test_nothing_is_told_on_any_channel_and_what_waits_is_not_sent(here: SmallSchool) -> None:
    person, subscription = here.follower(STRANGER, email="stranger@example.org")
    here.session.execute(insert(ChannelTiming).values(subscriber_id=person, channel=Channel.CALL, daily_hour=None))
    here.grade()
    assert pending(here, subscription) == 3  # SMS, e-mail, call
    claimed = outbox.claim(here.session, Channel.SMS, owner=OWNER, limit=5, now=NOW)
    outbox.release(here.session, OWNER, [one.message_id for one in claimed], NOW)
    ends(here, subscription)
    for channel in Channel:
        sent = [one.text for one in outbox.claim(here.session, channel, owner=OWNER, limit=9, now=NOW)]
        assert not any("Математика" in text for text in sent)
    assert gets_nothing(here, STRANGER, subscription)


def test_what_a_sender_has_in_hand_is_not_tried_again(here: SmallSchool) -> None:
    _, subscription = here.follower(STRANGER)
    here.grade()
    (claimed,) = outbox.claim(here.session, Channel.SMS, owner=OWNER, limit=5, now=NOW)
    ends(here, subscription)
    later = NOW + timedelta(hours=1)
    outbox.record(here.session, OWNER, [Result(claimed.message_id, Ending.RETRY)], NOW)
    again = outbox.claim(here.session, Channel.SMS, owner=OWNER, limit=5, now=later)
    assert not any("Математика" in one.text for one in again)
    here.session.execute(update(Message).where(Message.id == claimed.message_id).values(state=MessageState.FAILED))
    (why,) = outbox.retry(here.session, [claimed.message_id], later).refused.values()
    assert "does not follow any more" in why


def test_answers_and_summaries_that_wait_are_not_sent(here: SmallSchool) -> None:
    person, subscription = here.follower(STRANGER)
    for purpose in (MessagePurpose.ANSWER, MessagePurpose.NOTIFICATION):
        outbox.enqueue(
            here.session,
            channel=Channel.SMS,
            address=STRANGER,
            text="Мария: шестица",
            purpose=purpose,
            now=NOW,
            subscriber_id=person,
        )
    ends(here, subscription)
    assert not any("шестица" in text for text in texts_to(here, STRANGER))


def test_the_person_is_told_in_neutral_words_and_the_family_too(here: SmallSchool) -> None:
    here.follower(MOTHER)
    _, subscription = here.follower(STRANGER)
    assert ends(here, subscription, EndReason.COURT_ORDER, "решение 12/2025") == 1
    assert texts_to(here, STRANGER) == [
        "Абонаментът Ви за Мария от 8а е прекратен. При въпроси се обърнете към училището."
    ]
    assert texts_to(here, MOTHER) == [
        "Вече не следи Мария от 8а: +359 89* *** *32. При въпроси се обърнете към класния ръководител."
    ]
    (audited,) = here.audited("subscription.ended")
    assert (audited.staff_id, audited.details) == (
        here.class_teacher,
        {"why": "court_order", "reason": "решение 12/2025", "student_id": here.student},
    )


def test_who_has_no_telephone_is_told_by_e_mail(here: SmallSchool) -> None:
    _, subscription = here.follower(None, email="stranger@example.org")
    ends(here, subscription)
    (letter,) = texts_to(here, "stranger@example.org")
    assert "Абонаментът Ви за Мария от 8а е прекратен." in letter


def test_another_child_of_the_same_follower_is_told_as_before(here: SmallSchool) -> None:
    _, of_maria = here.follower(STRANGER)
    _, of_ivan = here.follower(STRANGER, here.classmate)
    here.grade(student_id=here.classmate)
    ends(here, of_maria)
    assert (status(here, of_maria), status(here, of_ivan)) == (SubscriptionStatus.STOPPED, SubscriptionStatus.ACTIVE)
    assert pending(here, of_ivan) == 1


def test_ending_twice_changes_nothing(here: SmallSchool) -> None:
    _, subscription = here.follower(STRANGER)
    assert [ends(here, subscription), ends(here, subscription)] == [1, 0]
    assert len(texts_to(here, STRANGER)) == 1


class TestFollowingAnew:
    """By the same code or ЕГН the wish waits, however often it is withdrawn and made again."""

    def national_id(self, here: SmallSchool) -> str:
        stored = here.session.scalars(select(Student.national_id_encrypted).where(Student.id == here.student)).one()
        return national_ids.decrypt(vault(here.session), stored).number

    def test_by_the_same_code_it_waits(self, here: SmallSchool) -> None:
        _, subscription = here.follower(STRANGER)
        ends(here, subscription)
        assert texts_code(here, STRANGER) is FollowOutcome.WAITS
        assert status(here, subscription) is SubscriptionStatus.WAITING
        assert gets_nothing(here, STRANGER, subscription)

    def test_stopping_the_request_and_asking_again_waits_too(self, here: SmallSchool) -> None:
        person, subscription = here.follower(STRANGER)
        ends(here, subscription)
        for _ in range(2):
            assert texts_code(here, STRANGER) is FollowOutcome.WAITS
            stopping.stop(here.session, person, followed(here.session, person), NOW)
        assert texts_code(here, STRANGER) is FollowOutcome.WAITS

    def test_by_national_id_it_waits_although_the_number_is_a_guardians(self, here: SmallSchool) -> None:
        guardian(here, STRANGER)
        _, subscription = here.follower(STRANGER)
        ends(here, subscription)
        asked = subscribing.by_national_id(
            here.session, phone=STRANGER, operator="a1", digits=self.national_id(here), pin=PIN, now=NOW
        )
        assert (asked.outcome, asked.children) == (FollowOutcome.ASKED, ())
        assert status(here, subscription) is SubscriptionStatus.WAITING

    def test_the_class_teacher_sees_why_and_may_let_it(self, here: SmallSchool) -> None:
        _, subscription = here.follower(STRANGER)
        ends(here, subscription)
        texts_code(here, STRANGER)
        (row,) = requests.listed(here.session, status=[SubscriptionStatus.WAITING], by=here.class_teacher)
        assert row.ended_why is EndReason.STRANGER
        requests.approve(here.session, subscription, by=here.class_teacher, now=NOW)
        assert status(here, subscription) is SubscriptionStatus.ACTIVE
        assert here.session.get_one(Subscription, subscription).ended_why is None

    def test_who_was_refused_does_not_get_in_by_the_code(self, here: SmallSchool) -> None:
        _, subscription = here.follower(STRANGER, status=SubscriptionStatus.WAITING)
        requests.refuse(here.session, subscription, by=here.class_teacher, now=NOW)
        assert texts_code(here, STRANGER) is FollowOutcome.WAITS

    def test_the_family_hears_once_of_who_asks_again_and_again(self, here: SmallSchool) -> None:
        here.follower(MOTHER)
        here.session.execute(update(School).where(School.id == here.id).values(new_sms_waits=True))
        for _ in range(3):
            assert texts_code(here, STRANGER) is FollowOutcome.WAITS
            person = here.session.scalars(
                select(Subscription.subscriber_id).where(Subscription.status == SubscriptionStatus.WAITING)
            ).one()
            stopping.stop(here.session, person, followed(here.session, person), NOW)
        assert texts_to(here, MOTHER) == [
            "+359 89* *** *32 иска да следи Мария от 8а. Ако е Ваш близък, кажете на класния ръководител: той решава."
        ]


class TestUnknown:
    """Where the school wants to be asked, a number that is no guardian's waits; who is a guardian does not."""

    @pytest.mark.parametrize(("waits", "outcome"), [(True, FollowOutcome.WAITS), (False, FollowOutcome.FOLLOWS)])
    def test_a_strangers_number_waits_where_the_school_wants_it(
        self, here: SmallSchool, waits: bool, outcome: FollowOutcome
    ) -> None:
        here.session.execute(update(School).where(School.id == here.id).values(new_sms_waits=waits))
        assert texts_code(here, STRANGER) is outcome
        guardian(here, MOTHER)
        assert texts_code(here, MOTHER) is FollowOutcome.FOLLOWS

    def test_where_nobody_follows_yet_the_class_teacher_is_told(self, here: SmallSchool) -> None:
        texts_code(here, STRANGER)
        letters = here.session.scalars(select(Message.text).where(Message.channel == Channel.EMAIL)).all()
        (letter,) = letters
        assert "+359 89* *** *32 вече следи Мария от 8а с ID-кода." in letter
        guardian(here, MOTHER, here.classmate)
        texts_code(here, MOTHER, code(here, here.classmate))
        assert len(here.session.scalars(select(Message.id).where(Message.channel == Channel.EMAIL)).all()) == 1


class TestCampaigns:
    """A campaign is made days before it calls: who was ended since is neither rung nor written to."""

    def campaign(self, here: SmallSchool, *phones: str) -> int:
        campaign = here.session.scalars(
            insert(Campaign)
            .values(
                school_id=here.id,
                staff_id=here.leader,
                kind=CampaignKind.ANNOUNCEMENT,
                title="Съобщение",
                text="Утре няма учебни занятия.",
                state=CampaignState.RUNNING,
                starts_at=NOW,
                ends_at=NOW + timedelta(days=2),
                from_hour=8,
                until_hour=20,
                weekdays="1234567",
                attempts=1,
                created_at=NOW,
            )
            .returning(Campaign.id)
        ).one()
        family = here.session.scalars(
            insert(CampaignFamily)
            .values(school_id=here.id, campaign_id=campaign, state=FamilyState.WAITING, due_at=NOW, position=1)
            .returning(CampaignFamily.id)
        ).one()
        for position, phone in enumerate(phones, 1):
            here.session.execute(
                insert(CampaignTelephone).values(
                    family_id=family, position=position, phone=phone, attempts=0, due_at=NOW if position == 1 else None
                )
            )
        here.session.execute(insert(CampaignChild).values(school_id=here.id, family_id=family, student_id=here.student))
        return family

    def test_who_was_ended_is_passed_over_for_the_next_telephone(self, here: SmallSchool) -> None:
        _, subscription = here.follower(STRANGER)
        here.follower(MOTHER)
        family = self.campaign(here, STRANGER, MOTHER)
        ends(here, subscription)
        assert here.session.execute(not_theirs([family])).all() == [(family, STRANGER)]
        assert due_families.choose(here.session, 9, NOW, frozenset(), Holds()) == []
        (rung,) = due_families.choose(here.session, 9, NOW, frozenset(), Holds())
        assert rung.phone == MOTHER

    def test_an_sms_of_it_that_waits_is_not_sent(self, here: SmallSchool) -> None:
        _, subscription = here.follower(STRANGER)
        family = self.campaign(here, STRANGER)
        message = outbox.enqueue(
            here.session,
            channel=Channel.SMS,
            address=STRANGER,
            text="Мария от 8а: утре няма занятия.",
            purpose=MessagePurpose.SERVICE,
            now=NOW,
        )
        here.session.execute(update(CampaignFamily).where(CampaignFamily.id == family).values(message_id=message))
        ends(here, subscription)
        assert here.session.get_one(Message, message).state is MessageState.CANCELLED


def test_who_stopped_themselves_comes_back_at_once(here: SmallSchool) -> None:
    here.follower(STRANGER, status=SubscriptionStatus.STOPPED)
    assert texts_code(here, STRANGER) is FollowOutcome.FOLLOWS
    assert status_of(here, STRANGER) is SubscriptionStatus.ACTIVE
