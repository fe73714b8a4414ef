"""`make bench-campaign`: a campaign of many families against SIPp's telephones, the dialer killed in the middle of it.

Measured: how evenly calls begin, how many channels are in use, calls a second, processor time a call; that nobody is
lost or called twice. The limit: a bare loop of Originate at the same pace to the same telephones, playing the same
clips for as long, without database, dialogue or anything remembered.
"""

import asyncio
import os
import signal
import statistics
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import click
from sqlalchemy import select

import logs
from agi.dialer.ami import Ami, Message
from agi.dialer.pbx import ADDRESS, USER
from asterisk_conf import obtain
from asterisk_conf.configure import configure
from asterisk_conf.layout import layout
from bench.campaign_school import MIX, add_families, start_campaign
from bench.measures import cpu_seconds, percentile
from bench.page import table, write_between
from db.kinds import CallResult, CampaignState, FamilyState
from db.migrate import upgrade
from db.models import CallAttempt, Campaign, CampaignFamily
from db.session import Database, open_database
from demonstration import load
from devtools.pbx import CLIPS, eschool_process, free_addresses, settings_of
from devtools.postgres import running_server
from devtools.telephone import parents
from devtools.telephone.free_ports import free_block
from prompts.clips import Clips
from prompts.render import render
from prompts.speech import inventory
from school.campaigns import invitation
from school.hearing import spoken
from settings import Settings

PRESSES_AFTER = 3000
"""Milliseconds after the answer at which who answers presses 1."""
RTP_PORTS = 4000
LONGEST = 600.0
DURABLE = {"listen_addresses": "", "max_wal_size": "4GB"}
"""PostgreSQL as it comes: every commit is on the disk."""


@dataclass(frozen=True)
class Plan:
    """What is measured."""

    families: int
    rate: float
    channels: int
    share: float
    scale: float


@dataclass(frozen=True)
class Figures:
    """Of one way. `gaps`: seconds between two calls' beginnings while nothing but the rate held them back."""

    way: str
    calls: int
    seconds: float
    gaps: list[float]
    most_at_once: int
    asterisk: float
    voice: float
    dialer: float

    def cells(self, rate: float) -> tuple[str, ...]:
        """A row of the table."""
        errors = sorted(abs(gap - 1 / rate) * 1000 for gap in self.gaps)
        mean = 1 / statistics.mean(self.gaps) if self.gaps else float("nan")
        return (
            self.way,
            str(self.calls),
            f"{mean:.2f}",
            f"{percentile(errors, 50):.0f} / {percentile(errors, 99):.0f}",
            str(self.most_at_once),
            f"{self.asterisk / self.calls * 1000:.1f}",
            f"{self.voice / self.calls * 1000:.1f}" if self.voice else "",
            f"{self.dialer / self.calls * 1000:.1f}" if self.dialer else "",
        )


HEADINGS = (
    "way", "calls", "calls/s while held by the rate alone", "pacing error p50 / p99 ms", "most calls at once",
    "Asterisk ms a call", "voice server ms a call", "dialer ms a call",
)  # fmt: skip


@contextmanager
def running(folder: Path, plan: Plan, database_url: str) -> Iterator[tuple[dict[str, str], Settings, Database, int]]:
    """Asterisk with the school's families; gives variables, settings, database and Asterisk's process."""
    rtp = free_block(RTP_PORTS)
    variables = free_addresses() | {
        "ESCHOOL_HOME": str(folder / "home"),
        "ESCHOOL_RTP_PORTS": f"{rtp}-{rtp + RTP_PORTS - 1}",
        "ESCHOOL_MAX_CALLS": "1500",
        "ESCHOOL_LOG_LEVEL": "WARNING",
        "ESCHOOL_RING_SECONDS": "8",
        "ESCHOOL_RETRY_SCALE": str(plan.scale),
        "ESCHOOL_DIAL_RATE": str(plan.rate),
        "ESCHOOL_TRUNK_CHANNELS": str(plan.channels),
        "ESCHOOL_INBOUND_SHARE": str(plan.share),
        "ESCHOOL_CALLS_A_DAY": "0",
        "ESCHOOL_MINUTES_A_DAY": "0",
        "ESCHOOL_BRAKE_FLOOR": "1000000",
        "ESCHOOL_BRAKE_PLATFORM_FLOOR": "1000000",
        "ESCHOOL_NUMBER_CALLS_AN_HOUR": "100",
        "ESCHOOL_NUMBER_CALLS_A_DAY": "100",
        **({"ESCHOOL_DATABASE_URL": database_url} if database_url else {}),
    }
    settings = settings_of(variables)
    settings.prepare_home()
    CLIPS.mkdir(parents=True, exist_ok=True)
    (settings.home_path / "sounds").symlink_to(CLIPS)  # what the tests have rendered already
    upgrade(settings)
    database = open_database(settings)
    with database.session() as session:
        load(session, datetime.now(UTC))
    with database.reading() as session:
        texts = spoken.texts(session)
    click.echo("Rendering the clips ...", err=True)
    render(settings, texts | inventory() | {"Утре няма вода."})
    asterisk = obtain.install(settings, click.echo)
    configure(settings, asterisk)
    places = layout(settings)
    with (folder / "asterisk.log").open("wb") as log:
        pbx = subprocess.Popen(
            [*asterisk.command, "-C", str(places.main_file), "-f", "-q"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
        try:
            time.sleep(5)
            yield variables, settings, database, pbx.pid
        finally:
            pbx.terminate()
            pbx.wait(timeout=20)
            database.dispose()


def campaign(
    variables: dict[str, str], settings: Settings, database: Database, asterisk: int, plan: Plan, *, kill: bool
) -> tuple[Figures, list[str]]:
    """The product's way; with `kill` the dialer is killed when a third has been called."""
    home = settings.home_path
    with database.session() as session:
        class_id = add_families(session, plan.families)
    with ExitStack() as stack:
        telephones = stack.enter_context(
            parents.answering(settings.telephones_port, answers_after=1000, presses_after=PRESSES_AFTER)
        )
        voice = stack.enter_context(eschool_process(variables, "agi", "serve", log=home / "agi.log"))
        dialer = stack.enter_context(eschool_process(variables, "agi", "dial", log=home / "dialer.log"))
        time.sleep(4)
        before = (cpu_seconds(asterisk), cpu_seconds(voice.pid))
        campaign_id = start_campaign(database, class_id)
        began, used, killed_at = time.monotonic(), 0.0, 0.0
        while not _is_over(database, campaign_id):
            if time.monotonic() - began > LONGEST:
                raise RuntimeError(f"the campaign is not over after {LONGEST:.0f} seconds")
            time.sleep(0.5)
            if kill and not killed_at and len(telephones.rings()) > plan.families // 3:
                used += cpu_seconds(dialer.pid)
                os.kill(dialer.pid, signal.SIGKILL)
                dialer.wait()
                killed_at = time.time()
                dialer = stack.enter_context(eschool_process(variables, "agi", "dial", log=home / "dialer.log"))
        seconds = time.monotonic() - began
        used += cpu_seconds(dialer.pid)
        after = (cpu_seconds(asterisk), cpu_seconds(voice.pid))
        rings = telephones.rings()
        attempts = _attempts(database, campaign_id)
        figures = Figures(
            "ours",
            len(rings),
            seconds,
            _held_by_rate(rings, plan, killed_at),
            _most_at_once(attempts),
            after[0] - before[0],
            after[1] - before[1],
            used,
        )
        return figures, _verdict(database, campaign_id, attempts, rings, killed_at, seconds)


def _verdict(
    database: Database,
    campaign_id: int,
    attempts: list[CallAttempt],
    rings: list[tuple[str, float]],
    killed_at: float,
    seconds: float,
) -> list[str]:
    """What became of the families, in sentences."""
    with database.reading() as session:
        states = Counter(session.scalars(select(CampaignFamily.state).where(CampaignFamily.campaign_id == campaign_id)))
    rung = Counter(number for number, _ in rings)
    stored = Counter(f"0{one.phone.removeprefix('+359')}" for one in attempts)
    reached = Counter(one.phone for one in attempts if one.result is CallResult.REACHED)
    lost = states[FamilyState.WAITING] + states[FamilyState.CALLING]
    results = Counter(str(one.result) for one in attempts)
    told = [
        f"{sum(states.values())} families, {len(rings)} calls in {seconds:.0f} s: "
        + ", ".join(f"{name} {number}" for name, number in sorted(results.items()))
        + "."
    ]
    if killed_at:
        told.append(
            "The dialer was killed (SIGKILL) after a third and started again: "
            f"lost {lost}, reached twice {sum(count > 1 for count in reached.values())}, "
            f"rang without a stored attempt {(rung - stored).total()}, "
            f"stored attempts that never rang {(stored - rung).total()} (their end is `unknown`, never repeated)."
        )
    return told


def pure(settings: Settings, database: Database, asterisk: int, plan: Plan, calls: int) -> Figures:
    """The limit: Originate in a loop, the message by Playback, hung up when the dialogue would be over."""
    with database.reading() as session:
        campaign_id = session.scalars(select(Campaign.id).order_by(Campaign.id.desc())).first()
        assert campaign_id is not None
        said = invitation.read(session, campaign_id)
    clips = Clips(settings)
    today = datetime.now(UTC).date()
    speech = (*invitation.hello(said), *invitation.message(said, (), today))
    files = [
        str(clips.path_of(piece).with_suffix("")) for sentence in speech for piece in sentence if clips.find(piece)
    ]
    seconds = (
        (PRESSES_AFTER + parents.AGAIN_AFTER) / 1000
        + 0.3
        + clips.path_of("Благодарим Ви. Дочуване.").stat().st_size / 8000
    )
    numbers = [f"088{700_000 + number}{MIX[number % len(MIX)]}" for number in range(calls)]
    with parents.answering(settings.telephones_port, answers_after=1000, presses_after=PRESSES_AFTER) as telephones:
        before = cpu_seconds(asterisk)
        began = time.monotonic()
        most = asyncio.run(_originate(settings, numbers, "&".join(files), seconds, plan.rate))
        rings = telephones.rings()
        return Figures(
            "pure Originate",
            len(rings),
            time.monotonic() - began,
            _gaps(rings),
            most,
            cpu_seconds(asterisk) - before,
            0.0,
            0.0,
        )


async def _originate(settings: Settings, numbers: list[str], files: str, seconds: float, rate: float) -> int:
    """Begin the calls, end each after `seconds` of talk; gives the most at once."""
    channels, most = set[str](), 0

    def on_event(message: Message) -> None:
        nonlocal most
        if message.get("Event") == "Newchannel":
            channels.add(message["Uniqueid"])
            most = max(most, len(channels))
        elif message.get("Event") == "Hangup":
            channels.discard(message["Uniqueid"])

    ami = await Ami.connect(ADDRESS, settings.ami_port, USER, settings.manager_secret(), on_event)
    loop = asyncio.get_running_loop()
    began = loop.time()
    sent: set[asyncio.Task[Message]] = set()
    for place, number in enumerate(numbers):
        await asyncio.sleep(max(0.0, began + place / rate - loop.time()))
        fields = {
            "Channel": f"PJSIP/{number}@trunk",
            "ChannelId": f"pure-{place}",
            "Application": "Playback",
            "Data": files,
            "Timeout": str(settings.ring_seconds * 1000),
            "Variable": f"TIMEOUT(absolute)={seconds:.1f}",
            "Async": "true",
        }
        sent.add(asyncio.create_task(ami.action("Originate", fields)))
    await asyncio.gather(*sent, return_exceptions=True)
    while channels:
        await asyncio.sleep(0.2)
    await ami.close()
    return most


def _is_over(database: Database, campaign_id: int) -> bool:
    with database.reading() as session:
        state = session.scalars(select(Campaign.state).where(Campaign.id == campaign_id)).one()
    return state is CampaignState.FINISHED


def _attempts(database: Database, campaign_id: int) -> list[CallAttempt]:
    with database.reading() as session:
        return list(
            session.scalars(
                select(CallAttempt)
                .join(CampaignFamily, CampaignFamily.id == CallAttempt.family_id)
                .where(CampaignFamily.campaign_id == campaign_id)
            )
        )


def _held_by_rate(rings: list[tuple[str, float]], plan: Plan, killed_at: float) -> list[float]:
    """Gaps while somebody was always due: until the last telephone rang first, but for the time without a dialer."""
    first: dict[str, float] = {}
    for number, at in sorted(rings, key=lambda ring: ring[1]):
        first.setdefault(number, at)
    last = max(first.values())
    gaps = _gaps([(number, at) for number, at in rings if at <= last])
    return [gap for gap in gaps if not (killed_at and gap > 10 / plan.rate)]


def _gaps(rings: list[tuple[str, float]]) -> list[float]:
    times = sorted(at for _, at in rings)
    return [after - before for before, after in pairwise(times)]


def _most_at_once(attempts: list[CallAttempt]) -> int:
    moments = [(one.dialled_at, 1) for one in attempts]
    moments += [(one.ended_at, -1) for one in attempts if one.ended_at]
    most = now = 0
    for _, change in sorted(moments):
        now += change
        most = max(most, now)
    return most


@click.command()
@click.option("--families", default=2000, show_default=True)
@click.option("--rate", default=20.0, show_default=True, help="Calls a second.")
@click.option("--channels", default=300, show_default=True, help="Of the trunk.")
@click.option("--share", default=0.3, show_default=True, help="Of the channels, kept for inbound calls.")
@click.option("--scale", default=0.01, show_default=True, help="Times the pauses before a telephone is rung again.")
@click.option("--postgresql/--sqlite", default=True, show_default=True)
@click.option("--kill/--no-kill", default=True, show_default=True, help="Kill the dialer after a third.")
@click.option("--write/--no-write", default=True, help="Write the result into docs/performance.md.")
def main(
    families: int, rate: float, channels: int, share: float, scale: float, postgresql: bool, kill: bool, write: bool
) -> None:
    """Measure and print; progress goes to stderr."""
    logs.configure("bench", "ERROR")
    plan = Plan(families, rate, channels, share, scale)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="eschool-bench-") as name, ExitStack() as stack:
        url = ""
        if postgresql:
            server = stack.enter_context(
                running_server({"fsync": "on", "synchronous_commit": "on", "autovacuum": "on"})
            )
            server.create("campaign")
            url = server.url("campaign")
        variables, settings, database, asterisk = stack.enter_context(running(Path(name), plan, url))
        click.echo(f"A campaign of {families} families ...", err=True)
        ours, told = campaign(variables, settings, database, asterisk, plan, kill=kill)
        click.echo("\n".join(told), err=True)
        click.echo("The bare loop ...", err=True)
        limit = pure(settings, database, asterisk, plan, min(families, int(rate * 60)))
    most = max(1, channels - round(channels * share + 0.499))
    lines = [
        *table(HEADINGS, (figures.cells(rate) for figures in (ours, limit))),
        "",
        *told,
        f"Asked for: {rate:g} calls a second, at most {most} of {channels} channels. "
        f"Measured on {datetime.now(UTC).date().isoformat()} with {os.cpu_count()} cores, the telephones on them too, "
        f"{'PostgreSQL' if postgresql else 'SQLite'} with durable commits.",
    ]
    text = "\n".join(lines)
    click.echo(text)
    click.echo(f"It took {(time.monotonic() - began) / 60:.1f} minutes.", err=True)
    if write:
        write_between("campaign", text)


if __name__ == "__main__":
    main()
