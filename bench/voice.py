"""`make bench-voice`: a parent's call under load, against the two limits of the same machine in the same run.

The call: a recognised number, key 1 a second after the answer, the latest grades to the end. Three ways: our FastAGI
server; the same clips by Asterisk's own Playback, which no dialogue can beat; pyst2 the stock way, a process a call.
"""

import json
import os
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import click
from sqlalchemy import func, select

from asterisk_conf import obtain
from asterisk_conf.configure import LOAD_PER_CORE, configure
from asterisk_conf.layout import layout
from bench.call_script import Script, prepare_school, script_of_call
from bench.measures import cpu_seconds, memory_mb, percentile
from bench.probe import Heard, Probes
from bench.voice_report import Row, write_report
from db.kinds import CallOutcome
from db.models import Call
from db.session import Database
from devtools.pbx import CLIPS, environment, eschool_process, free_addresses, settings_of
from devtools.telephone.free_ports import free_block
from settings import Settings

OURS, PLAYBACK, STOCK = "0882818905", "0999000001", "0999000002"
RATES = (10, 20, 30, 40)
STOCK_RATES = (0.5, 1, 2, 4)
STEADY_SECONDS = 20.0
"""How long calls keep starting after the first ones have ended: then as many run as the rate makes."""

PROBES = 2.5
"""Calls a second, of the rate, that listening telephones make; of a low rate half."""
RTP_PORTS = 6000


@dataclass(frozen=True)
class Bench:
    """What runs: the PBX's settings and the processes to account for."""

    settings: Settings
    asterisk: int
    server: int
    script: Script


@contextmanager
def running(home: Path) -> Iterator[Bench]:
    """Asterisk with the two limits' extensions, our server, one parent with a short list of grades."""
    rtp = free_block(RTP_PORTS)
    variables = free_addresses() | {
        "ESCHOOL_HOME": str(home),
        "ESCHOOL_RTP_PORTS": f"{rtp}-{rtp + RTP_PORTS - 1}",
        "ESCHOOL_MAX_CALLS": "2500",
        "ESCHOOL_MAX_PLAIN_CALLS": "0",
        "ESCHOOL_LOG_LEVEL": "WARNING",
    }
    settings = settings_of(variables)
    CLIPS.mkdir(parents=True, exist_ok=True)
    (home / "sounds").symlink_to(CLIPS)
    prepare_school(settings)
    asterisk = obtain.install(settings, click.echo)
    configure(settings, asterisk)
    script = script_of_call(settings)
    places = layout(settings)
    _add_limits(places.main_file.with_name("extensions.conf"), script, places.agi_bin / "inbound")
    log = (home / "bench-asterisk.log").open("wb")
    pbx = subprocess.Popen(
        [*asterisk.command, "-C", str(places.main_file), "-f", "-q"],
        env={name: value for name, value in environment(variables).items() if name != "PYTHONDONTWRITEBYTECODE"},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
    )
    try:
        with eschool_process(variables, "agi", "serve", log=home / "bench-agi.log") as server:
            _wait_for(settings)
            yield Bench(settings, pbx.pid, server.pid, script)
    finally:
        pbx.terminate()
        pbx.wait(timeout=20)


def measure(bench: Bench, way: str, number: str, rate: float, folder: Path) -> Row:
    """One way at one rate: SIPp makes the load, probes among it listen."""
    hold = bench.script.seconds_after_key + 0.7
    ramp = 1.0 + hold
    probing = min(PROBES, rate / 2)
    loading = rate - probing
    total = int(loading * (ramp + STEADY_SECONDS))
    scenario = folder / "parent.xml"
    text = Path(__file__).with_name("parent.xml").read_text("utf-8")
    scenario.write_text(text.replace("{hold}", str(int(hold * 1000))).replace("{caller}", bench.script.caller), "utf-8")
    statistics_file = folder / f"{way}-{rate}.csv"
    began = datetime.now(UTC)
    ports = free_block(8)
    load = subprocess.Popen(
        [
            "sipp",
            f"127.0.0.1:{bench.settings.sip_port}",
            "-sf",
            str(scenario),
            "-s",
            number,
            "-r",
            str(round(loading * 100)),
            "-rp",
            "100000",
            "-m",
            str(total),
            "-l",
            "4000",
            "-i",
            "127.0.0.1",
            "-p",
            str(ports),
            "-mp",
            str(ports + 2),
            "-trace_err",
            "-error_file",
            str(folder / f"{way}-{rate}.errors"),
            "-trace_stat",
            "-stf",
            str(statistics_file),
            "-fd",
            "1",
            "-nostdin",
            "-timeout",
            "180",
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=folder,
    )
    time.sleep(ramp)
    before = (time.monotonic(), cpu_seconds(bench.asterisk), cpu_seconds(bench.server))
    pbx = ("127.0.0.1", bench.settings.sip_port)
    probes = Probes(pbx, number, bench.script.caller, hold)
    heard = probes.run(int((STEADY_SECONDS - 1.0) * probing), 1 / probing)
    after = (time.monotonic(), cpu_seconds(bench.asterisk), cpu_seconds(bench.server))
    memory = memory_mb(bench.server)
    load.wait(timeout=240)
    _until_quiet(bench.settings)
    row = _row(way, rate, heard, statistics_file, before, after, memory, bench.script)
    listening = round(probing * ramp)
    return replace(row, concurrent=row.concurrent + listening, failed=row.failed + _apologies(bench.settings, began))


def _row(
    way: str,
    rate: float,
    heard: list[Heard],
    statistics_file: Path,
    before: tuple[float, float, float],
    after: tuple[float, float, float],
    memory: float,
    script: Script,
) -> Row:
    lines = [line.split(";") for line in statistics_file.read_text("utf-8").splitlines() if line]
    columns = lines[0]
    current, failed = columns.index("CurrentCall"), columns.index("FailedCall(C)")
    answered = [one for one in heard if one.first_audio is not None]
    firsts = sorted(one.first_audio for one in answered if one.first_audio is not None)
    gaps = [max(one.gaps(since=1.5), default=0.0) for one in answered]
    lengths = [one.length for one in answered]
    seconds = after[0] - before[0]
    calls = rate * seconds
    return Row(
        way=way,
        rate=rate,
        failed=int(lines[-1][failed]) + len(heard) - len(answered),
        concurrent=max(int(line[current]) for line in lines[1:]),
        length_ratio=statistics.median(lengths) / script.seconds if lengths else 0.0,
        first_audio_ms=(percentile(firsts, 50) * 1000, percentile(firsts, 99) * 1000),
        longest_gap_ms=percentile(sorted(gaps), 99) * 1000,
        asterisk_ms_per_call=(after[1] - before[1]) / calls * 1000,
        server_ms_per_call=(after[2] - before[2]) / calls * 1000,
        server_cores=(after[2] - before[2]) / seconds,
        server_mb=memory,
    )


def _add_limits(file: Path, script: Script, stock: Path) -> None:
    """Two more numbers on the trunk: the clips by Playback, and a process a call."""
    clips = "&".join(script.files)
    lines = [
        "",
        "[trunk](+)",
        f"exten => {PLAYBACK},1,Answer(,i)",
        f" same => n,Playback({clips})",
        " same => n,Wait(60)",
        f"exten => {STOCK},1,StoreDTMF(RX,ESCHOOL_KEYS)",
        " same => n,Answer(,i)",
        f" same => n,AGI({stock})",
        "",
    ]
    file.write_text(file.read_text("utf-8") + "\n".join(lines), "utf-8")


def _apologies(settings: Settings, since: datetime) -> int:
    """Calls that our own records say ended in the apology: to SIPp they look like any other."""
    time.sleep(1.0)  # the records of the last calls are being gathered
    database = Database(settings.database, settings.key())
    with database.reading() as session:
        failed = select(func.count()).where(Call.started_at >= since, Call.outcome == CallOutcome.FAILED)
        found = session.scalar(failed) or 0
    database.dispose()
    return found


def _wait_for(settings: Settings, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            with socket.create_connection((settings.agi_address, settings.agi_port), timeout=1):
                time.sleep(2.0)  # Asterisk is up well before our server; its modules need a moment more
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the voice server did not start")


def _until_quiet(settings: Settings) -> None:
    """Wait until the server has no call left and Asterisk, above its load limit, refuses none: runs do not touch."""
    while os.getloadavg()[0] > LOAD_PER_CORE * (os.cpu_count() or 1) / 4:
        time.sleep(1.0)
    for _ in range(120):
        with socket.create_connection((settings.agi_address, settings.agi_port), timeout=5) as peer:
            peer.sendall(b"agi_network: yes\nagi_network_script: status\n\n")
            if json.loads(peer.makefile().readline())["active"] == 0:
                return
        time.sleep(0.5)


@click.command()
@click.option("--rates", default=",".join(map(str, RATES)), show_default=True, help="Calls a second.")
@click.option("--stock-rates", default=",".join(map(str, STOCK_RATES)), show_default=True)
@click.option("--write/--no-write", default=True, help="Write the result into docs/performance.md.")
def main(rates: str, stock_rates: str, write: bool) -> None:
    """Measure and print; progress goes to stderr."""
    wanted = [float(rate) for rate in rates.split(",") if rate]
    stock = [float(rate) for rate in stock_rates.split(",") if rate]
    plan = [(way, number, rate) for rate in wanted for way, number in (("ours", OURS), ("playback", PLAYBACK))]
    plan += [("stock", STOCK, rate) for rate in stock]
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="eschool-bench-") as folder, running(Path(folder)) as bench:
        for step, (way, number, rate) in enumerate(plan, start=1):
            if way == "stock" and rows and rows[-1].way == "stock" and not rows[-1].holds:
                continue
            click.echo(f"{step}/{len(plan)} {way} at {rate:g} calls/s ...", err=True)
            rows.append(measure(bench, way, number, rate, Path(folder)))
            click.echo(rows[-1].line(), err=True)
        script = bench.script
    click.echo(write_report(rows, script, datetime.now(UTC).date(), write=write))


if __name__ == "__main__":
    main()
