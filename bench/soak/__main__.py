"""`make bench-soak`: traffic and random faults on two hosts, then exact accounts of what went out.

Shorter: `python -m bench.soak --minutes 5 --no-write`. It ends with status 1 when something was lost, or came twice
without a fault within whose window that is permitted.
"""

import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import click

import logs
from bench.campaign_school import start_campaign
from bench.page import write_between
from bench.soak import outside, report
from bench.soak.accounts import Balance, Window, balance
from bench.soak.faults import KINDS, Faults
from bench.soak.hosts import Host, host, running
from bench.soak.hosts import Outside as Servers
from bench.soak.network import WITHOUT_ROOT, Place, may_make_hosts, places
from bench.soak.school import campaign_telephones, fill
from bench.soak.traffic import ANSWER, CHARGED, GRADE_LETTER, GRADE_SMS, Rates, Traffic
from db.migrate import upgrade
from db.session import Database, open_database
from devtools.mailbox import PASSWORD, USER, Mailbox, certificate
from devtools.mailbox import running as running_mailbox
from devtools.pbx import CLIPS
from devtools.postgres import PostgresServer, running_server
from devtools.smsc import Smsc, running_smsc
from devtools.telephone import parents
from devtools.telephone.free_ports import free_port
from settings import Settings

KEY = "a key for the soak that is long enough to be one"
MEGABYTES = 400
"""Of each host's disk."""
WINDOW = 10
CRASHES = ("kill run", "link")
WINDOWS = {
    **dict.fromkeys((GRADE_SMS, ANSWER, outside.FALLBACK), Window(WINDOW, (*CRASHES, "kill sms", "SMSC gone"))),
    GRADE_LETTER: Window(1, (*CRASHES, "kill mail")),
    CHARGED: Window(),
    outside.CAMPAIGN: Window(WINDOW, (*CRASHES, "kill agi", "kill asterisk", "kill dialer", "database")),
}
"""What may come twice: a window of SMS, a letter of the one connection (docs/operations.md); and a family is rung again
whose call our system failed in, which a telephone cannot tell from a call that said all (docs/campaigns.md)."""
DRAIN_SECONDS = 300.0
QUIET_SECONDS = 15.0


@dataclass(frozen=True)
class Plan:
    """What was asked for."""

    minutes: float
    seed: int
    kinds: tuple[str, ...]
    families: int
    rates: Rates


@dataclass
class Result:
    """What is told in the end."""

    balances: list[Balance]
    lines: list[str]
    wrong: list[str]


@contextmanager
def reachable_server(gateway: str, network: str) -> Iterator[PostgresServer]:
    """PostgreSQL with durable commits, reached over the bridge."""
    with running_server({"listen_addresses": gateway, "max_connections": "300", "max_wal_size": "4GB"}) as server:
        with (server.socket_folder / "data" / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {network} trust\n")
        server.stop()
        server.start()
        server.create("soak")
        yield server


async def soak(plan: Plan, folder: Path, found: list[Place]) -> Result:
    """Everything from the servers' start to the accounts."""
    gateway = found[0].gateway
    random = Random(plan.seed)
    async with AsyncExitStack() as stack:
        server = stack.enter_context(reachable_server(gateway, f"{gateway.rpartition('.')[0]}.0/24"))
        smsc = await stack.enter_async_context(running_smsc(address=gateway))
        await smsc.behave(receipts="after", receipt_delay=200)
        mailbox, paper = Mailbox(), certificate(folder, gateway)
        mail_port = stack.enter_context(
            running_mailbox(mailbox, starttls=paper.context, signing_in=True, address=gateway)
        )
        telephones_port = free_port()
        telephones = stack.enter_context(
            parents.answering(telephones_port, answers_after=1000, presses_after=3000, address=gateway)
        )
        settings = Settings(home=folder / "here", database_url=server.url("soak"), secret_key=KEY)
        settings.prepare_home()
        upgrade(settings)
        database = open_database(settings)
        stack.callback(database.dispose)
        seconds = plan.minutes * 60
        school = fill(
            database,
            pupils=max(60, int(seconds * plan.rates.saves * 2 / 150)),
            texting=int(seconds * plan.rates.texts / 2) + 10,
            families=plan.families,
        )
        servers = Servers(
            database_url=f"postgresql://eschool@{gateway}:5432/soak",
            smsc_port=smsc.port,
            window=WINDOW,
            mail_url=f"smtp://{USER}:{PASSWORD}@{gateway}:{mail_port}".replace(
                "p@ss:word/%?", "p%40ss%3Aword%2F%25%3F"
            ),
            mail_ca=paper.path,
            telephones_port=telephones_port,
            dial_rate=max(0.02, plan.families / (seconds * 0.6) / 2),
        )
        hosts = [host(place, servers, KEY, CLIPS, folder) for place in found]
        click.echo("Starting two hosts ...", err=True)
        await asyncio.to_thread(stack.enter_context, running(hosts))
        while len(smsc.seen("bound")) < len(hosts):
            await asyncio.sleep(0.5)
        traffic = Traffic(school, hosts, smsc, database, folder, Random(random.random()))
        faults = Faults(hosts, server, smsc, plan.kinds, Random(random.random()))
        began, since = time.time(), datetime.now(UTC)
        until = time.monotonic() + seconds
        click.echo(f"{plan.minutes:g} minutes, seed {plan.seed} ...", err=True)
        campaign_id = start_campaign(database, school.campaign_class_id)
        keeping = asyncio.create_task(_keep(hosts, traffic, smsc, mailbox, telephones, faults, until))
        await asyncio.gather(traffic.go_on(plan.rates, until), faults.go_on(until))
        await traffic.settle()
        await _drain(database, campaign_id, since, smsc, mailbox)
        keeping.cancel()
        known = outside.tables(database, campaign_id, since)
        return _result(plan, traffic, faults, smsc, mailbox, telephones, campaign_telephones(database, campaign_id),
                       known, began, hosts)  # fmt: skip


async def _keep(
    hosts: list[Host],
    traffic: Traffic,
    smsc: Smsc,
    mailbox: Mailbox,
    telephones: parents.Parents,
    faults: Faults,
    until: float,
) -> None:
    """What systemd does for a host whose `eschool run` died; and say how far it is."""
    told = 0.0
    while True:
        await asyncio.sleep(1)
        for one in hosts:
            one.look_after()
        if time.monotonic() - told > 20:
            told = time.monotonic()
            click.echo(
                f"  {max(0.0, until - told):4.0f} s left: {len(traffic.owed)} owed, "
                f"{len(smsc.seen('submit'))} submit_sm, {len(mailbox.got)} letters, {len(telephones.rings())} rings, "
                f"{len(traffic.calls)} calls, {len(faults.done)} faults",
                err=True,
            )


async def _drain(database: Database, campaign_id: int, since: datetime, smsc: Smsc, mailbox: Mailbox) -> None:
    """Wait until nothing waits and nothing comes any more, for five minutes at most."""
    deadline = time.monotonic() + DRAIN_SECONDS
    quiet_since, came = time.monotonic(), -1
    while time.monotonic() < deadline:
        await asyncio.sleep(2)
        now_there = len(smsc.seen("submit")) + len(mailbox.got)
        left = await asyncio.to_thread(outside.tables, database, campaign_id, since)
        if now_there != came or left.open or left.pending or left.campaign_open:
            quiet_since, came = time.monotonic(), now_there
        elif time.monotonic() - quiet_since > QUIET_SECONDS:
            return


def _result(
    plan: Plan,
    traffic: Traffic,
    faults: Faults,
    smsc: Smsc,
    mailbox: Mailbox,
    telephones: parents.Parents,
    of_campaign: list[tuple[int, str]],
    known: outside.Tables,
    began: float,
    hosts: list[Host],
) -> Result:
    texts, odd_parts = outside.texts(smsc.events)
    rung, heard = outside.families(of_campaign, telephones.rings(), telephones.heard(), began)
    owed, unknown = outside.without_unknown([*traffic.owed, *rung], known.charged_unknown)
    came = [*texts, *outside.letters(mailbox.got), *heard]
    balances = balance(owed, came, faults.done, WINDOWS)
    answered = sum(ended_well for _, ended_well in traffic.calls)
    lines = [
        *report.rows(balances),
        "",
        report.faults_told(faults.done),
        f"Saves were handed in {traffic.tries} times, {len(traffic.refused)} refused. "
        f"{answered} of {len(traffic.calls)} calls of parents were answered and ended as they should; "
        f"{known.calls} have a record. The campaign: {len(telephones.rings())} rings, "
        + ", ".join(f"{name} {number}" for name, number in sorted(known.results.items()))
        + f". Charged and `unknown`, for a person to settle: {unknown}. Parts of no whole message: {odd_parts}. "
        f"`eschool run` was started again {sum(one.restarts for one in hosts)} times.",
        "Our tables in the end: " + ", ".join(f"{name} {number}" for name, number in sorted(known.states.items()))
        + f"; still open {known.open + known.pending + known.campaign_open}.",
        f"{plan.minutes:g} minutes with seed {plan.seed}, {datetime.now(UTC).date().isoformat()}, {os.cpu_count()} "
        "cores, all servers, telephones and both hosts on them.",
    ]  # fmt: skip
    wrong = report.wrong(balances, faults.done)
    wrong += [f"refused: {one}" for one in traffic.refused[:10]]
    if known.open or known.pending or known.campaign_open:
        wrong.append(f"still open: {known}")
    return Result(balances, lines, wrong)


@click.command()
@click.option("--minutes", default=60.0, show_default=True, help="Of traffic; draining comes on top.")
@click.option("--seed", default=1, show_default=True, help="Of traffic and faults.")
@click.option("--faults", "kinds", default=",".join(KINDS), show_default=True, help="What is broken.")
@click.option("--families", default=60, show_default=True, help="Of the campaign.")
@click.option("--saves", default=2.0, show_default=True, help="Of lessons, a second.")
@click.option("--texts", default=1.0, show_default=True, help="Of parents, a second.")
@click.option("--keep", type=click.Path(path_type=Path), help="Folder for the hosts' logs.")
@click.option("--write/--no-write", default=True, help="Write the result into docs/performance.md.")
def main(
    minutes: float, seed: int, kinds: str, families: int, saves: float, texts: float, keep: Path | None, write: bool
) -> None:
    """Soak, print and write; progress goes to stderr."""
    logs.configure("bench", "ERROR")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    chosen = tuple(one for one in kinds.split(",") if one)
    if strange := set(chosen) - set(KINDS):
        raise click.UsageError(f"There is no fault {', '.join(sorted(strange))}: there are {', '.join(KINDS)}.")
    if not may_make_hosts():
        raise click.ClickException(WITHOUT_ROOT)
    plan = Plan(minutes, seed, chosen, families, Rates(saves=saves, texts=texts))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="eschool-soak-")))
        folder.chmod(0o755)
        found = stack.enter_context(places(["tel-1", "tel-2"], folder / "hosts", MEGABYTES))
        try:
            result = asyncio.run(soak(plan, folder, found))
        finally:
            if keep:
                keep.mkdir(parents=True, exist_ok=True)
                for log in folder.glob("*.log"):
                    (keep / log.name).write_bytes(log.read_bytes())
    text = "\n".join(result.lines)
    click.echo(text)
    click.echo("\n".join(result.wrong), err=True)
    if write:
        write_between("soak", text)
    if result.wrong:
        sys.exit(1)


if __name__ == "__main__":
    main()
