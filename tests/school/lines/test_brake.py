"""A runaway campaign, how many families it reaches before the brake, and what a person decides."""

from datetime import date, timedelta

import pytest
from sqlalchemy import insert, select

from db.kinds import CampaignState, Channel, FamilyState, MessagePurpose, MessageState
from db.models import Campaign, LineUse, Message, School
from errors import ForbiddenError, InputError, MissingError
from school import lines, outbox
from school.campaigns import stops as decisions
from tests.school.campaigns.conftest import Campaigning
from tests.school.lines.costs import (
    SetLimits,
    calls,
    claim,
    put_campaign_sms,
    ring_all,
    school_id,
    sent,
    states,
    stops,
)

TODAY = date(2026, 11, 24)
ROOM = 21
"""Calls that a dialer chooses at once: 30 channels, less the share for parents who call in."""


def used_before(campaigning: Campaigning, days_ago: int, campaign_calls: int) -> None:
    with campaigning.database.session() as session:
        day = TODAY - timedelta(days=days_ago)
        values = {"school_id": school_id(campaigning), "day": day, "campaign_calls": campaign_calls}
        session.execute(insert(LineUse).values(values))


def announce(campaigning: Campaigning, title: str = "Утре няма вода") -> int:
    return campaigning.start(event_id=None, title=title)


class TestRunaway:
    @pytest.mark.parametrize("room", [1, 5, ROOM])
    def test_it_reaches_the_floor_and_at_most_one_round_more(
        self, campaigning: Campaigning, limits: SetLimits, room: int
    ) -> None:
        """46 families; the brake begins at 20. What is measured is told in docs/operations.md."""
        limits(brake_floor=20)
        campaign_id = announce(campaigning)
        reached = ring_all(campaigning, room=room)
        assert 20 <= reached < 20 + room
        assert reached == calls(campaigning)
        states_now = [one.state for one in campaigning.families(campaign_id)]
        assert states_now.count(FamilyState.REACHED) == reached
        assert states_now.count(FamilyState.WAITING) == 46 - reached
        (stop,) = stops(campaigning)
        assert (stop.school_id, stop.most, stop.decided_at) == (school_id(campaigning), 20, None)

    def test_a_usual_day_of_campaigns_is_not_stopped(self, campaigning: Campaigning, limits: SetLimits) -> None:
        limits(brake_floor=5, brake_times=3)
        for days_ago, number in ((7, 16), (14, 20), (21, 18), (30, 900)):
            used_before(campaigning, days_ago, number)
        announce(campaigning)
        assert ring_all(campaigning) == 46  # three times a median of 19
        assert stops(campaigning) == []

    def test_sms_of_a_campaign_count_and_are_held_and_nothing_else_is(
        self, campaigning: Campaigning, limits: SetLimits
    ) -> None:
        limits(brake_floor=10)
        ids = put_campaign_sms(campaigning, 40)
        sent(campaigning, claim(campaigning, 10))
        assert len(stops(campaigning)) == 1
        with campaigning.database.session() as session:
            others = [
                outbox.enqueue(
                    session,
                    channel=Channel.SMS,
                    address="+359888123456",
                    text="Вашият ПИН",
                    purpose=purpose,
                    now=campaigning.now,
                    school_id=school_id(campaigning),
                )
                for purpose in (MessagePurpose.ANSWER, MessagePurpose.SERVICE, MessagePurpose.NOTIFICATION)
            ]
        claimed = claim(campaigning)
        assert sorted(one.message_id for one in claimed) == others
        sent(campaigning, claimed)
        campaigning.later(timedelta(hours=1))
        assert claim(campaigning) == ()
        assert states(campaigning, ids) == {MessageState.SENT: 10, MessageState.READY: 30}

    def test_the_platform_has_a_brake_of_its_own(self, campaigning: Campaigning, limits: SetLimits) -> None:
        limits(brake_platform_floor=20)
        announce(campaigning)
        assert 20 <= ring_all(campaigning, room=5) < 25
        (stop,) = stops(campaigning)
        assert stop.school_id is None
        announce(campaigning, "Друго съобщение")
        assert campaigning.choose() == []

    def test_another_schools_campaigns_go_on(self, campaigning: Campaigning, limits: SetLimits) -> None:
        limits(brake_floor=5)
        announce(campaigning)
        ring_all(campaigning, room=5)
        with campaigning.database.session() as session:
            other = School(institution_code="1234567", name="Друго", town="Русе", created_at=campaigning.now)
            session.add(other)
            session.flush()
            held = lines.holds(session, campaigning.now)
            assert held.is_stopped(school_id(campaigning))
            assert not held.is_stopped(other.id)


class TestAlarm:
    def test_operators_are_written_to_once(self, campaigning: Campaigning, limits: SetLimits) -> None:
        limits(brake_floor=5)
        announce(campaigning)
        ring_all(campaigning)
        campaigning.keep()
        campaigning.keep()
        letters = [one for one in campaigning.sms() if one.channel is Channel.EMAIL]
        assert len(letters) == 1
        assert "кампаниите за днес вече са" in letters[0].text


class TestDecision:
    @pytest.fixture
    def stopped(self, campaigning: Campaigning, limits: SetLimits) -> int:
        limits(brake_floor=10, number_calls_an_hour=100, number_calls_a_day=100)
        self.campaign_id = announce(campaigning)
        assert ring_all(campaigning, room=5) == 10
        return stops(campaigning)[0].id

    def test_released_they_go_on_until_as_much_again_was_used(self, campaigning: Campaigning, stopped: int) -> None:
        ids = put_campaign_sms(campaigning, 3)
        assert claim(campaigning) == ()
        with campaigning.database.session() as session:
            decisions.release(session, stopped, by=None, now=campaigning.now)
        assert len(claim(campaigning)) == 3
        assert states(campaigning, ids) == {MessageState.CLAIMED: 3}
        assert ring_all(campaigning, room=5) == 10
        assert [one.released for one in stops(campaigning)] == [True, None]

    def test_confirmed_the_campaigns_are_over_and_new_ones_may_begin(
        self, campaigning: Campaigning, stopped: int
    ) -> None:
        with campaigning.database.session() as session:
            assert decisions.confirm(session, stopped, by=None, now=campaigning.now) == 1
        assert campaigning.state(self.campaign_id) is CampaignState.STOPPED
        families = [one.state for one in campaigning.families(self.campaign_id)]
        assert (families.count(FamilyState.REACHED), families.count(FamilyState.SKIPPED)) == (10, 36)
        announce(campaigning, "Друго съобщение")
        assert ring_all(campaigning, room=5) == 10
        assert [one.released for one in stops(campaigning)] == [False, None]

    def test_it_is_decided_once_and_by_the_operator_alone(self, campaigning: Campaigning, stopped: int) -> None:
        with campaigning.database.session() as session, pytest.raises(ForbiddenError):
            decisions.release(session, stopped, by=campaigning.principal, now=campaigning.now)
        with campaigning.database.session() as session, pytest.raises(MissingError):
            decisions.release(session, 999_999, by=None, now=campaigning.now)
        with campaigning.database.session() as session:
            decisions.release(session, stopped, by=None, now=campaigning.now)
        with campaigning.database.session() as session, pytest.raises(InputError, match="decided on already"):
            decisions.confirm(session, stopped, by=None, now=campaigning.now)

    def test_undecided_it_stays_the_next_day(self, campaigning: Campaigning, stopped: int) -> None:
        campaigning.later(timedelta(days=1))
        assert campaigning.choose() == []
        with campaigning.database.reading() as session:
            assert session.scalars(select(Campaign.state)).all() == [CampaignState.RUNNING]
            assert session.scalars(select(Message.id).where(Message.channel == Channel.SMS)).all() == []
