"""Runs commands side by side and keeps them running: what ends is started again, and the others go on meanwhile.

A command that ends again and again is started with growing pauses. What it writes is passed on line by line, each with
the time and its name before it, as long as somebody can be told: a full disk or a closed terminal ends nobody.
"""

import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import cycle
from time import monotonic
from typing import IO

from runtime import parent
from runtime.signals import FORCED_STATUS, SIGNALS

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 60.0
"""Seconds before a command is started again: twice as long each time, while it does not stay up."""
STAYS_UP = 30.0
"""Seconds after which a command counts as running again, and its next end is a new fault."""
STOP_SECONDS = 25.0
"""How long all have to end in. Asterisk ends its calls at once, and then the voice server has none to wait for."""
LOOK_SECONDS = 0.1
"""How often it is seen who has ended."""
LONGEST_LINE = 64 * 1024
"""Bytes that are passed on as one line even if it goes on."""
SYSTEM = "system"
"""Who says that another has ended."""
COLOURS = (36, 33, 32, 35, 31, 34)
"""Of the names on a terminal (ECMA-48, 8.3.117), in turn."""


@dataclass(frozen=True, slots=True)
class Command:
    """A program with its arguments, under the name by which its lines are told apart."""

    name: str
    arguments: tuple[str, ...]


@dataclass
class _Process:
    """One command and what has become of it."""

    command: Command
    running: "subprocess.Popen[bytes] | None" = None
    started_at: float = 0.0
    start_at: float = 0.0
    pause: float = FIRST_PAUSE
    is_failing: bool = False
    """It ended, which was told, and has not stayed up since."""
    unfinished: bytearray = field(default_factory=bytearray)


class Supervisor:
    """Used in the main thread of a process that does little else: children die with the thread that started them."""

    def __init__(
        self, commands: Iterable[Command], environment: Mapping[str, str], output: IO[str] | None = None
    ) -> None:
        self._processes = [_Process(command) for command in commands]
        self._environment = {**environment, parent.VARIABLE: str(os.getpid())}
        self._output = sys.stdout if output is None else output
        names = [one.command.name for one in self._processes]
        self._width = max(map(len, (SYSTEM, *names)))
        self._colours = dict(zip(names, cycle(COLOURS), strict=False)) if self._output.isatty() else {}
        self._selector = selectors.DefaultSelector()
        self._asked = 0

    def run(self) -> int:
        """Run all until SIGTERM or SIGINT, then end all; a second signal ends them at once.

        Returns the exit status: 0, or FORCED_STATUS when somebody had to be killed.
        """
        before = {number: signal.signal(number, self._on_signal) for number in SIGNALS}
        try:
            while not self._asked:
                for one in self._processes:
                    self._see_to(one)
                self._pass_on(LOOK_SECONDS)
            return self._stop()
        finally:
            for one in self._processes:
                self._kill(one)
            self._selector.close()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_signal(self, _number: int, _frame: object) -> None:
        self._asked += 1

    def _see_to(self, one: _Process) -> None:
        if one.running is None:
            if monotonic() >= one.start_at:
                self._start(one)
            return
        status = _ended(one.running)
        if status is not None:
            self._has_ended(one, _in_words(status))
        elif one.is_failing and monotonic() - one.started_at >= STAYS_UP:
            one.is_failing, one.pause = False, FIRST_PAUSE
            self._say(one, "runs again")

    def _start(self, one: _Process) -> None:
        one.started_at = monotonic()
        try:
            one.running = subprocess.Popen(
                one.command.arguments,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,  # Ctrl-C reaches only us: each is asked once
            )
        except OSError as error:  # no memory, no descriptor, no such program: it may be there later
            self._has_ended(one, f"cannot be started ({error.strerror})")
            return
        output = one.running.stdout
        assert output is not None
        os.set_blocking(output.fileno(), False)
        self._selector.register(output, selectors.EVENT_READ, one)

    def _has_ended(self, one: _Process, how: str) -> None:
        if one.running is not None:
            self._collect(one)
        one.start_at = monotonic() + one.pause
        if not one.is_failing:
            self._say(one, f"{how}: it is started again, with growing pauses")
        one.is_failing = True
        one.pause = min(2 * one.pause, LONGEST_PAUSE)

    def _collect(self, one: _Process) -> None:
        """After its end: what it has written still, and an end to whatever it has left behind."""
        running, one.running = one.running, None
        assert running is not None
        assert running.stdout is not None
        _kill_group(running)
        running.wait()
        self._read(running.stdout, one)
        self._finish_line(one)
        with suppress(KeyError):
            self._selector.unregister(running.stdout)
        running.stdout.close()

    def _stop(self) -> int:
        for one in self._processes:
            if one.running is not None:
                with suppress(ProcessLookupError):
                    os.kill(one.running.pid, signal.SIGTERM)  # Popen.terminate would wait for one that has ended
        deadline = monotonic() + STOP_SECONDS
        while any(one.running for one in self._processes) and monotonic() < deadline and self._asked < 2:
            self._pass_on(LOOK_SECONDS)
            for one in self._processes:
                if one.running is not None and _ended(one.running) is not None:
                    self._collect(one)
        late = [one for one in self._processes if one.running is not None]
        for one in late:
            self._say(one, "does not end and is killed")
        return FORCED_STATUS if late else 0

    def _kill(self, one: _Process) -> None:
        if one.running is not None:
            self._collect(one)

    def _pass_on(self, seconds: float) -> None:
        for key, _ in self._selector.select(seconds):
            stream: IO[bytes] = key.fileobj  # type: ignore[assignment]
            self._read(stream, key.data)

    def _read(self, stream: IO[bytes], one: _Process) -> None:
        """Whatever is there, line by line."""
        while True:
            try:
                found = os.read(stream.fileno(), LONGEST_LINE)
            except BlockingIOError:
                return
            if not found:  # it is closed, which its end follows
                with suppress(KeyError):
                    self._selector.unregister(stream)
                return
            one.unfinished += found
            *lines, rest = one.unfinished.split(b"\n")
            for line in lines:
                self._write(one.command.name, bytes(line))
            one.unfinished = rest
            if len(rest) >= LONGEST_LINE:
                self._finish_line(one)

    def _finish_line(self, one: _Process) -> None:
        if one.unfinished:
            self._write(one.command.name, bytes(one.unfinished))
            one.unfinished = bytearray()

    def _say(self, one: _Process, what: str) -> None:
        self._write(SYSTEM, f"{one.command.name} {what}".encode())

    def _write(self, name: str, line: bytes) -> None:
        before = f"{datetime.now():%H:%M:%S} {name:{self._width}} |"  # noqa: DTZ005  # the time of who reads it
        if colour := self._colours.get(name):
            before = f"\033[{colour}m{before}\033[0m"
        words = line.decode("utf-8", "replace").rstrip("\r")
        with suppress(OSError, ValueError):  # full or closed; the next line may find room again
            self._output.write(f"{before} {words}\n")
            self._output.flush()


def parsed(procfile: str) -> dict[str, Command]:
    """The commands of a Procfile, `name: program arguments` a line, by name."""
    found = (line.partition(":") for line in procfile.splitlines() if line.strip())
    return {name.strip(): Command(name.strip(), tuple(command.split())) for name, _, command in found}


def _ended(running: "subprocess.Popen[bytes]") -> int | None:
    """How it ended, as Popen.returncode; None: it goes on. It is not waited for: until then its group's number is its.

    So nobody else is hit when the group is killed.
    """
    found = os.waitid(os.P_PID, running.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    if found is None:
        return None
    return found.si_status if found.si_code == os.CLD_EXITED else -found.si_status


def _kill_group(running: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(running.pid, signal.SIGKILL)


def _in_words(status: int) -> str:
    if status >= 0:
        return f"ended (status {status})"
    with suppress(ValueError):
        return f"was ended by {signal.Signals(-status).name}"
    return f"was ended by signal {-status}"
