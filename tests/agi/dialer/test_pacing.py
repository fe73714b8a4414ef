"""How many calls may begin: the rate, the channels, the share of inbound calls, a trunk that fails."""

from hypothesis import given
from hypothesis import strategies as st

from agi.dialer.pacing import FAULTS_BEFORE_REST, FIRST_REST, LONGEST_REST, Pacer, Trunk


def failing(now: float = 0.0) -> Trunk:
    trunk = Trunk()
    for _ in range(FAULTS_BEFORE_REST):
        trunk.failed(now)
    return trunk


class TestChannels:
    def test_a_share_stays_free_for_parents_who_call_in(self) -> None:
        pacer = Pacer(100.0, 10, 0.3)
        assert pacer.most_outbound == 7
        assert pacer.room(0.0, outbound=6, inbound=0) == 1
        assert pacer.room(0.0, outbound=7, inbound=0) == 0

    def test_calls_that_come_in_first_use_their_share_then_take_from_ours(self) -> None:
        pacer = Pacer(100.0, 10, 0.3)
        assert pacer.room(0.0, outbound=6, inbound=3) == 1
        assert pacer.room(0.0, outbound=6, inbound=4) == 0
        assert pacer.room(0.0, outbound=0, inbound=10) == 0

    def test_even_one_channel_rings_somebody(self) -> None:
        assert Pacer(1.0, 1, 0.9).room(0.0, 0, 0) == 1

    @given(st.integers(1, 500), st.floats(0, 0.9), st.integers(0, 500), st.integers(0, 500), st.floats(0.1, 100))
    def test_never_more_than_the_trunk_has(
        self, channels: int, share: float, outbound: int, inbound: int, rate: float
    ) -> None:
        pacer = Pacer(rate, channels, share)
        room = pacer.room(0.0, outbound, inbound)
        assert room >= 0
        if room:
            assert outbound + room <= pacer.most_outbound
            assert outbound + inbound + room <= channels


class TestRate:
    def test_slots_are_evenly_spaced(self) -> None:
        pacer = Pacer(4.0, 30, 0.3)
        assert [pacer.slot(10.0) for _ in range(4)] == [10.0, 10.25, 10.5, 10.75]

    def test_time_that_passed_unused_is_not_made_up_for(self) -> None:
        pacer = Pacer(4.0, 30, 0.3)
        pacer.slot(0.0)
        assert pacer.slot(100.0) == 100.0
        assert pacer.slot(100.0) == 100.25


class TestTrunk:
    def test_a_single_fault_is_one_telephones(self) -> None:
        trunk = Trunk()
        trunk.failed(0.0)
        trunk.worked()
        trunk.failed(0.0)
        assert trunk.room(0.0, 0) is None

    def test_some_in_a_row_make_it_rest_and_then_one_call_tries_it(self) -> None:
        trunk = failing()
        assert trunk.room(0.1, 0) == 0
        assert trunk.room(FIRST_REST, 0) == 1
        assert trunk.room(FIRST_REST, 1) == 0  # that one call is under way

    def test_it_rests_longer_each_time_up_to_a_limit_and_a_call_that_works_ends_it(self) -> None:
        trunk, now, rests = failing(), 0.0, []
        for _ in range(10):
            began = now
            while trunk.room(now, 0) == 0:
                now += 1.0
            rests.append(now - began)
            trunk.failed(now)
        assert rests[:3] == [FIRST_REST, 2 * FIRST_REST, 4 * FIRST_REST]
        assert max(rests) == LONGEST_REST
        trunk.worked()
        assert trunk.room(now, 5) is None

    def test_calls_that_fail_while_it_rests_already_do_not_lengthen_the_rest(self) -> None:
        trunk = failing()
        for _ in range(20):
            trunk.failed(1.0)
        assert trunk.room(FIRST_REST, 0) == 1
