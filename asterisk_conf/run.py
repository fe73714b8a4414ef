"""Starting Asterisk in the foreground, and asking the one that runs."""

import os
import re
import resource
import subprocess
from typing import NoReturn

from asterisk_conf import check, obtain
from asterisk_conf.configure import configure
from asterisk_conf.layout import layout
from errors import OperationError
from runtime import home
from settings import Settings

# A call holds about ten descriptors: two RTP sockets, timers, pipes, the FastAGI socket, the clip being played.
DESCRIPTORS_PER_CALL = 12
ANSWER_SECONDS = 10


def start(settings: Settings) -> NoReturn:
    """Become Asterisk: write its configuration, then replace this process; SIGTERM ends it and its calls.

    Raises OperationError or InputError, one sentence, when it could not run.
    """
    home.secure(settings)
    asterisk = obtain.require(settings)
    configure(settings, asterisk)
    if problems := check.before_start(settings, asterisk):
        raise OperationError(" ".join(problems))
    _raise_descriptor_limit(settings)
    command = [*asterisk.command, "-C", str(layout(settings).main_file), "-f", "-q"]
    os.execv(command[0], command)  # noqa: S606 - our own configuration of a program found by us


def tell(settings: Settings, command: str) -> str:
    """What the running Asterisk answers to a command of its console. Raises OperationError when none runs."""
    asterisk = obtain.require(settings)
    places = layout(settings)
    if not check.is_running(settings):
        raise OperationError("Asterisk does not run: start it with `eschool run` or `eschool asterisk run`.")
    try:
        done = subprocess.run(
            [*asterisk.command, "-C", str(places.main_file), "-rx", command],
            capture_output=True,
            text=True,
            check=False,
            timeout=ANSWER_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise OperationError(f"Asterisk did not answer within {ANSWER_SECONDS} seconds: restart it.") from error
    return done.stdout


def status(settings: Settings) -> str:
    """`running, 3 calls now, 120 since its start`. Raises OperationError when Asterisk does not run."""
    counts = {"channel": "0", "call": "0"}
    for line in tell(settings, "core show channels count").splitlines():
        if match := re.match(r"(\d+) (?:active )?(channel|call)s?(?: processed)?$", line):
            counts[match[2]] = match[1]
    return f"running, {counts['channel']} calls now, {counts['call']} since its start"


def _raise_descriptor_limit(settings: Settings) -> None:
    """Let Asterisk open enough files and sockets for max_calls, as far as this user may."""
    wanted = settings.max_calls * DESCRIPTORS_PER_CALL + 1024
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= wanted:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(wanted, hard)))
    except ValueError:  # not root: the hard limit is what there is
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
