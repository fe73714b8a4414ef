"""What is done again and again goes on after a failure, and stops when it is told to."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from time import monotonic

from structlog.testing import capture_logs

from errors import OperationError
from runtime.periodic import PeriodicThread, every, repeat

AWAY = OperationError("The database does not answer: no route to host.")


def run_for(seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    """Run what goes on until it is cancelled."""

    async def main() -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(work(), seconds)

    asyncio.run(main())


class Failing:
    """A chore that fails in these ways, one after the other, and then no more."""

    def __init__(self, *errors: Exception) -> None:
        self._errors = list(errors)
        self.times: list[float] = []

    def __call__(self) -> None:
        self.times.append(monotonic())
        if self._errors:
            raise self._errors.pop(0)

    async def as_step(self) -> None:
        """The same, awaited."""
        self()


class TestEvery:
    def test_a_chore_that_fails_is_logged_and_done_again(self) -> None:
        chore = Failing(LookupError("Мария"), AWAY)
        with capture_logs() as lines:
            run_for(0.3, lambda: every(0.02, chore.as_step))
        assert len(chore.times) > 3
        assert [line["event"] for line in lines] == ["chore.failed", "chore.database_away"]
        assert "LookupError at" in lines[0]["error"]
        assert "Мария" not in str(lines)
        assert lines[1]["reason"] == str(AWAY)

    def test_cancelling_ends_it_in_the_midst_of_a_chore(self) -> None:
        ended: list[str] = []

        async def slow() -> None:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                ended.append("cancelled")
                raise

        run_for(0.05, lambda: every(1, slow))
        assert ended == ["cancelled"]


class TestRepeat:
    def test_steps_follow_one_another_without_a_pause_until_told(self) -> None:
        steps = Failing()
        asyncio.run(repeat("sender", steps.as_step, while_true=lambda: len(steps.times) < 1000, pause_seconds=60))
        assert len(steps.times) == 1000

    def test_after_a_failure_it_rests_and_goes_on(self) -> None:
        steps = Failing(LookupError("Мария"))
        with capture_logs() as lines:
            asyncio.run(repeat("sender", steps.as_step, while_true=lambda: len(steps.times) < 3, pause_seconds=0.1))
        first, second, third = steps.times
        assert second - first >= 0.09
        assert third - second < 0.09
        assert [line["event"] for line in lines] == ["sender.failed"]
        assert "Мария" not in str(lines)

    def test_a_database_that_is_away_is_logged_once_each_time(self) -> None:
        steps = Failing(AWAY, AWAY, AWAY)
        again = Failing(AWAY, AWAY)

        async def both() -> None:
            await (steps if len(steps.times) < 4 else again).as_step()

        with capture_logs() as lines:
            asyncio.run(repeat("claimer", both, while_true=lambda: len(again.times) < 3, pause_seconds=0.001))
        assert [line["event"] for line in lines] == ["claimer.database_away"] * 2


class TestPeriodicThread:
    def test_each_chore_has_its_own_pace_and_none_suffers_from_another(self) -> None:
        often, seldom = Failing(LookupError("lost"), AWAY), Failing()
        enough = threading.Event()

        def count() -> None:
            if len(often.times) > 10:
                enough.set()

        thread = PeriodicThread("maintenance", (0.01, often), (60, seldom), (0.01, count))
        with capture_logs() as lines:
            thread.start()
            assert enough.wait(30)
            thread.stop(10)
        assert len(seldom.times) == 1
        assert [line["event"] for line in lines] == ["chore.failed", "chore.database_away"]

    def test_stopping_waits_for_the_chore_under_way_and_begins_no_other(self) -> None:
        begun, may_end = threading.Event(), threading.Event()
        done: list[str] = []

        def slow() -> None:
            begun.set()
            may_end.wait(30)
            done.append("slow")

        thread = PeriodicThread("maintenance", (60, slow), (60, lambda: done.append("next")))
        thread.start()
        assert begun.wait(30)
        threading.Timer(0.1, may_end.set).start()
        thread.stop(30)
        assert done == ["slow"]

    def test_stopping_waits_no_longer_than_it_was_told(self) -> None:
        begun, may_end = threading.Event(), threading.Event()

        def stuck() -> None:
            begun.set()
            may_end.wait(30)

        thread = PeriodicThread("maintenance", (60, stuck))
        thread.start()
        assert begun.wait(30)
        before = monotonic()
        thread.stop(0.1)
        assert monotonic() - before < 10
        may_end.set()
