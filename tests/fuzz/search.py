"""Draws cases for a target until the time is up; what falls is made as small as can be and kept."""

import json
import random
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import Flaky

from tests.fuzz import seeds
from tests.fuzz.target import Case, Fault, Target

ROUND = 200
"""Cases of one run of hypothesis."""
SHRINK_SECONDS = 20.0
SAY_SECONDS = 10.0


class _FellError(AssertionError):
    """A case with a fault that is not known yet."""


@dataclass
class Search:
    """One part's search. `found`: the fault and the file of its case, by the fault's sign."""

    part: str
    target: Target
    folder: Path
    say: Callable[[str], None]
    cases: int = 0
    found: dict[str, tuple[Fault, Path]] = field(default_factory=dict)

    def replay(self, cases: Iterable[tuple[Path, Case]]) -> None:
        """Try cases that are kept."""
        for path, case in cases:
            self.cases += 1
            for fault in self.target.attempt(case):
                self._note(fault, path)

    def run(self, seconds: float, number: int) -> None:
        """Search for so long; `number` is what chance begins with."""
        began, chance = time.monotonic(), random.Random(number)
        self._ends, self._told_at = began + seconds, began
        while time.monotonic() < self._ends:
            self._round(chance.getrandbits(64))
        for fault in self.target.final():
            self._note(fault, None)

    def _round(self, number: int) -> None:
        smallest: dict[str, tuple[int, Case, Fault]] = {}
        shrink_until = 0.0

        def attempt(case: Case) -> None:
            nonlocal shrink_until
            if time.monotonic() > (shrink_until or self._ends):
                return
            self.cases += 1
            self._tell()
            faults = [one for one in self.target.attempt(case) if one.sign not in self.found]
            for fault in faults:
                size = len(json.dumps(case))
                if fault.sign not in smallest or size < smallest[fault.sign][0]:
                    smallest[fault.sign] = size, case, fault
            if faults:
                if not shrink_until:
                    self.say(f"{self.part}: {faults[0].sign}; making the case smaller")
                shrink_until = shrink_until or time.monotonic() + SHRINK_SECONDS
                raise _FellError(faults[0].sign)

        searching = settings(
            max_examples=ROUND,
            database=None,
            deadline=None,
            phases=(Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
            verbosity=Verbosity.quiet,
        )
        try:
            seed(number)(searching(given(self.target.strategy())(attempt)))()
        except (_FellError, Flaky, ExceptionGroup):
            for _, case, fault in smallest.values():
                self._note(fault, seeds.keep(self.folder, self.part, case, fault))

    def _note(self, fault: Fault, path: Path | None) -> None:
        if fault.sign not in self.found:
            self.found[fault.sign] = fault, path or Path()
            self.say(f"\n{self.part}: {fault.told}\n  kept: {path or 'no case, it showed afterwards'}\n")

    def _tell(self) -> None:
        now = time.monotonic()
        if now - self._told_at > SAY_SECONDS:
            self._told_at = now
            self.say(f"{self.part:10} {self._ends - now:4.0f} s left {self.cases:8,} cases {len(self.found)} faults")
