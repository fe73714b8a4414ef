"""One message about several children: it is told while it is wanted for any of them, on days that suit them all."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, update

from db.events import EventRef
from db.kinds import CallResult, MessageState
from db.models import HeardEvent, School, Subscription
from tests.school.dialling.ringing import Ringing
from tests.school.students.small_schools import MOTHER, NOW, SmallSchool

DAY = timedelta(days=1)


@pytest.fixture
def ringing(here: SmallSchool) -> Ringing:
    return Ringing(here)


@pytest.fixture
def both(ringing: Ringing, here: SmallSchool, elsewhere: SmallSchool) -> tuple[int, int, EventRef, EventRef]:
    """A mother of a child at each school, both with a grade: the subscriptions and the grades."""
    _, first = ringing.wants_calls(MOTHER)
    _, second = Ringing(elsewhere).wants_calls(MOTHER)
    return first, second, here.grade(), elsewhere.grade()


def weekdays(school: SmallSchool, days: str) -> None:
    school.session.execute(update(School).where(School.id == school.id).values(call_weekdays=days))


def switch_off(ringing: Ringing, *subscriptions: int) -> None:
    ringing.session.execute(update(Subscription).where(Subscription.id.in_(subscriptions)).values(calls_enabled=False))


def heard(school: SmallSchool, person: int, ref: EventRef) -> None:
    school.session.execute(
        insert(HeardEvent).values(
            subscriber_id=person, kind=ref.kind, event_id=ref.id, school_id=school.id, first_heard_at=NOW
        )
    )


Both = tuple[int, int, EventRef, EventRef]


class TestDays:
    @pytest.mark.parametrize(
        ("mine", "theirs", "due"),
        [
            ("123456", "2", 0),
            ("23", "3", 1),
            ("34", "45", 2),
            ("15", "56", 3),
        ],
    )
    def test_both_schools_allow(
        self,
        ringing: Ringing,
        here: SmallSchool,
        elsewhere: SmallSchool,
        both: Both,
        mine: str,
        theirs: str,
        due: int,
    ) -> None:
        weekdays(here, mine)
        weekdays(elsewhere, theirs)
        rung = ringing.phones()
        assert rung == ([] if due else [MOTHER])
        if due:
            opening = (NOW + due * DAY).replace(hour=6, minute=0) - timedelta(hours=8)  # midnight in Sofia
            assert ringing.message().due_at == opening
            assert ringing.message().attempts == 0
            ringing.now = NOW + due * DAY
            assert ringing.phones() == [MOTHER]

    def test_what_happens_on_a_friday_evening_is_told_on_monday_however_late_the_dialer_comes_to_it(
        self, ringing: Ringing, here: SmallSchool
    ) -> None:
        weekdays(here, "12345")
        ringing.wants_calls(MOTHER)
        friday = NOW + 3 * DAY
        here.grade(now=friday.replace(hour=18, minute=30), on=friday.date())  # 20:30 in Sofia: after the hours
        for saturday_or_sunday in (1, 2):
            ringing.now = (friday + saturday_or_sunday * DAY).replace(hour=6)  # 8:00 in Sofia
            assert ringing.choose() == []
        ringing.now = (friday + 3 * DAY).replace(hour=17)
        assert ringing.phones() == [MOTHER]

    def test_a_child_for_whom_calls_are_off_forbids_no_day(
        self, ringing: Ringing, here: SmallSchool, elsewhere: SmallSchool, both: Both
    ) -> None:
        weekdays(elsewhere, "7")
        switch_off(ringing, both[1])
        assert ringing.phones() == [MOTHER]


class TestWanted:
    def test_while_it_is_for_one_of_the_children(self, ringing: Ringing, both: Both) -> None:
        switch_off(ringing, both[0])
        assert ringing.phones() == [MOTHER]

    def test_not_any_more_for_any(self, ringing: Ringing, both: Both) -> None:
        switch_off(ringing, *both[:2])
        assert ringing.choose() == []
        assert ringing.message().state is MessageState.FAILED


class TestHeard:
    def test_when_one_grade_is_still_unheard_it_rings(self, ringing: Ringing, here: SmallSchool, both: Both) -> None:
        heard(here, ringing.subscriber(both[0]), both[2])
        assert ringing.phones() == [MOTHER]

    def test_when_all_that_is_wanted_was_heard_it_does_not(
        self, ringing: Ringing, here: SmallSchool, both: Both
    ) -> None:
        heard(here, ringing.subscriber(both[0]), both[2])
        switch_off(ringing, both[1])
        assert ringing.choose() == []
        assert ringing.message().state is MessageState.SENT


@pytest.mark.parametrize(
    ("results", "state", "error"),
    [
        ([CallResult.REACHED], MessageState.SENT, None),
        ([CallResult.MACHINE], MessageState.FAILED, "An answering machine took the call."),
        ([CallResult.BAD_NUMBER], MessageState.FAILED, "The number does not exist."),
        ([CallResult.UNKNOWN], MessageState.UNKNOWN, "Nobody saw how the call ended."),
        ([CallResult.REJECTED], MessageState.READY, "The call was rejected."),
        ([CallResult.REJECTED] * 2, MessageState.FAILED, "The call was rejected."),
        ([CallResult.CUT_SHORT] * 2, MessageState.FAILED, "It was answered and hung up."),
        ([CallResult.BUSY] * 2, MessageState.READY, "Busy."),
        ([CallResult.BUSY, CallResult.NO_ANSWER, CallResult.BUSY], MessageState.FAILED, "Busy."),
        ([CallResult.FAILED] * 4, MessageState.READY, None),
        ([CallResult.TRUNK] * 4 + [CallResult.BUSY], MessageState.READY, "Busy."),
    ],
)
def test_what_becomes_of_a_message_by_how_its_calls_ended(
    ringing: Ringing, here: SmallSchool, results: list[CallResult], state: MessageState, error: str | None
) -> None:
    ringing.wants_calls(MOTHER)
    here.grade()
    for result in results:
        (dial,) = ringing.choose()
        ringing.ended(dial, result)
        ringing.now += timedelta(hours=1)
    message = ringing.message()
    assert (message.state, message.error) == (state, error)


def test_one_that_our_side_fails_again_and_again_is_given_up(ringing: Ringing, here: SmallSchool) -> None:
    ringing.wants_calls(MOTHER)
    here.grade()
    calls = 0
    while dials := ringing.choose():
        ringing.ended(dials[0], CallResult.FAILED)
        ringing.now += timedelta(hours=1)
        calls += 1
    assert calls == 7  # four cost nothing, three count
    assert ringing.message().state is MessageState.FAILED
