"""Runs pytest, and failed tests once more, alone: `python -m devtools.twice` takes the arguments of pytest.

Real calls, browsers and killed processes share a few cores, so a test may fail because the machine was busy. A fault
fails again. What passes only the second time is named at the end, to be mended, and more than `TOLERATED` of them fail
the run. Whatever else goes wrong (a file that cannot be imported, a test that ends its process) is tried once only.
"""

import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

TOLERATED = 3
"""Tests that may pass only the second time."""
PASSED, FAILED = 0, 1
"""pytest's exit statuses for a run that came to its end."""
ALONE = ("--last-failed", "--last-failed-no-failures", "none", "--numprocesses", "0", "--dist", "no")


def run(arguments: Sequence[str]) -> int:
    """Run the tests, and give the exit status: 0 when all have passed and few of them only the second time."""
    with tempfile.TemporaryDirectory(prefix="eschool-tests-") as cache:  # of its own: no earlier run's failures
        failed_first, status = _pytest(arguments, Path(cache))
        if status != FAILED or not failed_first:
            return status
        print(f"\n{_tests(failed_first)} failed and will be tried once more, one after the other.", flush=True)
        failed_again, status = _pytest([*arguments, *ALONE], Path(cache))
    flaky = sorted(failed_first - failed_again)
    if flaky:
        print(f"\nflaky: {_tests(flaky)} passed only the second time:", *flaky, sep="\n  ")
    if failed_again or status != PASSED:
        print(f"\n{_tests(failed_again)} failed twice:", *sorted(failed_again), sep="\n  ")
        return status or FAILED
    if len(flaky) > TOLERATED:
        print(f"\nMore than {TOLERATED} tests passed only the second time: mend them.")
        return FAILED
    return PASSED


def _pytest(arguments: Sequence[str], cache: Path) -> tuple[set[str], int]:
    """Run the tests; the names of those that failed, and the exit status. A worker that dies ends the run."""
    command = [sys.executable, "-m", "pytest", *arguments, "--max-worker-restart", "0", "-o", f"cache_dir={cache}"]
    status = subprocess.run(command).returncode
    noted = cache / "v" / "cache"
    if not (noted / "nodeids").exists():  # pytest writes it last: a test ended the process before that
        return set(), status or FAILED
    failed = noted / "lastfailed"
    return set(json.loads(failed.read_text("utf-8"))) if failed.exists() else set(), status


def _tests(names: Sequence[str] | set[str]) -> str:
    return "1 test" if len(names) == 1 else f"{len(names)} tests"


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
