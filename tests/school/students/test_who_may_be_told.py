"""A court order holds on every channel at once: who may not be told is ended, and every new wish waits."""

import pytest
from sqlalchemy import select

from db.kinds import Channel, SubscriptionStatus
from db.models import Message, Student, Subscription
from errors import ForbiddenError, InputError, MissingError
from school.campaigns.audience import audience
from school.students.who_may_be_told import (
    MayBeTold,
    change_who_may_be_told,
    limited_elsewhere,
    who_may_be_told,
)
from school.subscriptions import requests
from school.subscriptions.subscribing import FollowOutcome
from tests.school.following.family import STRANGER, gets_nothing, guardian, status, texts_code, texts_to
from tests.school.students.small_schools import FATHER, MOTHER, NOW, SmallSchool

ACTIVE, STOPPED = SubscriptionStatus.ACTIVE, SubscriptionStatus.STOPPED


def change(here: SmallSchool, *, only_named: bool = False, by: int | None = None, **guardians: bool) -> int:
    wanted = MayBeTold(only_named, {int(id_.removeprefix("g")): may for id_, may in guardians.items()})
    return change_who_may_be_told(
        here.session, here.id, here.student, wanted, NOW, by=by or here.class_teacher, note="решение 12/2025"
    )


def bar(here: SmallSchool, guardian_id: int) -> int:
    return change(here, **{f"g{guardian_id}": False})


class TestBarredGuardian:
    def test_he_is_ended_and_what_waits_is_not_sent(self, here: SmallSchool) -> None:
        father = guardian(here, FATHER)
        _, subscription = here.follower(FATHER)
        here.grade()
        assert bar(here, father) == 1
        assert status(here, subscription) is STOPPED
        assert gets_nothing(here, FATHER, subscription)
        assert texts_to(here, FATHER) == [
            "Абонаментът Ви за Мария от 8а е прекратен. При въпроси се обърнете към училището."
        ]

    def test_his_new_wish_waits_and_cannot_be_approved(self, here: SmallSchool) -> None:
        bar(here, guardian(here, FATHER))
        assert texts_code(here, FATHER) is FollowOutcome.WAITS
        waiting = here.session.scalars(select(Subscription.id)).one()
        with pytest.raises(InputError, match="may not be told"):
            requests.approve(here.session, waiting, by=here.class_teacher, now=NOW)

    def test_no_campaign_calls_him_not_even_about_a_brother(self, here: SmallSchool) -> None:
        father = guardian(here, FATHER, here.student, here.classmate)
        guardian(here, MOTHER, here.student, here.classmate)
        bar(here, father)
        (family,) = audience(here.session, here.id, here.own, None).families
        assert [one.phone for one in family.telephones] == [MOTHER]

    def test_a_telephone_of_both_parents_is_told(self, here: SmallSchool) -> None:
        father = guardian(here, MOTHER)
        guardian(here, MOTHER)
        _, subscription = here.follower(MOTHER)
        assert bar(here, father) == 0
        assert status(here, subscription) is ACTIVE

    def test_what_he_follows_by_e_mail_ends_too(self, here: SmallSchool) -> None:
        father = guardian(here, None, email="father@example.org")
        _, subscription = here.follower(None, email="father@example.org")
        bar(here, father)
        assert status(here, subscription) is STOPPED


class TestOnlyNamed:
    def test_all_but_guardians_who_may_be_told_are_ended(self, here: SmallSchool) -> None:
        guardian(here, MOTHER)
        _, of_mother = here.follower(MOTHER)
        _, of_stranger = here.follower(STRANGER)
        assert change(here, only_named=True) == 1
        assert (status(here, of_mother), status(here, of_stranger)) == (ACTIVE, STOPPED)

    def test_every_new_follower_waits_also_a_guardian(self, here: SmallSchool) -> None:
        guardian(here, MOTHER)
        change(here, only_named=True)
        assert texts_code(here, MOTHER) is FollowOutcome.WAITS
        assert texts_code(here, STRANGER) is FollowOutcome.WAITS

    def test_whom_the_class_teacher_let_follow_is_named(self, here: SmallSchool) -> None:
        father = guardian(here, FATHER)
        change(here, only_named=True)
        texts_code(here, STRANGER)
        waiting = here.session.scalars(select(Subscription.id)).one()
        requests.approve(here.session, waiting, by=here.class_teacher, now=NOW)
        assert change(here, only_named=True, **{f"g{father}": False}) == 0
        assert status(here, waiting) is ACTIVE

    def test_it_is_known_at_another_school_of_the_platform(self, here: SmallSchool) -> None:
        hashed = here.session.scalars(select(Student.national_id_hash).where(Student.id == here.student)).one()
        assert limited_elsewhere(here.session, [hashed]) == frozenset()
        change(here, only_named=True)
        assert limited_elsewhere(here.session, [hashed]) == {hashed}


def test_it_is_audited_and_switching_it_off_lets_nobody_back_by_itself(here: SmallSchool) -> None:
    father = guardian(here, FATHER)
    _, subscription = here.follower(FATHER)
    bar(here, father)
    change(here, **{f"g{father}": True})
    first, second = here.audited("student.who_may_be_told")
    assert first.details["guardians"] == {str(father): False}
    assert (second.details["guardians"], second.staff_id) == ({str(father): True}, here.class_teacher)
    assert status(here, subscription) is STOPPED
    assert texts_code(here, FATHER) is FollowOutcome.FOLLOWS
    assert who_may_be_told(here.session, here.id, here.student) == MayBeTold(False, {father: True})


def test_others_may_not(here: SmallSchool, elsewhere: SmallSchool) -> None:
    with pytest.raises(ForbiddenError):
        change(here, only_named=True, by=here.teacher)
    with pytest.raises(MissingError):
        change(here, only_named=True, by=elsewhere.leader)
    with pytest.raises(MissingError, match="no such guardian"):
        bar(here, guardian(here, FATHER, here.classmate))
    assert here.session.scalars(select(Message.id).where(Message.channel == Channel.SMS)).all() == []
