"""A real Asterisk of a test's own: on free ports, with a home of its own, started and stopped as an operator does."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from asterisk_conf import check, obtain
from devtools.telephone.free_ports import free_block, free_port
from settings import Settings

CHECKOUT = Path(__file__).parent.parent
ESCHOOL = Path(sys.executable).with_name("eschool")
CLIPS = CHECKOUT / ".cache" / "test-sounds"
"""Clips are kept from one test run to the next: they are named by what they say, and all take half a minute."""

ENGINE = "espeak"
"""Tests hear espeak-ng, whatever this machine's best voice is: it is small, everywhere, and the same everywhere."""

RTP_PORTS = 120
START_SECONDS = 60.0


def free_addresses() -> dict[str, str]:
    """`ESCHOOL_*` variables that give a copy of the product ports of its own."""
    rtp = free_block(RTP_PORTS)
    return {
        "ESCHOOL_RTP_PORTS": f"{rtp}-{rtp + RTP_PORTS - 1}",
        "ESCHOOL_SIP_PORT": str(free_port()),
        "ESCHOOL_AGI_PORT": str(free_port()),
        "ESCHOOL_AMI_PORT": str(free_port()),
        "ESCHOOL_WEB_PORT": str(free_port()),
        "ESCHOOL_TELEPHONES_PORT": str(free_block(2)),  # a baresip there wants the next one for TLS
    }


def settings_of(variables: Mapping[str, str]) -> Settings:
    """The settings a process started with these `ESCHOOL_*` variables has."""
    names = {f"ESCHOOL_{name.upper()}": name for name in Settings.model_fields}
    given = {"ESCHOOL_ENGINE": ENGINE, **variables}
    return Settings.model_validate({names[variable]: value for variable, value in given.items()})


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """The environment of a process with these `ESCHOOL_*` variables and no others."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ESCHOOL_")}
    return {**inherited, "ESCHOOL_ENGINE": ENGINE, **variables}


@contextmanager
def eschool_process(variables: Mapping[str, str], *command: str, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`eschool COMMAND` with these `ESCHOOL_*` variables and no others, its output in `log`; SIGTERM at the end."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [ESCHOOL, *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment(variables),
            cwd=CHECKOUT,
        )
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def running_asterisk(variables: Mapping[str, str]) -> Iterator[Settings]:
    """An Asterisk with these settings, got if there is none on this machine, ready for calls."""
    settings = settings_of(variables)
    settings.prepare_home()
    obtain.install(settings, print)
    log = settings.home_path / "asterisk.log"
    with eschool_process(variables, "asterisk", "run", log=log) as process:
        deadline = time.monotonic() + START_SECONDS
        while not (check.is_running(settings) and "Asterisk Ready" in log.read_text("utf-8", "replace")):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"Asterisk did not start: {log.read_text('utf-8', 'replace')[-2000:]}")
            time.sleep(0.05)
        yield settings


def exchange_of(settings: Settings) -> str:
    """Where telephones reach it, `127.0.0.1:5060`."""
    return f"{settings.sip_address}:{settings.sip_port}"
