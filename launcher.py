"""Prepares this machine, keeps all processes running in the foreground (`eschool run`), and reports their state."""

import fcntl
import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

import click

import runtime
from errors import EschoolError, OperationError
from settings import Settings, Trunk

PROCFILE = Path(runtime.__file__).with_name("Procfile")
READY_SECONDS = 60.0


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """Be the only `eschool run` of this home. Raises OperationError when another one runs; its end frees the home."""
    settings.prepare_home()
    with (settings.home_path / "run.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OperationError(
                f"The product already runs in {settings.home_path}: end it first, "
                "or give this one another ESCHOOL_HOME and other ports."
            ) from None
        yield


def prepare(settings: Settings) -> None:
    """All the set-up that is missing: folders, database, demonstration school, Asterisk, clips. Each says what it does.

    Raises EschoolError with one sentence on the first thing that cannot be done.
    """
    from asterisk_conf.check import check
    from asterisk_conf.configure import configure
    from asterisk_conf.obtain import install
    from db.migrate import upgrade
    from demonstration import load_into_empty
    from prompts.render import render
    from prompts.voices.rhvoice_setup import install_if_wanted
    from runtime import home

    home.secure(settings)
    _say("Database", _place(settings.database))
    upgrade(settings)
    if settings.trunk is Trunk.LOOPBACK and load_into_empty(settings):
        _say("Demonstration school", "loaded")
    asterisk = install(settings, lambda text: _say("Asterisk", text.removeprefix("Asterisk: ")))
    install_if_wanted(settings, lambda text: _say("Speech", text))
    _say("Speech", f"voice {settings.voice_name}")
    render(settings, _texts(settings), progress=True)
    configure(settings, asterisk)
    check(settings)


def run(settings: Settings) -> int:
    """Keep every process of the Procfile running until SIGTERM or Ctrl-C; returns the exit status."""
    from demonstration.billing import is_billed
    from epay.simulator import endpoint as epay_endpoint
    from mail.simulator import endpoint as mail_endpoint
    from runtime import supervisor
    from smpp.simulator import endpoint as sms_endpoint

    sms_endpoint.choose_another_if_taken(settings)
    mail_endpoint.choose_another_if_taken(settings)
    epay_endpoint.choose_another_if_taken(settings)
    environment = {**os.environ, "ESCHOOL_HOME": str(settings.home_path), "PYTHONUNBUFFERED": "1"}
    environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment.get('PATH', '')}"
    if "billing" not in settings.model_fields_set and is_billed(settings):
        environment["ESCHOOL_BILLING"] = "true"
    commands = supervisor.parsed(PROCFILE.read_text("utf-8"))
    if settings.operators_file is not None:
        del commands["simulator"]
    if settings.smtp_url:
        del commands["mailbox"]
    if settings.epay_min:
        del commands["payments"]
    threading.Thread(target=_announce, args=(settings,), daemon=True).start()
    return supervisor.Supervisor(commands.values(), environment).run()


def states(settings: Settings) -> dict[str, str]:
    """How each process that is to run on this host is, in words: name -> state, and below it how each of its links is.

    Last, as "disk", whether the home folder can be written, as "codes", how many ID-codes and PINs were wrong lately,
    as "lines", whether campaigns stand still, as "backup", how old the last good backup is, and what lives on which
    other host.
    """
    from runtime import disk
    from school.monitoring import backups, hosts, wrong_codes

    found = _of_processes(settings)
    found["disk"] = disk.status(settings)
    for matter, status in (("codes", wrong_codes.status), ("lines", _lines), ("backup", backups.status)):
        with suppress(EschoolError):  # while the database is away, which the processes tell, nobody knows
            found[matter] = status(settings)
    return found | hosts.platform(settings)


def _of_processes(settings: Settings) -> dict[str, str]:
    """The same of the processes alone."""
    from admin_web.status import status as web_status
    from agi.dialer import health as dialer_health
    from asterisk_conf.run import status as asterisk_status
    from epay import health as epay_health
    from mail import health as mail_health
    from scheduler import health as clock_health
    from smpp.gateway import health

    asked: dict[str, Callable[[], str | dict[str, str]]] = {
        "asterisk": lambda: asterisk_status(settings),
        "agi": lambda: _agi_status(settings),
        "dialer": lambda: dialer_health.status(settings),
        "smpp": lambda: health.gateway(settings),
        "web": lambda: web_status(settings),
        "mail": lambda: mail_health.sender(settings),
        "scheduler": lambda: clock_health.scheduler(settings),
    }
    found: dict[str, str] = {}
    for process in settings.processes_here:
        found |= _told(process, asked[process])
        if process == "smpp" and settings.operators_file is None:
            found |= _told("simulator", lambda: health.simulator(settings))
        if process == "mail" and not settings.smtp_url:
            found |= _told("mailbox", lambda: mail_health.simulator(settings))
        if process == "web" and not settings.epay_min:
            found |= _told("payments", lambda: epay_health.simulator(settings))
    return found


def _told(process: str, ask: Callable[[], str | dict[str, str]]) -> dict[str, str]:
    try:
        answer = ask()
    except EschoolError as error:
        return {process: f"away: {error}"}
    return answer if isinstance(answer, dict) else {process: answer}


def _agi_status(settings: Settings) -> str:
    """The voice server's own line of figures. Raises OperationError when it does not answer."""
    try:
        with socket.create_connection((settings.agi_address, settings.agi_port), timeout=2) as peer:
            peer.sendall(b"agi_network: yes\nagi_network_script: status\n\n")
            answer = peer.makefile(encoding="utf-8").readline().strip()
    except OSError as error:
        raise OperationError(f"nothing answers on port {settings.agi_port} ({error})") from None
    if not answer:
        raise OperationError(f"what listens on port {settings.agi_port} is not the voice server")
    figures = json.loads(answer) if answer.startswith("{") else {}
    if missing := figures.get("clips_missing"):
        return f"WARNING: {missing} clips are missing, callers do not hear them: they are being rendered; {answer}"
    return answer


def _lines(settings: Settings) -> str:
    """Whether any campaigns stand still, and whose day is used up. Raises OperationError when the database is away."""
    from datetime import UTC, datetime

    from db.session import open_database
    from school.lines import days, open_stops

    database = open_database(settings)
    try:
        with database.reading() as session:
            stops, today = open_stops(session), days(session, datetime.now(UTC))
    finally:
        database.dispose()
    used_up = sum(bool(one.waiting(settings.campaign_share)) for one in today)
    words = [f"ALARM: campaigns of {stop.school or 'all schools'} stopped (eschool lines show)" for stop in stops]
    if used_up:
        words.append(f"{used_up} schools have used up their campaigns' day")
    return ", ".join(words) or "no campaign is stopped"


def _announce(settings: Settings) -> None:
    """Say when everything answers; a newcomer waits for this line."""
    from demonstration import log_ins
    from runtime import disk

    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if not any(state.startswith("away") for state in (disk.status(settings), *_of_processes(settings).values())):
            number = f"sip:{settings.inbound_number}@{settings.sip_address}:{settings.sip_port}"
            lines = [
                "eschool is ready",
                f"  web        {settings.web_root}",
                f"  telephone  {number}   (try: make call)",
            ]
            lines += log_ins(settings)
            click.echo("\n" + "\n".join(lines) + "\n")
            return
        time.sleep(0.3)
    click.echo("eschool is not ready yet; `eschool status` tells which process is away.", err=True)


def _texts(settings: Settings) -> set[str]:
    from db.session import open_database
    from prompts.speech import inventory
    from school.hearing import spoken

    database = open_database(settings)
    try:
        with database.reading() as session:
            return spoken.texts(session) | inventory()
    finally:
        database.dispose()


def _place(url: str) -> str:
    """A database's address without its password."""
    parts = urlsplit(url)
    return parts.path[1:] if parts.scheme.startswith("sqlite") else f"{parts.hostname}{parts.path}"


def _say(what: str, text: str) -> None:
    click.echo(f"{what + ' ':.<24} {text}")
