"""Work that blocks keeps the event loop free, and fails for who asked."""

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from runtime.blocking import run_blocking, run_here


def test_the_loop_goes_on_while_a_thread_waits() -> None:
    answered = threading.Event()

    async def main() -> str:
        with ThreadPoolExecutor(1) as executor:
            asyncio.get_running_loop().call_later(0.01, answered.set)  # runs only if the loop does
            return f"{await run_blocking(executor, answered.wait, 30)}"

    assert asyncio.run(main()) == "True"


def test_what_the_work_raises_is_raised() -> None:
    def fail(number: int) -> None:
        raise LookupError(number)

    async def main() -> None:
        with ThreadPoolExecutor(1) as executor:
            await run_blocking(executor, fail, 7)

    with pytest.raises(LookupError, match="7"):
        asyncio.run(main())


def test_here_is_the_same_thread() -> None:
    assert run_here(threading.get_ident) == threading.get_ident()
