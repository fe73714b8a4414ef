"""What ends with a guardian, a guardian's number, an ID-code or a student who leaves, and what does not."""

import pytest
from sqlalchemy import select, update

from db.kinds import CodeFollowers, FollowWay, GuardianRelation, SubscriptionStatus
from db.models import EmailRequest, School, Subscriber, Subscription
from errors import InputError
from school.students import guardians, labels, students
from school.subscriptions import by_email
from school.subscriptions.subscribing import FollowOutcome
from school.wording.service import Numbers
from tests.school.following.family import (
    STRANGER,
    code,
    gets_nothing,
    guardian,
    status,
    status_of,
    texts_code,
    texts_to,
)
from tests.school.students.small_schools import FATHER, MOTHER, NOW, SmallSchool

ACTIVE, STOPPED = SubscriptionStatus.ACTIVE, SubscriptionStatus.STOPPED


def remove(here: SmallSchool, guardian_id: int, student: int | None = None) -> None:
    guardians.remove_guardian(
        here.session, by=here.class_teacher, student_id=student or here.student, guardian_id=guardian_id, now=NOW
    )


def change(here: SmallSchool, guardian_id: int, *, phone: str = "", email: str = "") -> None:
    guardians.change_guardian(
        here.session,
        by=here.class_teacher,
        student_id=here.student,
        guardian_id=guardian_id,
        first_name="Петър",
        last_name="Колев",
        relation=GuardianRelation.FATHER,
        phone=phone,
        email=email,
        now=NOW,
    )


def reissue(here: SmallSchool, **values: CodeFollowers) -> None:
    labels.reissue(here.session, here.id, here.student, by=here.class_teacher, now=NOW, **values)


class TestRemovedGuardian:
    def test_the_telephone_gets_nothing_more_of_the_child(self, here: SmallSchool) -> None:
        father = guardian(here, FATHER)
        _, subscription = here.follower(FATHER)
        remove(here, father)
        assert status(here, subscription) is STOPPED
        assert gets_nothing(here, FATHER, subscription)
        assert "прекратен" in texts_to(here, FATHER)[0]

    def test_and_nothing_of_a_brother_whose_guardian_he_is_not_either(self, here: SmallSchool) -> None:
        father = guardian(here, FATHER)
        guardian(here, MOTHER, here.student, here.classmate)
        _, of_brother = here.follower(FATHER, here.classmate)
        remove(here, father)
        assert status(here, of_brother) is STOPPED

    def test_a_child_whose_guardian_he_still_is_he_follows_as_before(self, here: SmallSchool) -> None:
        father = guardian(here, FATHER, here.student, here.classmate)
        _, of_child = here.follower(FATHER, here.classmate)
        remove(here, father)
        assert status(here, of_child) is ACTIVE

    def test_a_child_of_another_family_he_follows_as_before(self, here: SmallSchool) -> None:
        father = guardian(here, FATHER)
        _, of_neighbour = here.follower(FATHER, here.classmate)
        remove(here, father)
        assert status(here, of_neighbour) is ACTIVE

    def test_a_telephone_that_another_guardian_has_too_stays(self, here: SmallSchool) -> None:
        father = guardian(here, FATHER)
        guardian(here, FATHER)
        _, subscription = here.follower(FATHER)
        remove(here, father)
        assert status(here, subscription) is ACTIVE

    def test_by_the_code_he_waits_and_recorded_again_he_does_not(self, here: SmallSchool) -> None:
        father = guardian(here, FATHER)
        here.follower(FATHER)
        remove(here, father)
        assert texts_code(here, FATHER) is FollowOutcome.WAITS
        guardian(here, FATHER)
        assert texts_code(here, FATHER) is FollowOutcome.FOLLOWS


class TestChangedGuardian:
    def test_the_old_number_is_ended_of_all_the_guardians_children(self, here: SmallSchool) -> None:
        father = guardian(here, FATHER, here.student, here.classmate)
        subscriptions = [here.follower(FATHER, child)[1] for child in (here.student, here.classmate)]
        change(here, father, phone="0888 999 001")
        assert [status(here, one) for one in subscriptions] == [STOPPED, STOPPED]

    def test_another_name_or_address_of_who_keeps_the_number_ends_nothing(self, here: SmallSchool) -> None:
        father = guardian(here, FATHER, email="old@example.org")
        person, subscription = here.follower(FATHER, email="old@example.org")
        change(here, father, phone=FATHER, email="new@example.org")
        assert status(here, subscription) is ACTIVE
        # What goes to the old mailbox ends all the same, and both are told.
        assert here.session.scalar(select(Subscriber.email).where(Subscriber.id == person)) is None
        assert texts_to(here, FATHER) == ["Вече не пишем на old@example.org."]
        assert "Вече няма да пишем на този адрес" in texts_to(here, "old@example.org")[0]

    def test_an_address_without_a_telephone_is_ended(self, here: SmallSchool) -> None:
        father = guardian(here, None, email="old@example.org")
        _, subscription = here.follower(None, email="old@example.org")
        change(here, father, email="new@example.org")
        assert status(here, subscription) is STOPPED


class TestNewCode:
    @pytest.mark.parametrize(
        ("become", "stranger", "mother"),
        [
            (None, STOPPED, ACTIVE),
            (CodeFollowers.GUARDIANS_STAY, STOPPED, ACTIVE),
            (CodeFollowers.ALL_STAY, ACTIVE, ACTIVE),
            (CodeFollowers.ALL_END, STOPPED, STOPPED),
        ],
    )
    @pytest.mark.parametrize("came_by", [None, FollowWay.CODE])
    def test_a_stranger_with_the_old_one_does_not_follow_on(
        self,
        here: SmallSchool,
        become: CodeFollowers | None,
        stranger: SubscriptionStatus,
        mother: SubscriptionStatus,
        came_by: FollowWay | None,
    ) -> None:
        guardian(here, MOTHER)
        _, of_mother = here.follower(MOTHER, came_by=came_by)
        _, of_stranger = here.follower(STRANGER, came_by=came_by)
        reissue(here, **({"followers": become} if become else {}))
        assert (status(here, of_stranger), status(here, of_mother)) == (stranger, mother)
        assert len(texts_to(here, STRANGER)) == (stranger is STOPPED)

    def test_whom_the_class_teacher_let_follow_stays(self, here: SmallSchool) -> None:
        _, subscription = here.follower(STRANGER, came_by=FollowWay.APPROVAL)
        reissue(here)
        assert status(here, subscription) is ACTIVE

    def test_a_guardian_by_e_mail_stays(self, here: SmallSchool) -> None:
        guardian(here, None, email="mother@example.org")
        _, subscription = here.follower(None, email="mother@example.org", came_by=FollowWay.EMAIL)
        reissue(here)
        assert status(here, subscription) is ACTIVE

    def test_the_way_is_written_down(self, here: SmallSchool) -> None:
        texts_code(here, STRANGER)
        (way,) = here.session.scalars(select(Subscription.came_by))
        assert way is FollowWay.CODE

    def test_a_link_that_was_asked_for_by_the_old_code_works_no_more(self, here: SmallSchool) -> None:
        here.session.execute(update(School).values(new_email_waits=False))
        token = "x" * 43
        by_email.ask(
            here.session,
            email="stranger@example.org",
            student_code=code(here),
            network="192.0.2.1",
            root="https://eschool.example",
            now=NOW,
        )
        here.session.execute(update(EmailRequest).values(token_hash=by_email._hash(token)))
        reissue(here)
        with pytest.raises(InputError, match="too old"):
            by_email.confirm(here.session, token, numbers=Numbers(), now=NOW)

    def test_the_old_code_lets_nobody_in_and_the_new_one_does(self, here: SmallSchool) -> None:
        old = code(here)
        here.follower(STRANGER)
        reissue(here)
        assert texts_code(here, STRANGER, old) is FollowOutcome.WRONG
        assert texts_code(here, STRANGER) is FollowOutcome.FOLLOWS


def test_nobody_follows_who_left_and_all_are_told(here: SmallSchool) -> None:
    guardian(here, MOTHER)
    _, subscription = here.follower(MOTHER)
    students.leave(here.session, here.id, here.student, by=here.leader, now=NOW)
    assert status(here, subscription) is STOPPED
    assert texts_to(here, MOTHER) == ["Мария вече не е ученик в училището и абонаментът Ви приключи."]
    assert status_of(here, MOTHER) is STOPPED
