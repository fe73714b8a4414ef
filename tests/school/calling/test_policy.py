"""How long a telephone is left in peace after a call, by how the call ended."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.kinds import CallResult
from school.calling.policy import LONGEST_PAUSE, POLICIES, Pauses

RESULTS = st.sampled_from(sorted(CallResult))


@pytest.mark.parametrize(
    ("result", "minutes"),
    [
        (CallResult.BUSY, [5, 10, 20, 40, 60, 60]),
        (CallResult.NO_ANSWER, [30, 60, 60]),
        (CallResult.CUT_SHORT, [30, 60, 60]),
        (CallResult.REJECTED, [60, 60]),
        (CallResult.TRUNK, [2, 4, 8, 16, 32, 60]),
        (CallResult.FAILED, [5, 10, 20, 40, 60]),
    ],
)
def test_the_pause_doubles_up_to_an_hour(result: CallResult, minutes: list[int]) -> None:
    pauses = [Pauses().after(result, counted) for counted in range(1, len(minutes) + 1)]
    assert pauses == [timedelta(minutes=number) for number in minutes]


@pytest.mark.parametrize("result", [CallResult.REACHED, CallResult.MACHINE, CallResult.BAD_NUMBER, CallResult.UNKNOWN])
def test_what_told_somebody_or_never_can_is_not_rung_again(result: CallResult) -> None:
    assert Pauses().after(result, 1) is None


def test_every_end_of_a_call_has_its_rule() -> None:
    assert POLICIES.keys() == set(CallResult)


def test_only_what_our_side_failed_does_not_count() -> None:
    assert {result for result, policy in POLICIES.items() if not policy.counts} == {
        CallResult.TRUNK,
        CallResult.FAILED,
    }


def test_who_hangs_up_or_rejects_is_rung_once_more_only() -> None:
    assert {result for result, policy in POLICIES.items() if policy.most == 2} == {
        CallResult.CUT_SHORT,
        CallResult.REJECTED,
    }


@given(RESULTS, st.integers(0, 10_000))
def test_no_pause_is_longer_than_the_longest_or_shorter_than_the_one_before(result: CallResult, counted: int) -> None:
    pause, following = Pauses().after(result, counted), Pauses().after(result, counted + 1)
    if pause is None:
        assert following is None
    else:
        assert following is not None
        assert timedelta() < pause <= following <= LONGEST_PAUSE


@given(RESULTS, st.integers(1, 20), st.floats(0.001, 1))
def test_a_trial_run_shortens_every_pause_alike(result: CallResult, counted: int, scale: float) -> None:
    usual, short = Pauses().after(result, counted), Pauses(scale).after(result, counted)
    assert short == (None if usual is None else usual * scale)
