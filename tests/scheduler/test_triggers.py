"""Each day once, whatever the clocks do (Europe/Sofia: forward on the last Sunday of March, back in October)."""

import pickle
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime.localtime import SOFIA
from scheduler.triggers import Daily, Every

TIMES = st.times(timezones=st.none()).map(lambda one: one.replace(second=0, microsecond=0))
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2032, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis'


def fired(trigger: Daily, start: datetime, times: int) -> list[datetime]:
    """The first so many times from a moment on, as the scheduler asks for them."""
    at = trigger.get_next_fire_time(None, start)
    found = [at]
    while len(found) < times:
        at = trigger.get_next_fire_time(at, at)
        found.append(at)
    return found


def day_of(at: datetime) -> date:
    return at.astimezone(UTC).astimezone(SOFIA).date()


@given(TIMES, MOMENTS)
def test_every_day_has_one_run(clock: time, start: datetime) -> None:
    days = [day_of(at) for at in fired(Daily(clock), start, 40)]
    assert days == [days[0] + timedelta(days=number) for number in range(40)]


@given(TIMES, st.integers(1, 7), MOMENTS)
def test_every_week_has_one_run_on_its_weekday(clock: time, weekday: int, start: datetime) -> None:
    days = [day_of(at) for at in fired(Daily(clock, weekday), start, 8)]
    assert days == [days[0] + timedelta(weeks=number) for number in range(8)]
    assert days[0].isoweekday() == weekday


@given(TIMES, MOMENTS)
def test_a_run_is_never_before_it_is_asked_for(clock: time, start: datetime) -> None:
    assert fired(Daily(clock), start, 1)[0].astimezone(UTC) >= start


@pytest.mark.parametrize(
    ("clock", "day", "utc"),
    [
        (time(17), date(2026, 3, 28), "15:00"),
        (time(17), date(2026, 3, 29), "14:00"),  # summer time has begun
        (time(3, 30), date(2026, 3, 29), "01:30"),  # there is no 3:30 on this day: it is 4:30
        (time(3, 30), date(2026, 10, 25), "00:30"),  # there are two: the first
        (time(17), date(2026, 10, 25), "15:00"),
    ],
)
def test_the_hour_is_the_one_on_the_wall(clock: time, day: date, utc: str) -> None:
    midnight = datetime.combine(day, time(0), SOFIA).astimezone(UTC)
    assert f"{fired(Daily(clock), midnight, 1)[0].astimezone(UTC):%H:%M}" == utc


def test_the_job_store_keeps_it_and_people_can_read_it() -> None:
    kept = pickle.loads(pickle.dumps(Daily(time(17), weekday=5)))
    assert str(kept) == "every Fri at 17:00"
    assert kept.get_next_fire_time(None, datetime(2026, 11, 24, tzinfo=UTC)) == datetime(2026, 11, 27, 15, tzinfo=UTC)
    assert [str(Every(30)), str(pickle.loads(pickle.dumps(Every(3600))))] == ["every 30 s", "every 60 min"]
