"""Runs `smsc.js`, an SMSC on npm's `smpp`: installs the package once, talks to the process, stops it."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from devtools import npm

VERSION = "0.5.1"
SCRIPT = Path(__file__).with_name("smsc.js")

Event = dict[str, Any]


class Smsc:
    """A running SMSC: commands in, events out."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.events: list[Event] = []
        self._news = asyncio.Condition()
        self._reading = asyncio.create_task(self._read())
        self.port = 0

    async def _read(self) -> None:
        assert self._process.stdout
        async for line in self._process.stdout:
            async with self._news:
                self.events.append(json.loads(line))
                self._news.notify_all()

    async def do(self, command: str, /, **values: Any) -> None:
        """Give a command."""
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"do": command, **values}).encode() + b"\n")
        await self._process.stdin.drain()

    async def behave(self, **values: Any) -> None:
        """Change how it behaves and wait until it does."""
        before = len(self.seen("set"))
        await self.do("set", **values)
        await self.saw("set", before + 1)

    def seen(self, event: str, **values: Any) -> list[Event]:
        """The events of that name, with those values, so far."""
        return [e for e in self.events if e["event"] == event and values.items() <= e.items()]

    async def saw(self, event: str, count: int = 1, seconds: float = 30.0, **values: Any) -> list[Event]:
        """Wait until such an event has happened `count` times."""
        try:
            async with asyncio.timeout(seconds), self._news:
                await self._news.wait_for(lambda: len(self.seen(event, **values)) >= count)
        except TimeoutError:
            raise AssertionError(f"no {count} x {event} {values} in {self.events[-20:]}") from None
        return self.seen(event, **values)

    async def counts(self) -> Event:
        """How many submit_sm came and when, to how many numbers, were refused; how many receipts were acknowledged."""
        before = len(self.seen("count"))
        await self.do("count")
        return (await self.saw("count", before + 1))[-1]

    async def repeated(self) -> set[str]:
        """The numbers to which more than one submit_sm was taken."""
        before = len(self.seen("repeated"))
        await self.do("repeated")
        return set((await self.saw("repeated", before + 1))[-1]["numbers"])

    async def stop(self) -> None:
        """End the process."""
        assert self._process.stdin
        self._process.stdin.close()
        await self._process.wait()
        await self._reading


@asynccontextmanager
async def running_smsc(*key_and_certificate: Path, address: str = "127.0.0.1") -> AsyncIterator[Smsc]:
    """An SMSC of its own on a free port of an address of this machine."""
    process = await asyncio.create_subprocess_exec(
        "node",
        str(SCRIPT),
        str(npm.modules("smpp", VERSION)),
        *map(str, key_and_certificate),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 20,
        env={**os.environ, "SMSC_ADDRESS": address},
    )
    smsc = Smsc(process)
    try:
        smsc.port = (await smsc.saw("listening", seconds=20))[0]["port"]
        yield smsc
    finally:
        await smsc.stop()
