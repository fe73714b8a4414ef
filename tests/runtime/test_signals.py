"""Real processes get real signals: one lets them finish what they are at, a second ends them whatever they wait for."""

import asyncio
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from textwrap import dedent

import pytest

from runtime.signals import StopRequest, until_stopped

WITH_THREADS = """
from runtime.signals import stop_requested
stop = stop_requested()
print("up", flush=True)
stop.wait()
print("finishing", flush=True)
"""
WITH_A_LOOP = """
import asyncio
from runtime.signals import stop_event
async def main():
    stop = stop_event()
    print("up", flush=True)
    await stop.wait()
    print("finishing", flush=True)
    {finish}
asyncio.run(main())
"""
STUCK_IN_A_THREAD = """
import threading, time
threading.Thread(target=time.sleep, args=(60,)).start()
"""
STUCK_IN_AN_EXECUTOR = "import time; await asyncio.get_running_loop().run_in_executor(None, time.sleep, 60)"

SIGNALS = [signal.SIGTERM, signal.SIGINT]


@contextmanager
def process(program: str) -> Iterator["subprocess.Popen[str]"]:
    """A Python of its own that has said `up`."""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        try:
            assert started.stdout.readline() == "up\n"
            yield started
        finally:
            started.kill()


def said(started: "subprocess.Popen[str]") -> str:
    """Its next line."""
    assert started.stdout is not None
    return started.stdout.readline().strip()


@pytest.mark.parametrize("number", SIGNALS)
@pytest.mark.parametrize("program", [WITH_THREADS, WITH_A_LOOP.format(finish="")], ids=["threads", "loop"])
def test_one_signal_lets_a_process_finish(program: str, number: signal.Signals) -> None:
    with process(program) as started:
        started.send_signal(number)
        assert said(started) == "finishing"
        assert started.wait(10) == 0


@pytest.mark.parametrize(("first", "second"), [SIGNALS, SIGNALS[::-1], [signal.SIGTERM] * 2])
@pytest.mark.parametrize(
    "program",
    [WITH_THREADS + STUCK_IN_A_THREAD, WITH_A_LOOP.format(finish=STUCK_IN_AN_EXECUTOR)],
    ids=["threads", "loop"],
)
def test_a_second_signal_ends_it_though_a_thread_waits_for_the_database(
    program: str, first: signal.Signals, second: signal.Signals
) -> None:
    with process(program) as started:
        started.send_signal(first)
        assert said(started) == "finishing"
        started.send_signal(second)
        assert started.wait(10) == 1


def test_a_signal_between_any_two_instructions_of_a_wait_is_heard() -> None:
    """With a threading.Event in its place the process soon waits for ever for a lock that it holds itself."""
    program = """
        import random, signal
        from runtime.signals import StopRequest
        print("up", flush=True)
        for _ in range(1000):
            stop = StopRequest()
            signal.signal(signal.SIGALRM, lambda number, frame: stop.set())
            signal.setitimer(signal.ITIMER_REAL, random.uniform(0.0001, 0.0005))
            while not stop.wait(0):
                pass
    """
    with process(dedent(program)) as started:
        assert started.wait(60) == 0


def test_everybody_who_waits_is_told() -> None:
    stop = StopRequest()
    told: list[bool] = []
    waiting = [threading.Thread(target=lambda: told.append(stop.wait())) for _ in range(3)]
    for thread in waiting:
        thread.start()
    assert not stop.wait(0.05)
    assert not stop.is_set()
    stop.set()
    for thread in waiting:
        thread.join(10)
    assert told == [True] * 3
    assert stop.is_set()
    assert stop.wait()


class TestUntilStopped:
    def test_it_returns_when_it_is_to_stop_and_leaves_the_tasks_be(self) -> None:
        async def main() -> bool:
            stop = asyncio.Event()
            task = asyncio.create_task(asyncio.sleep(60))
            asyncio.get_running_loop().call_later(0.01, stop.set)
            await until_stopped(stop, task)
            went_on = not task.done()
            task.cancel()
            return went_on

        assert asyncio.run(main())

    def test_the_error_of_a_task_ends_the_process(self) -> None:
        async def fail() -> None:
            raise LookupError("lost")

        async def main() -> None:
            await until_stopped(asyncio.Event(), asyncio.create_task(fail()))

        with pytest.raises(LookupError, match="lost"):
            asyncio.run(main())

    def test_so_does_one_that_just_ends(self) -> None:
        async def main() -> None:
            await until_stopped(asyncio.Event(), asyncio.create_task(asyncio.sleep(0)))

        with pytest.raises(RuntimeError, match="ended"):
            asyncio.run(main())
