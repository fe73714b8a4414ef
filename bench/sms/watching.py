"""Waiting until the SMSC has seen it all, with progress, and what it saw."""

import asyncio
import sys
import time
from dataclasses import dataclass

import click

from devtools.smsc import Smsc


@dataclass(frozen=True)
class Seen:
    """What an SMSC saw of one run. numbers: of parents texted; receipts: acknowledged. Times in seconds since 1970."""

    submits: int
    refused: int
    numbers: int
    receipts: int
    first_at: float
    last_at: float
    receipts_at: float

    @property
    def seconds(self) -> float:
        """From the first submit_sm to the last acknowledged receipt."""
        return max(self.last_at, self.receipts_at) - self.first_at

    @property
    def duplicates(self) -> int:
        """Messages that came twice, when each went to a number of its own."""
        return self.submits - self.refused - self.numbers


async def seen(smsc: Smsc) -> Seen:
    """What it saw since it was told to forget."""
    count = await smsc.counts()
    times = [(count[name] or 0.0) / 1000 for name in ("first_at", "last_at", "acknowledged_at")]
    return Seen(count["submits"], count["refused"], count["destinations"], count["acknowledged"], *times)


async def anew(smsc: Smsc, **behaviour: object) -> None:
    """Let the SMSC forget and behave so: quiet, with receipts."""
    plain = {"delay": 0, "per_second": 0, "bind_status": 0}
    await smsc.behave(**({"quiet": True, "receipts": "after"} | plain | behaviour))
    smsc.events.clear()
    await smsc.do("forget")
    await smsc.saw("forgot")


async def all_receipts(smsc: Smsc, count: int, seconds: float) -> Seen:
    """Wait until every one of `count` messages' receipts was acknowledged. Raises TimeoutError."""
    deadline, shown = time.monotonic() + seconds, 0.0
    while (now := await seen(smsc)).receipts < count or now.numbers < count:
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {seconds:.0f} s the SMSC had seen {now}")
        if time.monotonic() - shown > 0.5:
            shown = time.monotonic()
            progress(f"    {now.numbers} of {count} messages, {now.receipts} receipts")
        smsc.events.clear()
        await asyncio.sleep(0.1)
    progress("")
    return now


async def all_texted(smsc: Smsc, count: int, quiet: float, seconds: float) -> Seen:
    """Wait until `count` numbers were texted and nothing more came for `quiet` seconds. Raises TimeoutError."""
    deadline = time.monotonic() + seconds
    while (now := await seen(smsc)).numbers < count or time.time() - now.last_at < quiet:
        if time.monotonic() > deadline:
            raise TimeoutError(f"after {seconds:.0f} s the SMSC had seen {now}")
        smsc.events.clear()
        await asyncio.sleep(0.1)
    return now


def progress(text: str) -> None:
    """A line that the next one replaces, where a person watches."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{text}", err=True, nl=False)
