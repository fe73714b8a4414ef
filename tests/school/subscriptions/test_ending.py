"""Who may end whom: staff with a reason, and the family's first subscriber; who came later ends nobody."""

import pytest

from db.kinds import EndReason, SubscriptionStatus
from db.models import Subscription
from errors import ForbiddenError, InputError, MissingError
from school.subscriptions import followers
from school.subscriptions.ending import Removal, RemovalOutcome, end_by_family, end_by_staff, removable
from school.subscriptions.subscribers import followed, one
from tests.school.following.family import STRANGER, guardian, status, texts_to
from tests.school.students.small_schools import FATHER, MOTHER, NOW, SmallSchool

SAME_END = "+359888000032"
"""Ends as STRANGER does."""
ACTIVE, STOPPED = SubscriptionStatus.ACTIVE, SubscriptionStatus.STOPPED


def by_family(here: SmallSchool, person: int, number: str) -> Removal:
    return end_by_family(here.session, person, followed(here.session, person), number, NOW)


class TestStaff:
    @pytest.mark.parametrize("who", ["class_teacher", "leader", "operator"])
    def test_the_class_teacher_the_leaders_and_the_operator_end(self, here: SmallSchool, who: str) -> None:
        _, subscription = here.follower(STRANGER)
        by = None if who == "operator" else getattr(here, who)
        end_by_staff(here.session, subscription, EndReason.STRANGER, by=by, now=NOW, note="  не е познат ")
        assert status(here, subscription) is STOPPED
        (audited,) = here.audited("subscription.ended")
        assert (audited.staff_id, audited.details["reason"]) == (by, "не е познат")

    def test_others_do_not(self, here: SmallSchool, elsewhere: SmallSchool) -> None:
        _, subscription = here.follower(STRANGER)
        with pytest.raises(ForbiddenError):
            end_by_staff(here.session, subscription, EndReason.OTHER, by=here.teacher, now=NOW)
        with pytest.raises(MissingError):
            end_by_staff(here.session, subscription, EndReason.OTHER, by=elsewhere.leader, now=NOW)
        with pytest.raises(InputError, match="Choose a reason"):
            end_by_staff(here.session, subscription, EndReason.LEFT, by=here.leader, now=NOW)
        with pytest.raises(InputError, match="longer than"):
            end_by_staff(here.session, subscription, EndReason.OTHER, by=here.leader, now=NOW, note="x" * 301)
        assert status(here, subscription) is ACTIVE


class TestFamily:
    def test_the_eldest_ends_a_stranger_by_the_number_in_the_warning(self, here: SmallSchool) -> None:
        mother, _ = here.follower(MOTHER)
        _, subscription = here.follower(STRANGER)
        ended = by_family(here, mother, "32")
        assert (ended.outcome, ended.shown) == (RemovalOutcome.REMOVED, "+359 89* *** *32")
        assert status(here, subscription) is STOPPED
        (audited,) = here.audited("subscription.ended")
        assert (audited.subscriber_id, audited.details["why"]) == (mother, "family")

    def test_who_came_later_cannot_put_out_the_family(self, here: SmallSchool) -> None:
        _, of_mother = here.follower(MOTHER)
        stranger, _ = here.follower(STRANGER)
        assert by_family(here, stranger, MOTHER[-2:]).outcome is RemovalOutcome.NOT_FIRST
        assert removable(here.session, stranger, followed(here.session, stranger)) is None
        assert status(here, of_mother) is ACTIVE

    def test_a_recorded_guardian_comes_first_however_late(self, here: SmallSchool) -> None:
        stranger, of_stranger = here.follower(STRANGER)
        guardian(here, MOTHER)
        mother, of_mother = here.follower(MOTHER)
        assert by_family(here, stranger, MOTHER[-2:]).outcome is RemovalOutcome.NOT_FIRST
        assert by_family(here, mother, "32").outcome is RemovalOutcome.REMOVED
        assert (status(here, of_mother), status(here, of_stranger)) == (ACTIVE, STOPPED)

    def test_one_guardian_does_not_end_another(self, here: SmallSchool) -> None:
        guardian(here, MOTHER)
        guardian(here, FATHER)
        mother, _ = here.follower(MOTHER)
        _, of_father = here.follower(FATHER)
        assert by_family(here, mother, FATHER[-2:]).outcome is RemovalOutcome.GUARDIAN
        assert status(here, of_father) is ACTIVE

    def test_two_numbers_that_end_alike_are_told_apart(self, here: SmallSchool) -> None:
        mother, _ = here.follower(MOTHER)
        _, known_one = here.follower(SAME_END)
        _, subscription = here.follower(STRANGER, status=SubscriptionStatus.WAITING)
        followers.tell_of_new(here.session, one(here.session, subscription), NOW)
        here.session.get_one(Subscription, subscription).status = ACTIVE
        here.session.get_one(Subscription, subscription).following_since = NOW
        here.session.flush()
        here.session.expire_all()
        assert "пратете МАХНИ 100." in texts_to(here, MOTHER)[-1]
        assert by_family(here, mother, "100").outcome is RemovalOutcome.REMOVED
        assert (status(here, known_one), status(here, subscription)) == (ACTIVE, STOPPED)

    def test_where_a_number_means_two_nobody_is_ended(self, here: SmallSchool) -> None:
        mother, _ = here.follower(MOTHER)
        ids = [here.follower(phone)[1] for phone in (SAME_END, STRANGER)]  # older than the warnings' numbers
        assert by_family(here, mother, "32").outcome is RemovalOutcome.NOBODY
        assert [status(here, one) for one in ids] == [ACTIVE, ACTIVE]
        assert by_family(here, mother, "0898765432").outcome is RemovalOutcome.REMOVED
        assert [status(here, one) for one in ids] == [ACTIVE, STOPPED]

    def test_only_children_whose_first_subscriber_it_is_are_concerned(self, here: SmallSchool) -> None:
        here.follower(FATHER, here.classmate)
        mother, _ = here.follower(MOTHER)
        here.follower(MOTHER, here.classmate)
        _, of_maria = here.follower(STRANGER)
        _, of_ivan = here.follower(STRANGER, here.classmate)
        by_family(here, mother, "32")
        assert (status(here, of_maria), status(here, of_ivan)) == (STOPPED, ACTIVE)

    def test_an_address_has_a_number_in_the_warning(self, here: SmallSchool) -> None:
        mother, _ = here.follower(MOTHER)
        _, subscription = here.follower(None, email="s@example.org", status=SubscriptionStatus.WAITING)
        followers.tell_of_new(here.session, one(here.session, subscription), NOW)
        (warning,) = texts_to(here, MOTHER)
        assert warning == "Нов имейл s…@example.org вече следи Мария от 8а. Ако не е Ваш близък, пратете МАХНИ 100."
        assert mother
