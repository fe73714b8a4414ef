"""Searches for counterexamples to the property tests, for a given time.

`python -m tests.fuzz.properties --seconds 300 [pytest's arguments: files, -k ...]` runs all property tests
round after round, with other examples every time. What was found is printed as an `@example(...)` to put above the
test. Exit status: 1 when something was found, 2 when no property can be run.
"""

import argparse
import ast
import os
import random
import re
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import TextIO

import pytest

FALSIFYING = re.compile(r"^(?:Failing|Falsifying) [^\n]*: \w+\($(.*?)^\)$", re.MULTILINE | re.DOTALL)
ENUM = re.compile(r"<(\w+\.\w+): [^<>\n]*>")
REPRODUCING = re.compile(r"@reproduce_failure\(.*\)")

ARGUMENTS = (
    *("-o", "addopts=", "-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:xdist"),
    *("--hypothesis-profile=fuzz", "--timeout=0"),
)


class Fuzzer:
    """A pytest plugin: keeps the property tests, runs them until the time is over, and prints what they find."""

    def __init__(self, seconds: float, out: TextIO) -> None:
        self._seconds = seconds
        self._ends = 0.0
        self._out = out
        self.found: list[str] = []
        self.rounds = 0

    @pytest.hookimpl(trylast=True)  # hypothesis's plugin marks its tests first
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out tests with examples of their own only."""
        properties = [item for item in items if item.get_closest_marker("hypothesis")]
        config.hook.pytest_deselected(items=[item for item in items if item not in properties])
        items[:] = properties

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """A file that cannot be read."""
        if report.failed:
            self._say(report.longreprtext)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Whole rounds, except the last; a test that fell is not tried again.

        Files come in another order every round: a time too short for all of them reaches others when it runs again.
        """
        left = session.items
        self._ends = time.monotonic() + self._seconds
        while left and not self._is_over():
            self.rounds += 1
            started, ran = time.monotonic(), 0
            left = _files_shuffled(left)
            for item, following in zip(left, [*left[1:], None], strict=True):
                last = self._is_over()
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=None if last else following)
                ran += 1
                if last:
                    break
            took = time.monotonic() - started
            self._say(f"round {self.rounds}: {ran} of {len(left)} properties in {took:.0f} s, {len(self.found)} found")
            left = [item for item in left if item.nodeid not in self.found]
        return True

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Print a failure at once: whoever watches need not wait for the end."""
        report = yield
        if call.excinfo is not None and report.failed and item.nodeid not in self.found:
            self.found.append(item.nodeid)
            self._say(f"\nFound by {item.nodeid}:\n{_told(item, call.excinfo.value)}\n")
        return report

    def _is_over(self) -> bool:
        return time.monotonic() >= self._ends

    def _say(self, text: str) -> None:
        print(text, file=self._out, flush=True)


def _files_shuffled(items: list[pytest.Item]) -> list[pytest.Item]:
    files: dict[Path, list[pytest.Item]] = {}
    for item in items:
        files.setdefault(item.path, []).append(item)
    order = list(files.values())
    random.shuffle(order)
    return [item for file in order for item in file]


def _told(item: pytest.Item, error: BaseException) -> str:
    """Every failure below an error: what is wrong, and the example to paste."""
    if isinstance(error, BaseExceptionGroup):
        return "\n".join(_told(item, one) for one in error.exceptions)
    notes = "\n".join(getattr(error, "__notes__", ()))
    lines = [f"{type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"]
    lines += [pasted for body in FALSIFYING.findall(notes) if (pasted := as_example(body, _fixtures(item)))]
    lines += [f"or {found}" for found in REPRODUCING.findall(notes)]
    if len(lines) == 1:
        lines.append(notes or "No example was told: run the test alone.")
    return "\n".join(lines)


def _fixtures(item: pytest.Item) -> set[str]:
    return {"self", *(item.funcargs if isinstance(item, pytest.Function) else ())}


def as_example(arguments: str, fixtures: set[str]) -> str:
    """What hypothesis tells of a call's arguments, one or more lines each, without those that pytest gives.

    Empty when a value cannot be written down, such as what a test drew on its way.
    """
    wanted: list[str] = []
    for part in re.split(r"^    (?=\w+=)", arguments, flags=re.MULTILINE)[1:]:
        name, value = part.split("=", 1)
        if name in fixtures:
            continue
        value = re.sub(r",\s*(#[^\n]*)?\s*$", "", value).strip()
        value = ENUM.sub(r"\1", value)
        try:
            ast.parse(value, mode="eval")
        except SyntaxError:
            return ""
        wanted.append(f"{name}={value}")
    return f"@example({', '.join(wanted)})" if wanted else ""


def main(arguments: list[str] | None = None) -> int:
    """Run; everything that is not ours is pytest's."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.properties", description=__doc__)
    parser.add_argument("--seconds", type=float, default=300, help="how long to search")
    own, rest = parser.parse_known_args(arguments)
    with os.fdopen(os.dup(sys.stdout.fileno()), "w") as out:  # pytest captures the other one
        fuzzer = Fuzzer(own.seconds, out)
        status = pytest.main([*ARGUMENTS, *rest], plugins=[fuzzer])
        if not fuzzer.rounds:
            print("No property was run: name files with tests that hypothesis drives.", file=out)
            return 2
        print(f"{fuzzer.rounds} rounds, {len(fuzzer.found)} properties fell.", file=out)
    return 1 if fuzzer.found or status else 0


if __name__ == "__main__":
    sys.exit(main())
