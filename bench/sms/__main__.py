"""`make bench-sms`: the SMS gateway against the limits of the same machine in the same run.

Every part can be run alone and smaller: `python -m bench.sms --parts throughput --messages 2000 --no-write`.
"""

import asyncio
import os
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import click

import logs
from bench.page import write_between
from bench.sms import latency, size, throughput, trouble
from bench.sms.gateway import POSTGRESQL, SQLITE, Outboxes, outboxes
from devtools.smsc import running_smsc

PARTS = ("throughput", "latency", "trouble", "size")


async def _measure(
    part: str, made: Outboxes, plan: throughput.Plan, kinds: list[str], many: int, only: str
) -> list[str]:
    async with running_smsc() as smsc:
        match part:
            case "throughput":
                compared = {name: way for name, way in throughput.ways(made, kinds).items() if only in name}
                return await throughput.measure(smsc, plan, compared)
            case "latency":
                return await latency.measure(smsc, made, kinds, plan.window)
            case "trouble":
                return await trouble.measure(smsc, made, kinds, plan.window, plan.folder, only)
            case "size":
                return await size.measure(smsc, made, kinds, plan.window, many, plan.messages)
    raise click.BadParameter(f"{part} is no part: {', '.join(PARTS)}.")


@click.command()
@click.option("--messages", default=20_000, show_default=True, help="Of each run.")
@click.option("--window", default=100, show_default=True, help="submit_sm without an answer at a time.")
@click.option("--delays", default="0,20,100", show_default=True, help="Of the SMSC's answers, in ms.")
@click.option("--rows", "many", default=1_000_000, show_default=True, help="That wait, and that are done, for `size`.")
@click.option("--databases", default=f"{SQLITE},{POSTGRESQL}", show_default=True)
@click.option("--parts", default=",".join(PARTS), show_default=True)
@click.option("--ways", "only", default="", help="Only the ways whose name holds this, such as `Kannel`.")
@click.option("--write/--no-write", default=True, help="Write the result into docs/performance.md.")
def main(
    messages: int, window: int, delays: str, databases: str, many: int, parts: str, only: str, write: bool
) -> None:
    """Measure and print; progress goes to stderr."""
    logs.configure("bench", "WARNING")
    kinds = databases.split(",")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="eschool-bench-") as folder, outboxes(Path(folder), kinds) as made:
        plan = throughput.Plan(messages, window, tuple(map(int, delays.split(","))), Path(folder))
        for part in parts.split(","):
            click.echo(f"{part} ...", err=True)
            lines = asyncio.run(_measure(part, made, plan, kinds, many, only))
            said = f"Measured on {datetime.now(UTC).date().isoformat()} with {os.cpu_count()} cores, SMSC included."
            told = "\n".join([*lines, "", said])
            click.echo(told)
            if write:
                write_between(f"sms-{part}", told)
    click.echo(f"It took {(time.monotonic() - began) / 60:.0f} minutes.", err=True)


if __name__ == "__main__":
    main()
