"""Whom to ring now: the outbox and campaigns share the calls, and no telephone rings twice at once."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, update

from db.kinds import CallResult, FamilyState, MessageState
from db.models import CampaignOptOut, Subscription
from school.calling.policy import LINE_BUSY
from school.dialling import due_calls
from school.dialling.due_calls import Limits
from tests.school.dialling.ringing import DIALER, Ringing
from tests.school.students.small_schools import FATHER, MOTHER, NOW, SmallSchool

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
AUNT = "+359888000009"


@pytest.fixture
def ringing(here: SmallSchool) -> Ringing:
    return Ringing(here)


class TestSharing:
    """Two parents to be told what is new, and two families of a campaign."""

    @pytest.fixture(autouse=True)
    def _four_telephones(self, ringing: Ringing, here: SmallSchool) -> None:
        ringing.guardian("0888000001")
        ringing.guardian("0888000002", here.classmate)
        ringing.campaign()
        for phone in ("+359888000003", "+359888000004"):
            ringing.wants_calls(phone)
        here.grade()

    @pytest.mark.parametrize(
        ("limits", "messages", "families"),
        [
            (Limits(0, 0), 0, 0),
            (Limits(1, 0), 0, 1),
            (Limits(1, 1), 1, 0),
            (Limits(2, 1), 1, 1),
            (Limits(3, 1), 1, 2),
            (Limits(4, 4), 2, 2),
            (Limits(100, 100), 2, 2),
        ],
    )
    def test_so_many_begin_and_so_many_of_them_for_the_outbox_first(
        self, ringing: Ringing, limits: Limits, messages: int, families: int
    ) -> None:
        dials = ringing.choose(limits)
        assert [dial.message_id is not None for dial in dials] == [True] * messages + [False] * families

    def test_what_campaigns_do_not_need_is_the_outboxs(self, ringing: Ringing) -> None:
        ringing.choose(Limits(2, 0))
        dials = ringing.choose(Limits(5, 1))
        assert [dial.message_id is not None for dial in dials] == [True, True]

    def test_each_is_an_attempt_on_record_before_anybody_dials(self, ringing: Ringing) -> None:
        dials = ringing.choose()
        rows = ringing.attempts()
        assert [(one.channel_id, one.phone, one.message_id) for one in rows] == [
            (dial.channel_id, dial.phone, dial.message_id) for dial in dials
        ]
        assert len({one.channel_id for one in rows}) == 4
        assert {(one.dialer, one.dialled_at, one.result) for one in rows} == {(DIALER, NOW, None)}
        assert [one.family_id is None for one in rows] == [True, True, False, False]
        assert ringing.choose() == []


class TestLineBusy:
    def test_a_telephone_that_is_told_what_is_new_is_not_rung_for_a_campaign(
        self, ringing: Ringing, here: SmallSchool
    ) -> None:
        ringing.guardian(MOTHER)
        ringing.campaign()
        ringing.wants_calls(MOTHER)
        here.grade()
        (dial,) = ringing.choose()
        assert dial.message_id is not None
        assert (ringing.family().state, ringing.family().due_at) == (FamilyState.WAITING, NOW + LINE_BUSY)
        ringing.now += LINE_BUSY
        assert ringing.choose() == []  # that call goes on
        ringing.ended(dial, CallResult.REACHED)
        ringing.now += LINE_BUSY
        assert ringing.phones() == [MOTHER]

    def test_nor_the_other_way_round_and_that_costs_the_message_no_attempt(
        self, ringing: Ringing, here: SmallSchool
    ) -> None:
        ringing.guardian(MOTHER)
        ringing.campaign()
        (dial,) = ringing.choose()
        ringing.wants_calls(MOTHER)
        here.grade()
        assert ringing.choose() == []
        message = ringing.message()
        assert (message.state, message.attempts, message.due_at) == (MessageState.READY, 0, NOW + LINE_BUSY)
        ringing.ended(dial, CallResult.REACHED)
        ringing.now += LINE_BUSY
        assert ringing.phones() == [MOTHER]

    def test_one_telephone_of_two_families_rings_once_at_a_time(self, ringing: Ringing, here: SmallSchool) -> None:
        ringing.guardian(MOTHER)
        ringing.campaign()
        ringing.campaign(title="И още нещо")
        assert ringing.phones() == [MOTHER]
        assert sorted(family.state for family in ringing.families()) == [FamilyState.CALLING, FamilyState.WAITING]


class TestFamilies:
    """One family with two telephones."""

    @pytest.fixture(autouse=True)
    def _family(self, ringing: Ringing) -> None:
        ringing.guardian(MOTHER)
        ringing.guardian(FATHER)
        ringing.campaign()

    def opt_out(self, ringing: Ringing, phone: str, school: SmallSchool | None = None) -> None:
        row = {"school_id": (school or ringing.school).id, "phone": phone, "at": NOW}
        ringing.session.execute(insert(CampaignOptOut).values(row))

    def test_who_pressed_nought_passes_the_turn_on(self, ringing: Ringing) -> None:
        self.opt_out(ringing, MOTHER)
        assert ringing.choose() == []
        family = ringing.family()
        assert (family.state, family.position, family.due_at) == (FamilyState.WAITING, 2, NOW)
        (dial,) = ringing.choose()
        assert dial.phone == FATHER
        assert ringing.attempts()[0].position == 2

    def test_when_all_did_the_family_is_left_alone(self, ringing: Ringing) -> None:
        for phone in (MOTHER, FATHER):
            self.opt_out(ringing, phone)
        assert ringing.choose() == []
        assert (ringing.family().state, ringing.family().due_at) == (FamilyState.OPTED_OUT, None)
        assert {one.due_at for one in ringing.telephones()} == {None}

    def test_what_another_school_may_not_ring_this_one_may(self, ringing: Ringing, elsewhere: SmallSchool) -> None:
        self.opt_out(ringing, MOTHER, elsewhere)
        assert ringing.phones() == [MOTHER]

    @pytest.mark.parametrize(
        ("student", "values", "rung"),
        [
            ("student", {"calls_enabled": False}, []),
            ("student", {"calls_enabled": True}, [MOTHER]),
            ("classmate", {"calls_enabled": False}, [MOTHER]),  # of that child only
            ("student", {"calls_enabled": False, "status": "stopped", "stopped_at": NOW}, [MOTHER]),
        ],
    )
    def test_who_switched_calls_off_for_the_child_is_not_rung_about_it(
        self, ringing: Ringing, here: SmallSchool, student: str, values: dict[str, Any], rung: list[str]
    ) -> None:
        here.follower(MOTHER, getattr(here, student), **values)
        assert ringing.phones() == rung

    def test_a_telephone_that_rang_in_vain_does_not_get_the_turn_back_from_who_opted_out(
        self, ringing: Ringing
    ) -> None:
        (dial,) = ringing.choose()
        ringing.ended(dial, CallResult.BAD_NUMBER)
        self.opt_out(ringing, FATHER)
        ringing.now += MINUTE
        assert ringing.choose() == []
        assert ringing.family().state is FamilyState.OPTED_OUT

    @pytest.mark.parametrize(
        ("local", "opens"),
        [
            ("2025-11-25T07:59:59+02:00", "2025-11-25T08:00:00+02:00"),
            ("2025-11-25T08:00:00+02:00", None),
            ("2025-11-26T19:59:59+02:00", None),
            ("2025-11-26T20:00:00+02:00", "2025-11-27T08:00:00+02:00"),
        ],
    )
    def test_hours_are_kept_to_the_second(self, ringing: Ringing, local: str, opens: str | None) -> None:
        family = ringing.family()
        family.due_at = NOW - timedelta(days=1)
        ringing.session.flush()
        ringing.now = datetime.fromisoformat(local)
        assert ringing.phones() == ([] if opens else [MOTHER])
        if opens:
            assert ringing.family().due_at == datetime.fromisoformat(opens)

    def test_after_the_campaigns_end_nobody_is_rung(self, ringing: Ringing) -> None:
        ringing.now = NOW + timedelta(days=2)
        assert ringing.choose() == []
        assert ringing.family().due_at == ringing.now + LINE_BUSY  # until its end is recorded


class TestNextAt:
    def test_nobody_waits(self, ringing: Ringing) -> None:
        assert due_calls.next_at(ringing.session, NOW) is None

    def test_a_campaign_begins_or_its_families_are_due(self, ringing: Ringing) -> None:
        ringing.guardian(MOTHER)
        ringing.campaign(NOW + 3 * MINUTE)
        assert due_calls.next_at(ringing.session, NOW) == NOW + 3 * MINUTE
        ringing.campaign(title="По-рано")
        assert due_calls.next_at(ringing.session, NOW) == NOW

    def test_a_message_is_due_sooner(self, ringing: Ringing, here: SmallSchool) -> None:
        ringing.guardian(AUNT)
        ringing.campaign(NOW + 3 * MINUTE)
        ringing.wants_calls(MOTHER)
        here.grade()
        found = due_calls.next_at(ringing.session, NOW)
        assert found is not None
        assert found <= NOW
        (dial,) = ringing.choose()
        ringing.ended(dial, CallResult.TRUNK)
        assert due_calls.next_at(ringing.session, NOW) == NOW + 2 * MINUTE

    def test_who_is_rung_does_not_wait(self, ringing: Ringing) -> None:
        ringing.guardian(MOTHER)
        ringing.campaign()
        ringing.choose()
        assert due_calls.next_at(ringing.session, NOW) is None


def test_switching_calls_off_for_everybody_leaves_nothing_to_ring(ringing: Ringing, here: SmallSchool) -> None:
    ringing.wants_calls(MOTHER)
    here.grade()
    ringing.session.execute(update(Subscription).values(calls_enabled=False))
    assert ringing.choose() == []
    assert (ringing.message().state, ringing.message().error) == (
        MessageState.FAILED,
        "The subscriber wants no calls any more.",
    )
