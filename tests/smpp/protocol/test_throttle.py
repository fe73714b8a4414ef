"""The rate at which messages go out, in a time of the tests' own."""

from collections.abc import Callable

import pytest

from smpp.protocol.throttle import Throttle


def run(throttle: Throttle, takes: Callable[[float], bool], messages: int) -> tuple[float, int]:
    """Send one message after the other; returns (seconds, how many refusals). The SMSC's answer takes a millisecond."""
    now, sent, refused = 0.0, 0, 0
    while sent < messages:
        now += throttle.wait(now) or 0.001
        if throttle.wait(now) > 0:
            continue
        throttle.spend()
        if takes(now):
            throttle.accepted(now)
            sent += 1
        else:
            throttle.refused(now)
            refused += 1
        assert now < 600
    return now, refused


def counted_by_the_second(limit: int) -> Callable[[float], bool]:
    counts: dict[int, int] = {}

    def takes(now: float) -> bool:
        counts[int(now)] = counts.get(int(now), 0) + 1
        return counts[int(now)] <= limit

    return takes


def bucket(limit: float) -> Callable[[float], bool]:
    state = {"tokens": limit, "at": 0.0}

    def takes(now: float) -> bool:
        state["tokens"] = min(limit, state["tokens"] + (now - state["at"]) * limit)
        state["at"] = now
        if state["tokens"] < 1:
            return False
        state["tokens"] -= 1
        return True

    return takes


def test_without_a_configured_rate_nothing_waits() -> None:
    throttle = Throttle(None, 0)
    assert [throttle.wait(0.0) for _ in range(3)] == [0, 0, 0]


def test_a_configured_rate_is_kept() -> None:
    seconds, _ = run(Throttle(100, 0), lambda _: True, 500)
    assert 4.8 <= seconds <= 5.2


@pytest.mark.parametrize("limit", [5, 50, 400])
@pytest.mark.parametrize("smsc", [counted_by_the_second, bucket], ids=["by the second", "bucket"])
def test_an_unknown_limit_is_found_and_used_well(smsc: Callable[[int], Callable[[float], bool]], limit: int) -> None:
    messages = limit * 30
    seconds, refused = run(Throttle(None, 0), smsc(limit), messages)
    assert seconds < 30 * 1.2, "at least five sixths of what the SMSC would take"
    assert refused <= messages / 10


def test_a_limit_that_is_lifted_is_noticed() -> None:
    throttle = Throttle(None, 0)
    run(throttle, counted_by_the_second(20), 200)
    slow = throttle.rate
    run(throttle, lambda _: True, 2000)
    assert throttle.rate > 4 * slow


def test_it_never_grows_beyond_the_configured_rate() -> None:
    throttle = Throttle(50, 0)
    run(throttle, counted_by_the_second(20), 100)
    run(throttle, lambda _: True, 3000)
    assert throttle.rate <= 50


def test_an_smsc_that_takes_nothing_is_asked_ever_more_rarely() -> None:
    throttle, now, asked = Throttle(None, 0), 0.0, 0
    while now < 60:
        now += throttle.wait(now) or 0.001
        if throttle.wait(now) == 0:
            throttle.spend()
            throttle.refused(now)
            asked += 1
    assert asked < 25
