"""Quiet hours on the wall clock of Sofia, also on the two days of the year when it jumps."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from runtime.localtime import SOFIA
from school.outbox.hours import ALWAYS, allowed_from, is_allowed, next_hour

MOMENTS = st.integers(0, 3 * 365 * 86400).map(
    lambda seconds: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
HOURS = st.tuples(st.integers(0, 23), st.integers(1, 24)).filter(lambda pair: pair[0] < pair[1])


def sofia(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SOFIA)


@pytest.mark.parametrize(
    ("moment", "allowed"),
    [
        ("2026-11-24 07:59:59", "2026-11-24 08:00"),
        ("2026-11-24 08:00", "2026-11-24 08:00"),
        ("2026-11-24 19:59:59", "2026-11-24 19:59:59"),
        ("2026-11-24 20:00", "2026-11-25 08:00"),
        ("2026-03-28 21:00", "2026-03-29 08:00"),  # summer time began at 3
        ("2026-10-24 21:00", "2026-10-25 08:00"),  # summer time ended at 4
        ("2026-12-31 23:00", "2027-01-01 08:00"),
    ],
)
def test_from_eight_to_eight(moment: str, allowed: str) -> None:
    assert allowed_from(sofia(moment), 8, 20) == sofia(allowed)


def test_the_night_on_which_summer_time_begins_is_an_hour_shorter() -> None:
    evening = sofia("2026-03-28 20:00")
    assert allowed_from(evening, 8, 20).astimezone(UTC) - evening.astimezone(UTC) == timedelta(hours=11)


def test_an_hour_that_the_clock_leaves_out_is_waited_for_until_the_next_day() -> None:
    assert allowed_from(sofia("2026-03-29 01:00"), 3, 4) == sofia("2026-03-30 03:00")


def test_an_hour_that_comes_twice_opens_once() -> None:
    first = allowed_from(sofia("2026-10-25 01:00"), 3, 4).astimezone(UTC)
    assert first == datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
    assert is_allowed(first + timedelta(minutes=90), 3, 4)
    assert next_hour(first, 3).astimezone(UTC) == datetime(2026, 10, 26, 1, 0, tzinfo=UTC)


@given(MOMENTS, HOURS)
def test_the_result_is_allowed_and_not_earlier(moment: datetime, pair: tuple[int, int]) -> None:
    allowed = allowed_from(moment, *pair)
    assert allowed >= moment
    assert is_allowed(allowed, *pair)
    assert allowed_from(allowed, *pair) == allowed


@given(MOMENTS, HOURS, st.floats(0, 1))
def test_nothing_between_the_moment_and_the_result_is_allowed(
    moment: datetime, pair: tuple[int, int], share: float
) -> None:
    allowed = allowed_from(moment, *pair).astimezone(UTC)
    assume(allowed > moment)
    between = moment + (allowed - moment) * share
    assume(between < allowed)
    assert not is_allowed(between, *pair)


@given(MOMENTS)
def test_always_is_always(moment: datetime) -> None:
    assert allowed_from(moment, *ALWAYS) == moment


@given(MOMENTS, st.integers(0, 23))
def test_a_daily_hour_comes_within_a_day(moment: datetime, hour: int) -> None:
    at = next_hour(moment, hour).astimezone(UTC)
    assert timedelta() < at - moment <= timedelta(hours=25)
    assert at.astimezone(SOFIA).hour in (hour, hour + 1)  # the one after it where the clock leaves it out
    assert (at.astimezone(SOFIA).minute, at.second) == (0, 0)
