"""The hours and days on which parents may be rung, also around the two nights on which the clock of Sofia jumps."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from runtime.localtime import SOFIA
from school.calling.hours import CallingHours

ALL_WEEK = "1234567"
JUMPS = (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC))
"""When summer time begins and ends; both nights are those of a Sunday."""
MOMENTS = st.one_of(
    st.integers(0, 3 * 365 * 86400).map(lambda seconds: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)),
    st.builds(
        lambda jump, minutes: jump + timedelta(minutes=minutes), st.sampled_from(JUMPS), st.integers(-2880, 2880)
    ),
)
ZONES = st.sampled_from(
    [UTC, SOFIA, *(datetime.fromisoformat(f"2026-01-01T00:00{at}").tzinfo for at in ("-11:00", "+13:00"))]
)
DAYS = st.sets(st.sampled_from(ALL_WEEK), min_size=1).map(lambda days: "".join(sorted(days)))
OPENINGS = (
    st.tuples(st.integers(0, 23), st.integers(1, 24))
    .filter(lambda pair: pair[0] < pair[1])
    .flatmap(lambda pair: st.builds(CallingHours, st.just(pair[0]), st.just(pair[1]), DAYS))
)
WORKING_DAYS = CallingHours(8, 20, "12345")


def sofia(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SOFIA)


@pytest.mark.parametrize(
    ("moment", "rung_at"),
    [
        ("2026-11-24 07:59:59", "2026-11-24 08:00"),
        ("2026-11-24 08:00", "2026-11-24 08:00"),
        ("2026-11-24 19:59:59", "2026-11-24 19:59:59"),
        ("2026-11-24 20:00", "2026-11-25 08:00"),
        ("2026-11-27 20:00", "2026-11-30 08:00"),  # a Friday evening waits for Monday
        ("2026-11-28 12:00", "2026-11-30 08:00"),
        ("2026-11-29 23:59", "2026-11-30 08:00"),
        ("2026-03-27 21:00", "2026-03-30 08:00"),  # over the weekend on which summer time begins
        ("2026-10-23 21:00", "2026-10-26 08:00"),  # and ends
        ("2026-12-31 22:00", "2027-01-01 08:00"),  # holidays are the school's days to choose, not the calendar's
    ],
)
def test_working_days_from_eight_to_eight(moment: str, rung_at: str) -> None:
    assert WORKING_DAYS.first_from(sofia(moment)) == sofia(rung_at)
    assert WORKING_DAYS.allow(sofia(moment)) is (moment == rung_at or rung_at == moment + ":00")


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        ("2026-11-24T21:59:59+00:00", "2"),  # 23:59 on Tuesday in Sofia
        ("2026-11-24T22:00:00+00:00", "3"),  # midnight in Sofia, still Tuesday in UTC
        ("2026-07-07T21:00:00+00:00", "3"),  # in summer an hour earlier
    ],
)
def test_the_day_of_the_week_is_sofias(moment: str, day: str) -> None:
    at = datetime.fromisoformat(moment)
    assert [one for one in ALL_WEEK if CallingHours(0, 24, one).allow(at)] == [day]


def test_only_on_one_day_is_waited_for_a_whole_week() -> None:
    mondays = CallingHours(9, 10, "1")
    assert mondays.first_from(sofia("2026-11-23 10:00")) == sofia("2026-11-30 09:00")


def test_an_hour_left_out_on_the_only_day_is_waited_for_a_week_later() -> None:
    sundays_at_three = CallingHours(3, 4, "7")
    assert sundays_at_three.first_from(sofia("2026-03-29 01:00")) == sofia("2026-04-05 03:00")


def test_an_hour_that_comes_twice_may_be_used_twice() -> None:
    sundays_at_three = CallingHours(3, 4, "7")
    opening = sundays_at_three.first_from(sofia("2026-10-25 01:00")).astimezone(UTC)
    assert opening == datetime(2026, 10, 25, 0, 0, tzinfo=UTC)
    assert sundays_at_three.allow(opening + timedelta(minutes=119))
    assert not sundays_at_three.allow(opening + timedelta(minutes=120))


@given(MOMENTS, OPENINGS)
def test_a_call_is_put_off_to_an_allowed_moment_and_no_further(moment: datetime, hours: CallingHours) -> None:
    first = hours.first_from(moment)
    assert first >= moment
    assert hours.allow(first)
    assert hours.first_from(first) == first
    assert (first == moment) is hours.allow(moment)


@given(MOMENTS, OPENINGS, st.floats(0, 1, exclude_max=True))
def test_nobody_could_have_been_rung_before(moment: datetime, hours: CallingHours, share: float) -> None:
    first = hours.first_from(moment)
    assume(first > moment)
    between = moment + (first - moment) * share
    assume(between < first)
    assert not hours.allow(between)


@given(MOMENTS, OPENINGS, ZONES)
def test_a_moment_is_the_same_in_every_zone(moment: datetime, hours: CallingHours, zone: object) -> None:
    local = moment.astimezone(zone)  # type: ignore[arg-type]
    assert hours.allow(local) is hours.allow(moment)
    assert hours.first_from(local).astimezone(UTC) == hours.first_from(moment).astimezone(UTC)


@given(MOMENTS)
def test_at_any_hour_of_any_day_is_at_once(moment: datetime) -> None:
    assert CallingHours(0, 24, ALL_WEEK).first_from(moment) == moment
