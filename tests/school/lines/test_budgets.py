"""A school's day of calls, minutes and SMS: what is beyond it waits for the next, and answers never wait."""

from datetime import timedelta

import pytest

from db.kinds import CallResult, Channel, FamilyState, MessagePurpose, MessageState
from errors import ForbiddenError, InputError
from school import lines, outbox
from school.campaigns import stops as decisions
from school.lines import Budget
from tests.school.campaigns.conftest import Campaigning
from tests.school.lines.costs import SetLimits, calls, claim, days, put_campaign_sms, ring_all, school_id, sent, states

DAY = timedelta(days=1)
A_TEXT = "Утре училището е затворено."


def answer(campaigning: Campaigning, purpose: MessagePurpose = MessagePurpose.ANSWER, urgent: bool = True) -> int:
    with campaigning.database.session() as session:
        return outbox.enqueue(
            session,
            channel=Channel.SMS,
            address="+359888123456",
            text=A_TEXT,
            purpose=purpose,
            now=campaigning.now,
            school_id=school_id(campaigning),
            urgent=urgent,
        )


class TestCalls:
    def test_campaigns_use_their_share_and_not_a_call_more_and_go_on_the_next_day(
        self, campaigning: Campaigning, limits: SetLimits
    ) -> None:
        limits(calls_a_day=10, campaign_share=0.8)
        campaign_id = campaigning.start(event_id=None, title="Утре няма вода")
        assert ring_all(campaigning) == calls(campaigning) == 8
        waiting = [one for one in campaigning.families(campaign_id) if one.state is FamilyState.WAITING]
        assert len(waiting) == 46 - 8
        (today,) = days(campaigning)
        assert (today.calls, today.campaign_calls, today.waiting(0.8), today.waiting(1.0)) == (8, 8, ("calls",), ())
        campaigning.later(DAY)
        assert ring_all(campaigning) == 8

    def test_a_round_of_any_size_keeps_to_it(self, campaigning: Campaigning, limits: SetLimits) -> None:
        limits(calls_a_day=5, campaign_share=1)
        campaigning.start(event_id=None, title="Утре няма вода")
        assert len(campaigning.choose(100)) == 5
        assert campaigning.choose(100) == []

    def test_minutes_are_counted_when_the_telephone_is_hung_up(
        self, campaigning: Campaigning, limits: SetLimits
    ) -> None:
        limits(minutes_a_day=2, campaign_share=1)
        campaigning.start(event_id=None, title="Утре няма вода")
        for _ in range(2):
            (dial,) = campaigning.choose(1)
            with campaigning.database.session() as session:
                from school.dialling import attempts
                from school.dialling.attempts import Ended

                attempts.answered(session, [dial.channel_id], campaigning.now)
                campaigning.later(timedelta(seconds=60))
                attempts.told(session, dial.channel_id, CallResult.REACHED, campaigning.now, campaigning.pauses)
                attempts.ended(session, [Ended(dial.channel_id, None, 16)], campaigning.now, campaigning.pauses)
        assert days(campaigning)[0].minutes == 2
        assert campaigning.choose(1) == []

    def test_nobody_is_looked_for_while_nobody_may_be_rung(self, campaigning: Campaigning, limits: SetLimits) -> None:
        from school.dialling import due_calls

        limits(calls_a_day=1, campaign_share=1)
        campaigning.start(event_id=None, title="Утре няма вода")
        campaigning.choose(1)
        with campaigning.database.reading() as session:
            assert due_calls.next_at(session, campaigning.now) is None


class TestSms:
    def test_what_is_beyond_waits_for_the_next_day_and_answers_do_not(
        self, campaigning: Campaigning, limits: SetLimits
    ) -> None:
        limits(sms_parts_a_day=10, campaign_share=0.8)
        ids = put_campaign_sms(campaigning, 30)
        first = claim(campaigning)
        assert len(first) == 8
        sent(campaigning, first)
        assert claim(campaigning) == ()
        waits_for = [answer(campaigning), answer(campaigning, MessagePurpose.SERVICE, urgent=False)]
        claimed = claim(campaigning)
        assert sorted(one.message_id for one in claimed) == waits_for
        sent(campaigning, claimed)
        assert states(campaigning, ids) == {MessageState.SENT: 8, MessageState.READY: 22}
        campaigning.later(timedelta(hours=7))  # 1:00 in Sofia of the next day
        assert len(claim(campaigning)) == 8

    def test_what_another_sender_has_in_hand_is_counted(self, campaigning: Campaigning, limits: SetLimits) -> None:
        limits(sms_parts_a_day=10, campaign_share=1)
        put_campaign_sms(campaigning, 30)
        assert [len(claim(campaigning, 4)) for _ in range(4)] == [4, 4, 2, 0]

    def test_long_texts_count_by_their_parts(self, campaigning: Campaigning, limits: SetLimits) -> None:
        limits(sms_parts_a_day=10, campaign_share=1)
        put_campaign_sms(campaigning, 30, "Утре няма вода. " * 10)  # three parts
        claimed = claim(campaigning)
        assert len(claimed) == 3
        sent(campaigning, claimed, parts=3)
        assert days(campaigning)[0].sms_parts == 9

    def test_no_limit_is_none(self, campaigning: Campaigning, limits: SetLimits) -> None:
        limits(sms_parts_a_day=0, calls_a_day=0, minutes_a_day=0, brake_floor=1_000_000)
        put_campaign_sms(campaigning, 100)
        assert len(claim(campaigning)) == 100
        assert days(campaigning)[0].may == Budget()


class TestOwnFigures:
    def test_a_schools_own_budget_counts_at_once_and_is_audited(
        self, campaigning: Campaigning, limits: SetLimits
    ) -> None:
        limits(calls_a_day=2, campaign_share=1)
        campaigning.start(event_id=None, title="Утре няма вода")
        assert ring_all(campaigning) == 2
        with campaigning.database.session() as session:
            school = school_id(campaigning)
            decisions.change_budget(session, school, Budget(calls=5), by=None, now=campaigning.now)
        assert ring_all(campaigning) == 3
        with campaigning.database.session() as session:
            decisions.change_budget(session, school, Budget(), by=None, now=campaigning.now)
            assert lines.days(session, campaigning.now)[0].may.calls == 2

    @pytest.mark.parametrize("wrong", [Budget(calls=0), Budget(minutes=-1), Budget(sms_parts=10**12)])
    def test_what_is_no_figure_is_refused(self, campaigning: Campaigning, wrong: Budget) -> None:
        with campaigning.database.session() as session, pytest.raises(InputError, match="whole number"):
            decisions.change_budget(session, school_id(campaigning), wrong, by=None, now=campaigning.now)

    def test_a_schools_leader_sets_no_budget(self, campaigning: Campaigning) -> None:
        with campaigning.database.session() as session, pytest.raises(ForbiddenError):
            decisions.change_budget(
                session, school_id(campaigning), Budget(calls=9), by=campaigning.principal, now=campaigning.now
            )
