"""The mail server of the bench, in a process of its own: takes every letter, counts it, keeps nothing; and a long way.

aiosmtpd is Python, so it is the limit of what is measured; both ways of sending meet the same one.
"""

import asyncio
import multiprocessing
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.sharedctypes import Synchronized
from time import monotonic, sleep
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from runtime import endpoints


@dataclass(frozen=True)
class Counted:
    """What arrived; times of the machine's monotonic clock. Shared with the server's process."""

    letters: "Synchronized[int]"
    first_at: "Synchronized[float]"
    last_at: "Synchronized[float]"

    def begin(self) -> None:
        """Count from nothing."""
        self.letters.value, self.first_at.value = 0, 0.0


class _Handler:
    def __init__(self, counted: Counted) -> None:
        self._counted = counted

    async def handle_EHLO(  # noqa: N802  # aiosmtpd's name
        self, _server: SMTP, session: Session, _envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        return [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_DATA(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        now = monotonic()
        if not self._counted.letters.value:
            self._counted.first_at.value = now
        self._counted.last_at.value = now
        self._counted.letters.value += 1
        return "250 taken"


def _serve(port: int, far_port: int, one_way: float, counted: Counted) -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        handler = _Handler(counted)
        await loop.create_server(lambda: SMTP(handler, hostname="mail.example", loop=loop), endpoints.ADDRESS, port)
        await asyncio.start_server(lambda r, w: _far(r, w, port, one_way), endpoints.ADDRESS, far_port)
        await asyncio.Event().wait()

    asyncio.run(run())


async def _far(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, port: int, one_way: float) -> None:
    """A line on which every octet travels so long, in both directions, as many as like at a time."""
    there, back = await asyncio.open_connection(endpoints.ADDRESS, port)
    await asyncio.gather(_carry(reader, back, one_way), _carry(there, writer, one_way))


async def _carry(source: asyncio.StreamReader, target: asyncio.StreamWriter, one_way: float) -> None:
    loop = asyncio.get_running_loop()
    while octets := await source.read(65536):
        loop.call_later(one_way, target.write, octets)
    loop.call_later(one_way, target.close)


@contextmanager
def running_server(one_way: float) -> Iterator[tuple[int, int, Counted]]:
    """Gives the port, the port at the end of a long line, and the counts."""
    context: Any = multiprocessing.get_context("spawn")
    near, far = _free(), _free()
    counted = Counted(context.Value("i", 0), context.Value("d", 0.0), context.Value("d", 0.0))
    process = context.Process(target=_serve, args=(near, far, one_way, counted), daemon=True)
    process.start()
    try:
        _wait_for(far)
        yield near, far, counted
    finally:
        process.terminate()
        process.join()


def _wait_for(port: int) -> None:
    deadline = monotonic() + 30
    while True:
        try:
            socket.create_connection((endpoints.ADDRESS, port), timeout=1).close()
            return
        except OSError:
            if monotonic() > deadline:
                raise
            sleep(0.05)


def _free() -> int:
    with socket.socket() as probe:
        probe.bind((endpoints.ADDRESS, 0))
        port: int = probe.getsockname()[1]
        return port
