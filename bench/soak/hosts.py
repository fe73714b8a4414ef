"""The two hosts: a home on a small disk, and `eschool run` over it with every process of the product."""

import os
import re
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from bench.soak.network import Place
from devtools.pbx import CHECKOUT, ESCHOOL, environment

RTP = "20000-20199"
START_SECONDS = 180.0
SUPERVISOR = "run"
ROLES = {
    "agi": r"eschool agi serve",
    "dialer": r"eschool agi dial",
    "sms": r"eschool sms serve",
    "web": r"eschool web serve|gunicorn",
    "mail": r"eschool mail serve",
    "scheduler": r"eschool scheduler serve",
    "asterisk": r"asterisk .*-C |eschool asterisk run",
    SUPERVISOR: r"eschool run$",
}
"""What may be killed, by its command line."""

OPERATORS = """
[operators.a1]
host = "{host}"
port = {port}
system_id = "eschool"
password = "secret"
window = {window}
longest_retry_seconds = 5
"""


@dataclass(frozen=True)
class Outside:
    """Where the servers are that both hosts use, and how fast they ring."""

    database_url: str
    smsc_port: int
    window: int
    mail_url: str
    mail_ca: Path
    telephones_port: int
    dial_rate: float


@dataclass
class Host:
    """One host. `restarts`: how often `eschool run` itself was started again, as systemd would."""

    place: Place
    variables: dict[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = None
    restarts: int = 0
    _output: "IO[bytes] | None" = field(default=None, repr=False)

    @property
    def web(self) -> str:
        """Its pages."""
        return f"http://{self.place.address}:8000"

    def start(self) -> None:
        """Run everything."""
        self._output = self._output or self.log.open("ab")
        self.process = subprocess.Popen(
            self.place.command(str(ESCHOOL), "run"),
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._output,
            env=environment(self.variables),
            cwd=CHECKOUT,
        )

    def look_after(self) -> None:
        """Start `eschool run` again if it was killed and nothing of it is left."""
        if self.process is not None and self.process.poll() is not None and not self.place.pids():
            self.restarts += 1
            self.start()

    def answers(self) -> bool:
        """Whether its pages open."""
        with suppress(OSError), urllib.request.urlopen(f"{self.web}/healthz", timeout=5) as answer:
            return bool(answer.status == 200)
        return False

    def running(self) -> dict[str, list[int]]:
        """Role -> its processes now."""
        found: dict[str, list[int]] = {}
        for pid in self.place.pids():
            with suppress(OSError):
                line = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
                for role, pattern in ROLES.items():
                    if re.search(pattern, line):
                        found.setdefault(role, []).append(pid)
                        break
        return found

    def stop(self) -> None:
        """End it as an operator does."""
        if self.process is not None and self.process.poll() is None:
            for pid in self.running().get(SUPERVISOR, []):
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self._output:
            self._output.close()


def host(place: Place, outside: Outside, key: str, clips: Path, logs: Path) -> Host:
    """A host that is not started yet; clips are copied, so that it need not speak them first."""
    operators = logs / f"{place.name}.operators.toml"
    operators.write_text(OPERATORS.format(host=place.gateway, port=outside.smsc_port, window=outside.window), "utf-8")
    operators.chmod(0o600)
    if clips.is_dir():
        subprocess.run(["cp", "-r", str(clips), str(place.disk / "sounds")], check=True)
    variables = {
        "ESCHOOL_HOME": str(place.disk),
        "ESCHOOL_DATABASE_URL": outside.database_url,
        "ESCHOOL_SECRET_KEY": key,
        "ESCHOOL_SIP_ADDRESS": place.address,
        "ESCHOOL_RTP_PORTS": RTP,
        "ESCHOOL_TRUNK": "ip",
        "ESCHOOL_TRUNK_HOST": place.gateway,
        "ESCHOOL_TRUNK_PORT": str(outside.telephones_port),
        "ESCHOOL_WEB_ADDRESS": place.address,
        "ESCHOOL_PUBLIC_URL": f"http://{place.address}:8000",
        "ESCHOOL_OPERATORS_FILE": str(operators),
        "ESCHOOL_SMTP_URL": outside.mail_url,
        "ESCHOOL_SMTP_CA": str(outside.mail_ca),
        "ESCHOOL_MAIL_FROM": "no-reply@e-school.example",
        "ESCHOOL_DIAL_RATE": f"{outside.dial_rate:.3f}",
        "ESCHOOL_RING_SECONDS": "8",
        "ESCHOOL_RETRY_SCALE": "0.02",
        "ESCHOOL_CALLS_A_DAY": "0",
        "ESCHOOL_MINUTES_A_DAY": "0",
        "ESCHOOL_SMS_PARTS_A_DAY": "0",
        "ESCHOOL_BRAKE_FLOOR": "1000000",
        "ESCHOOL_BRAKE_PLATFORM_FLOOR": "1000000",
        "ESCHOOL_NUMBER_CALLS_AN_HOUR": "100",
        "ESCHOOL_NUMBER_CALLS_A_DAY": "100",
    }
    return Host(place, variables, logs / f"{place.name}.log")


@contextmanager
def running(hosts: list[Host]) -> Iterator[None]:
    """Start them and wait until their pages open; stop them at the end."""
    try:
        for one in hosts:
            one.start()
        deadline = time.monotonic() + START_SECONDS
        for one in hosts:
            while not one.answers():
                if time.monotonic() > deadline or (one.process and one.process.poll() is not None):
                    raise RuntimeError(f"{one.place.name} did not start: {one.log.read_text('utf-8')[-3000:]}")
                time.sleep(0.5)
        yield
    finally:
        for one in hosts:
            one.stop()
