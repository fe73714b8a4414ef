"""A million messages that wait, a million that are done: what they cost."""

import time
from datetime import UTC, datetime, timedelta

import click
from sqlalchemy.orm import Session

from bench.measures import memory_mb, percentile
from bench.page import table
from bench.sms import outbox_rows
from bench.sms.gateway import Outbox, Outboxes
from bench.sms.watching import all_receipts, anew
from db.kinds import Channel
from devtools.smsc import Smsc
from school import outbox as waiting

CLAIMS, AT_ONCE = 50, 100
FEW = CLAIMS * AT_ONCE * 2
LONGEST_SECONDS = 600.0


async def measure(smsc: Smsc, outboxes: Outboxes, kinds: list[str], window: int, many: int, sent: int) -> list[str]:
    """The table. many: rows that wait and rows that are done; sent: messages that the measured gateway sends."""
    rows = []
    for kind in kinds:
        with outboxes.fresh(kind) as outbox:
            outbox.write(lambda session: _add(session, 0, FEW, pending=False))
            outbox.write(lambda session: _add(session, FEW, FEW, pending=True))
            few = _claims(outbox)
        with outboxes.fresh(kind) as outbox:
            click.echo(f"  {kind}: {many} messages that are done ...", err=True)
            outbox.write(lambda session: _add(session, 0, many, pending=False))
            outbox.write(lambda session: _add(session, many, FEW, pending=True))
            old = _claims(outbox)
            click.echo(f"  {kind}: and {many} that wait ...", err=True)
            outbox.write(lambda session: _add(session, many + FEW, many, pending=True))
            pending = _claims(outbox)
            click.echo(f"    {few} {old} {pending} ms a claim of {AT_ONCE}; sending {sent} ...", err=True)
            await anew(smsc)
            with outbox.gateway(smsc.port, window) as pid:
                drained = await all_receipts(smsc, sent, LONGEST_SECONDS)
                memory = memory_mb(pid, "VmHWM")
            await smsc.do("drop")
            click.echo(f"    {drained.numbers / drained.seconds:.0f} msg/s, {memory:.0f} MB", err=True)
        rows.append([kind, few, old, pending, f"{drained.numbers / drained.seconds:.0f}", f"{memory:.0f}"])
    headings = [
        "database", f"claim of {AT_ONCE} p50 / p99 ms", f"with {many:,} done", f"with {many:,} more waiting",
        "msg/s then", "memory MB",
    ]  # fmt: skip
    return table(headings, rows)


def _add(session: Session, first: int, count: int, *, pending: bool) -> None:
    now = datetime.now(UTC) - timedelta(minutes=1)
    outbox_rows.add_parents(session, first, count, now)
    if pending:
        outbox_rows.add_pending(session, first, count, now)
    else:
        outbox_rows.add_delivered(session, first, count, now)


def _claims(outbox: Outbox) -> str:
    """Milliseconds of a claim, p50 / p99: due notifications become messages and are claimed."""
    milliseconds = []
    with outbox.open() as database:
        for _ in range(CLAIMS):
            began = time.perf_counter()
            with database.session() as session:
                claimed = waiting.claim(
                    session, Channel.SMS, owner="bench", limit=AT_ONCE, now=datetime.now(UTC), lease=timedelta(hours=1)
                )
            milliseconds.append((time.perf_counter() - began) * 1000)
            assert len(claimed) == AT_ONCE
    milliseconds.sort()
    return f"{percentile(milliseconds, 50):.0f} / {percentile(milliseconds, 99):.0f}"
