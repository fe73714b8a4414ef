"""Ending subscriptions: nothing more is told of the child, and nothing changes for other children and followers."""

import pytest
from sqlalchemy import select

from db.kinds import NotificationState, SubscriptionStatus
from db.models import Notification, Subscription
from errors import InputError
from school.subscriptions import stopping
from school.subscriptions.subscribers import followed, one
from tests.school.students.small_schools import FATHER, NOW, SmallSchool


def states(here: SmallSchool, subscription: int) -> set[NotificationState]:
    return set(here.session.scalars(select(Notification.state).where(Notification.subscription_id == subscription)))


def row(here: SmallSchool, subscription: int) -> Subscription:
    here.session.expire_all()
    return here.session.get_one(Subscription, subscription)


def test_what_was_still_to_be_told_of_this_child_is_not_sent(here: SmallSchool) -> None:
    person, of_daughter = here.follower(pin_hash="x")
    _, of_son = here.follower(student=here.classmate, pin_hash="x")
    _, fathers = here.follower(FATHER)
    here.grade()
    here.grade(student_id=here.classmate)
    (daughter,) = (child for child in followed(here.session, person) if child.student_id == here.student)
    stopping.stop(here.session, person, [daughter], NOW)
    stopped = row(here, of_daughter)
    assert (stopped.status, stopped.stopped_at, stopped.pin_hash) == (SubscriptionStatus.STOPPED, NOW, None)
    assert states(here, of_daughter) == {NotificationState.CANCELLED}
    assert states(here, of_son) == states(here, fathers) == {NotificationState.PENDING}
    assert (row(here, of_son).status, row(here, of_son).pin_hash) == (SubscriptionStatus.ACTIVE, "x")
    assert [child.subscription_id for child in followed(here.session, person)] == [of_son]


def test_all_of_them_end_and_each_is_written_down(here: SmallSchool, elsewhere: SmallSchool) -> None:
    person, _ = here.follower()
    elsewhere.follower()
    stopping.stop(here.session, person, followed(here.session, person), NOW)
    assert followed(here.session, person) == ()
    for school in (here, elsewhere):
        (audited,) = school.audited("subscription.stopped")
        assert (audited.subscriber_id, audited.staff_id) == (person, None)
        assert audited.details == {"student_id": school.student}


def test_a_request_that_waits_is_withdrawn(here: SmallSchool) -> None:
    person, subscription = here.follower(status=SubscriptionStatus.WAITING)
    stopping.stop(here.session, person, followed(here.session, person), NOW)
    assert row(here, subscription).status is SubscriptionStatus.STOPPED


def test_nothing_chosen_stops_nothing(here: SmallSchool) -> None:
    person, subscription = here.follower()
    stopping.stop(here.session, person, [], NOW)
    assert row(here, subscription).status is SubscriptionStatus.ACTIVE


def test_a_new_pin_is_that_of_the_chosen_ones_only(here: SmallSchool) -> None:
    _, of_daughter = here.follower(pin_hash="x")
    _, of_son = here.follower(student=here.classmate, pin_hash="x")
    stopping.renew_pin(here.session, [one(here.session, of_daughter)], "2468", NOW)
    assert row(here, of_daughter).pin_hash not in (None, "x")
    assert row(here, of_son).pin_hash == "x"
    (audited,) = here.audited("pin.changed")
    assert "2468" not in str(audited.details)


@pytest.mark.parametrize("pin", ["", "123", "1234567", "12a4", "١٢٣٤"])
def test_what_is_no_pin_is_refused(here: SmallSchool, pin: str) -> None:
    _, subscription = here.follower(pin_hash="x")
    with pytest.raises(InputError):
        stopping.renew_pin(here.session, [one(here.session, subscription)], pin, NOW)
    assert row(here, subscription).pin_hash == "x"
