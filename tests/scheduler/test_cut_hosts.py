"""Two hosts, and the link of one is cut without a word: the other takes over, and the first notices when it is back."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db.session import Database
from devtools.pbx import CHECKOUT, ESCHOOL, environment, eschool_process
from devtools.silent_line import SilentLine, silent_line
from devtools.site import SECRET_KEY
from school.monitoring import health, job_runs
from settings import Settings
from tests.db.test_silent_server import address_by

TAKEN_OVER_SECONDS = 30.0
pytestmark = [pytest.mark.slow, pytest.mark.parametrize("database_address", ["postgresql"], indirect=True)]


class Hosts:
    """Schedulers of several hosts, and what they say."""

    def __init__(self, settings: Settings, database: Database, folder: Path) -> None:
        self._settings = settings
        self._database = database
        self._folder = folder

    def variables(self, name: str, line: SilentLine | None = None) -> dict[str, str]:
        home = self._folder / name
        home.mkdir(mode=0o700, exist_ok=True)
        address = address_by(line, self._settings) if line else self._settings.database
        return {"ESCHOOL_HOME": str(home), "ESCHOOL_DATABASE_URL": address, "ESCHOOL_SECRET_KEY": SECRET_KEY}

    def log_of(self, name: str) -> Path:
        return self._folder / f"{name}.log"

    def told(self, name: str, event: str) -> int:
        """How often a host's log has an event."""
        return self.log_of(name).read_text("utf-8").count(f'"{event}"')

    def states(self) -> list[str]:
        with self._database.reading() as session:
            found = health.speaking(session, datetime.now(UTC), health.Process.SCHEDULER)
        return sorted(one.state for one in found)

    def last_run(self, job: str) -> job_runs.Run:
        with self._database.reading() as session:
            return job_runs.runs(session).get(job, job_runs.Run(job))


@pytest.fixture
def hosts(settings: Settings, database: Database, tmp_path: Path) -> Hosts:
    return Hosts(settings, database, tmp_path)


def seconds_until(happened: Callable[[], bool], longest: float = 40.0) -> float:
    began = time.monotonic()
    while not happened():
        assert time.monotonic() - began < longest, "it did not happen in time"
        time.sleep(0.1)
    return time.monotonic() - began


class TestTakingOver:
    def test_when_the_line_falls_silent(self, hosts: Hosts, settings: Settings) -> None:
        folder = Path(settings.database.rpartition("host=")[2])
        with (
            silent_line(folder / ".s.PGSQL.5432") as line,
            eschool_process(hosts.variables("first", line), "scheduler", "serve", log=hosts.log_of("first")),
        ):
            seconds_until(lambda: hosts.states() == ["keeping"])
            with eschool_process(hosts.variables("second"), "scheduler", "serve", log=hosts.log_of("second")):
                seconds_until(lambda: hosts.states() == ["keeping", "standing by"])
                line.fall_silent()
                assert seconds_until(lambda: hosts.told("second", "clock.started") == 1) < TAKEN_OVER_SECONDS
                line.speak()
                seconds_until(lambda: hosts.told("first", "clock.stopped") == 1)
                seconds_until(lambda: hosts.states() == ["keeping", "standing by"])
                assert hosts.told("first", "clock.started") == 1
        assert "Traceback" not in hosts.log_of("first").read_text("utf-8")

    def test_when_a_host_stands_still_for_a_while(self, hosts: Hosts) -> None:
        """It does not know that time has passed: the database's time decides."""
        with eschool_process(hosts.variables("first"), "scheduler", "serve", log=hosts.log_of("first")) as first:
            seconds_until(lambda: hosts.states() == ["keeping"])
            with eschool_process(hosts.variables("second"), "scheduler", "serve", log=hosts.log_of("second")):
                seconds_until(lambda: hosts.states() == ["keeping", "standing by"])
                first.send_signal(signal.SIGSTOP)
                try:
                    assert seconds_until(lambda: hosts.told("second", "clock.started") == 1) < TAKEN_OVER_SECONDS
                    before = hosts.last_run("leases").started_at
                    seconds_until(lambda: hosts.last_run("leases").started_at != before)
                    ran, by_first = hosts.told("second", "job.ended"), hosts.told("first", "job.ended")
                finally:
                    first.send_signal(signal.SIGCONT)
                assert ran
                seconds_until(lambda: hosts.told("first", "clock.stopped") == 1)
                seconds_until(lambda: hosts.states() == ["keeping", "standing by"])
                assert hosts.told("first", "job.ended") == by_first
        assert "Traceback" not in hosts.log_of("first").read_text("utf-8")


NAMESPACE = f"eschool-{os.getpid()}"
OUTER, INNER = f"esc-a{os.getpid()}", f"esc-b{os.getpid()}"


def ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


def may_make_networks() -> bool:
    """Whether this machine lets us have a network of our own."""
    if os.geteuid() or not shutil.which("ip"):
        return False
    made = subprocess.run(["ip", "netns", "add", NAMESPACE], capture_output=True).returncode == 0
    if made:
        ip("netns", "del", NAMESPACE)
    return made


@contextmanager
def network() -> Iterator[str]:
    """A network namespace with one link to this machine; gives this machine's address on it."""
    here = f"10.{os.getpid() % 200 + 20}.{os.getpid() // 200 % 250}.1"
    try:
        ip("netns", "add", NAMESPACE)
        ip("link", "add", OUTER, "type", "veth", "peer", "name", INNER, "netns", NAMESPACE)
        ip("addr", "add", f"{here}/30", "dev", OUTER)
        ip("link", "set", OUTER, "up")
        ip("-n", NAMESPACE, "addr", "add", f"{here[:-1]}2/30", "dev", INNER)
        ip("-n", NAMESPACE, "link", "set", INNER, "up")
        ip("-n", NAMESPACE, "link", "set", "lo", "up")
        yield here
    finally:
        subprocess.run(["ip", "netns", "del", NAMESPACE], capture_output=True)


@pytest.mark.skipif(not may_make_networks(), reason="needs root, and leave to make network namespaces")
def test_a_host_whose_cable_is_pulled_loses_the_clock_within_half_a_minute(hosts: Hosts, settings: Settings) -> None:
    folder = Path(settings.database.rpartition("host=")[2])
    with network() as here, silent_line(folder / ".s.PGSQL.5432", here) as line:
        with hosts.log_of("first").open("ab") as output:
            first = subprocess.Popen(
                ["ip", "netns", "exec", NAMESPACE, ESCHOOL, "scheduler", "serve"],
                stdout=output,
                stderr=output,
                env=environment(hosts.variables("first", line)),
                cwd=CHECKOUT,
            )
        try:
            seconds_until(lambda: hosts.states() == ["keeping"])
            with eschool_process(hosts.variables("second"), "scheduler", "serve", log=hosts.log_of("second")):
                seconds_until(lambda: hosts.states() == ["keeping", "standing by"])
                ip("link", "set", OUTER, "down")
                seconds = seconds_until(lambda: hosts.told("second", "clock.started") == 1)
                print(f"taken over after {seconds:.1f} s")
                assert seconds < TAKEN_OVER_SECONDS
                seconds_until(lambda: hosts.told("first", "clock.stopped") == 1)
                ip("link", "set", OUTER, "up")
                seconds_until(lambda: hosts.states() == ["keeping", "standing by"])
                assert hosts.told("first", "clock.started") == 1
        finally:
            first.terminate()
            first.wait(20)
    assert "Traceback" not in hosts.log_of("first").read_text("utf-8")
