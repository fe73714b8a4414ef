"""A process of the product under fire: alive, its log without mistakes and people's numbers, its memory bounded."""

import json
import re
import subprocess
from collections import Counter
from collections.abc import Collection
from pathlib import Path

from bench.measures import memory_mb
from tests.fuzz.target import Fault

MORE_MB = 150.0
"""By which its memory may grow from what it was at its start."""
_NUMBER = re.compile(r"(?<![0-9a-f.-])(?:\+?359|0)?(8[789][0-9]{7})(?![0-9a-f])")


class Watch:
    """Reads what a process writes into its log since the last look. Lines of JSON are expected where `is_json`.

    `public`: the one telephone number that may stand in it.
    """

    def __init__(self, process: subprocess.Popen[bytes], log: Path, *, is_json: bool = True, public: str = "") -> None:
        self._process = process
        self._log = log
        self._is_json = is_json
        self._public = public
        self._read = log.stat().st_size if log.exists() else 0
        self._at_start: float | None = None
        self.events: Counter[str] = Counter()
        """How often each event was logged."""

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def settled(self) -> None:
        """From now on its memory may only grow by MORE_MB."""
        self._at_start = memory_mb(self._process.pid)

    def faults(self, expected: Collection[str] = ()) -> list[Fault]:
        """What is wrong since the last look; `expected`: events that are logged as errors and are none of ours."""
        if not self.is_alive:
            return [*self._log_faults(expected), Fault("died", f"it ended with {self._process.returncode}")]
        found = self._log_faults(expected)
        if self._at_start is not None and (now := memory_mb(self._process.pid)) > self._at_start + MORE_MB:
            found.append(Fault("memory", f"{self._at_start:.0f} MB became {now:.0f} MB"))
        return found

    def last_line(self) -> str:
        """Of the log."""
        return (self._log.read_text("utf-8", "replace").splitlines() or [""])[-1][:300]

    def _log_faults(self, expected: Collection[str]) -> list[Fault]:
        with self._log.open("rb") as file:
            file.seek(self._read)
            new = file.read()
        new = new[: new.rfind(b"\n") + 1]
        self._read += len(new)
        found = []
        for line in new.decode("utf-8", "replace").splitlines():
            if fault := self._line_fault(line, expected):
                found.append(fault)
            if any(not self._public.endswith(number) for number in _NUMBER.findall(line)):
                found.append(Fault("a number in the log", line[:500]))
        return found

    def _line_fault(self, line: str, expected: Collection[str]) -> Fault | None:
        try:
            event = json.loads(line)
        except ValueError:
            event = None
        if not isinstance(event, dict):
            is_wrong = self._is_json or "Traceback" in line
            return Fault(f"log: {re.sub('[0-9]+', 'N', line)[:80]}", line[:500]) if is_wrong and line.strip() else None
        self.events[str(event.get("event"))] += 1
        if event.get("level") in ("error", "critical") and event.get("event") not in expected:
            return Fault(f"{event.get('event')}: {event.get('error', '')}", line[:500])
        return None
