"""An SMSC that refuses what comes too fast, and a link that drops: how long until all is sent, and what comes twice."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
from sqlalchemy.orm import Session

from bench.page import table
from bench.sms import outbox_rows
from bench.sms.gateway import Outboxes
from bench.sms.kannel import FILE, running_kannel
from bench.sms.watching import Seen, all_texted, anew, seen
from devtools.smsc import Smsc

THROTTLED, A_SECOND = 200, 50
DROPPED, DROPPED_DELAY_MS = 4000, 20
QUIET_SECONDS = 5.0
LONGEST_SECONDS = 300.0
SYSTEM_ERROR = 0x08

Sending = Callable[[Smsc, int], AbstractAsyncContextManager[None]]
"""Sends so many messages by one link for as long as it is entered."""


async def measure(smsc: Smsc, outboxes: Outboxes, kinds: list[str], window: int, folder: Path, only: str) -> list[str]:
    """The table."""
    told_rate = f"throughput = {A_SECOND}"
    senders: dict[str, Sending] = {
        **{f"ours, {kind}": partial(_ours, outboxes, kind, window) for kind in kinds},
        "Kannel": partial(_kannel, folder / "trouble", window, "throughput = 0"),
        "Kannel, told the rate": partial(_kannel, folder / "trouble-told", window, told_rate),
    }
    rows = []
    for name, sending in senders.items():
        if only not in name:
            continue
        click.echo(f"  {name}: {THROTTLED} messages to an SMSC that takes {A_SECOND} a second ...", err=True)
        throttled = await _throttled(smsc, sending)
        click.echo(f"    {throttled.last_at - throttled.first_at:.1f} s, {throttled.refused} refused", err=True)
        cells = [name, f"{throttled.last_at - throttled.first_at:.1f}", str(throttled.refused), "", ""]
        if name != "Kannel, told the rate":
            click.echo(f"  {name}: the link drops in the middle of {DROPPED} messages ...", err=True)
            at, after = await _dropped(smsc, sending)
            click.echo(f"    {after.last_at - at:.1f} s, {after.duplicates} twice", err=True)
            cells[3:] = [f"{after.last_at - at:.1f}", str(after.duplicates)]
        rows.append(cells)
    headings = [
        "way", f"{THROTTLED} messages at {A_SECOND} a second, s", "refused", "drained after a drop, s", "came twice",
    ]  # fmt: skip
    return table(headings, rows)


async def _throttled(smsc: Smsc, sending: Sending) -> Seen:
    await anew(smsc, per_second=A_SECOND)
    async with sending(smsc, THROTTLED):
        return await all_texted(smsc, THROTTLED, 1.0, LONGEST_SECONDS)


async def _dropped(smsc: Smsc, sending: Sending) -> tuple[float, Seen]:
    """When the link was dropped, and what had come in the end."""
    await anew(smsc, delay=DROPPED_DELAY_MS)
    async with sending(smsc, DROPPED):
        while (await seen(smsc)).submits < DROPPED / 2:
            await asyncio.sleep(0.01)
        at = time.time()
        await smsc.do("drop")
        return at, await all_texted(smsc, DROPPED, QUIET_SECONDS, LONGEST_SECONDS)


@asynccontextmanager
async def _ours(outboxes: Outboxes, kind: str, window: int, smsc: Smsc, messages: int) -> AsyncIterator[None]:
    now = datetime.now(UTC)

    def fill(session: Session) -> None:
        outbox_rows.add_parents(session, 0, messages, now)
        outbox_rows.add_pending(session, 0, messages, now)

    with outboxes.fresh(kind) as outbox:
        outbox.write(fill)
        with outbox.gateway(smsc.port, window):
            yield


@asynccontextmanager
async def _kannel(folder: Path, window: int, more: str, smsc: Smsc, messages: int) -> AsyncIterator[None]:
    async with running_kannel(smsc.port, window, folder / str(messages), FILE, operator=more) as kannel:
        await smsc.behave(bind_status=SYSTEM_ERROR)
        await smsc.do("drop")
        while await kannel.is_bound():
            await asyncio.sleep(0.05)
        await kannel.send(messages)
        await smsc.behave(bind_status=0)
        yield
