"""N messages that wait are sent by one link, with receipts: how fast, at what cost."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
from sqlalchemy.orm import Session

from bench.measures import cpu_seconds, memory_mb
from bench.page import table
from bench.sms import outbox_rows
from bench.sms.gateway import Outboxes
from bench.sms.kannel import FILE, SPOOL, running_kannel
from bench.sms.watching import Seen, all_receipts, anew
from devtools.smsc import Smsc

SYSTEM_ERROR = 0x08
LONGEST_SECONDS = 600.0
PAST = 20_000
"""Messages told before: an outbox is empty on its first day only, and PostgreSQL would plan for an empty one."""


@dataclass(frozen=True)
class Drained:
    """One run. cpu_ms: of the sender's processes, a message; peak_mb: their memory at most."""

    seen: Seen
    cpu_ms: float
    peak_mb: float

    @property
    def rate(self) -> float:
        """Messages a second, their receipts taken too."""
        return self.seen.numbers / self.seen.seconds


@dataclass(frozen=True)
class Plan:
    """What is measured."""

    messages: int
    window: int
    delays_ms: tuple[int, ...]
    folder: Path


Way = Callable[[Smsc, Plan], Awaitable[Drained]]


def ours(outboxes: Outboxes, kind: str) -> Way:
    """Our gateway, with an outbox of pending notifications, each for a parent of its own."""
    return partial(_ours, outboxes, kind)


async def _ours(outboxes: Outboxes, kind: str, smsc: Smsc, plan: Plan) -> Drained:
    now = datetime.now(UTC)
    with outboxes.fresh(kind) as outbox:

        def fill(session: Session) -> None:
            outbox_rows.add_parents(session, 0, PAST + plan.messages, now)
            outbox_rows.add_delivered(session, 0, PAST, now)
            outbox_rows.add_pending(session, PAST, plan.messages, now)

        outbox.write(fill)
        with outbox.gateway(smsc.port, plan.window) as pid:
            done = await all_receipts(smsc, plan.messages, LONGEST_SECONDS)
            return Drained(done, cpu_seconds(pid) / plan.messages * 1000, memory_mb(pid, "VmHWM"))


def kannel(store: str, *, waiting: bool) -> Way:
    """Kannel. waiting: its store was filled while the SMSC was away, so that it does from then on what ours does.

    Otherwise an application texts by HTTP, as fast as Kannel takes it.
    """
    return partial(_kannel, store, waiting)


async def _kannel(store: str, waiting: bool, smsc: Smsc, plan: Plan) -> Drained:
    delay = plan.delays_ms[0]
    folder = plan.folder / f"kannel-{store}-{delay}-{waiting}"
    async with running_kannel(smsc.port, plan.window, folder, store) as running:
        if waiting:
            await smsc.behave(bind_status=SYSTEM_ERROR)
            await smsc.do("drop")
            while await running.is_bound():
                await asyncio.sleep(0.05)
            await running.send(plan.messages)
            before = running.cpu_seconds()
            await anew(smsc, delay=delay)
        else:
            before = running.cpu_seconds()
            await running.send(plan.messages)
        done = await all_receipts(smsc, plan.messages, LONGEST_SECONDS)
        while running.receipts < plan.messages:
            await asyncio.sleep(0.05)
        return Drained(done, (running.cpu_seconds() - before) / plan.messages * 1000, running.peak_mb())


async def bare_smpplib(smsc: Smsc, plan: Plan) -> Drained:
    """smpplib alone."""
    arguments = (str(smsc.port), str(plan.messages), str(plan.window))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.sms.bare_smpplib", *arguments, stdout=asyncio.subprocess.PIPE
    )
    done = await all_receipts(smsc, plan.messages, LONGEST_SECONDS)
    told, _ = await process.communicate()
    cpu, peak = map(float, told.split())
    return Drained(done, cpu / plan.messages * 1000, peak)


def ways(outboxes: Outboxes, kinds: list[str]) -> dict[str, Way]:
    """All that are compared, by the name that the table gives them."""
    return {
        **{f"ours, {kind}": ours(outboxes, kind) for kind in kinds},
        "Kannel, texted by HTTP, spool": kannel(SPOOL, waiting=False),
        "Kannel, spool": kannel(SPOOL, waiting=True),
        "Kannel, one file": kannel(FILE, waiting=True),
        "bare smpplib": bare_smpplib,
    }


async def measure(smsc: Smsc, plan: Plan, compared: dict[str, Way]) -> list[str]:
    """The table and what it comes to."""
    found: dict[str, list[Drained]] = {}
    for delay in plan.delays_ms:
        for name, way in compared.items():
            click.echo(f"  {name}, SMSC delay {delay} ms ...", err=True)
            await anew(smsc, delay=delay)
            drained = await way(smsc, Plan(plan.messages, plan.window, (delay,), plan.folder))
            await smsc.do("drop")
            found.setdefault(name, []).append(drained)
            click.echo(
                f"    {drained.rate:.0f} msg/s, {drained.cpu_ms:.2f} ms of CPU each, {drained.peak_mb:.0f} MB,"
                f" {drained.seen.duplicates} duplicates",
                err=True,
            )
    headings = ["way", *(f"msg/s at {delay} ms" for delay in plan.delays_ms), "CPU ms a message", "memory MB"]
    rows = [
        [
            name,
            *(f"{one.rate:.0f}" for one in drained),
            f"{drained[0].cpu_ms:.2f}",
            f"{max(one.peak_mb for one in drained):.0f}",
        ]
        for name, drained in found.items()
    ]
    return [*table(headings, rows), "", *_conclusions(found, plan)]


def _conclusions(found: dict[str, list[Drained]], plan: Plan) -> list[str]:
    told = [f"{plan.messages} messages a run, window {plan.window}; CPU at {plan.delays_ms[0]} ms."]
    mine = {name: drained for name, drained in found.items() if name.startswith("ours")}
    for other, theirs in found.items():
        if other in mine:
            continue
        for name, drained in mine.items():
            ratios = ", ".join(f"{one.rate / their.rate:.2f}" for one, their in zip(drained, theirs, strict=True))
            told.append(f"{name} / {other}: {ratios}.")
    return told
