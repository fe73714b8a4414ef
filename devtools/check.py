"""Checks of one room within seconds (`make check ROOM=school/outbox`), or after each change (`make watch ROOM=...`).

Style, types and arrows are those of the whole tree, for what one room changes others may feel. Tests are the room's
own, on SQLite, and none that needs telephones or a browser or takes seconds. `make test` runs them all.
"""

import argparse
import difflib
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import monotonic

from watchfiles import DefaultFilter, watch

from errors import InputError

ROOT = Path(__file__).parents[1]
TESTS = Path("tests")
PROGRAMS = Path(sys.executable).parent
CHECKS = (("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",), ("lint-imports",))
"""What looks at the code without running it."""
QUICK = "not (postgresql or calls or browser or slow)"
"""The tests that one waits for; the marks are explained in pyproject.toml."""
FEW_FILES = 7
"""Starting processes side by side takes longer than these files' quick tests."""
NO_TESTS = 5
"""pytest's exit status when it has nothing to run."""
WRITTEN_BY_CHECKS = ("build", "screenshots", "var", ".cache", ".ruff_cache", ".import_linter_cache")


def mirror_of(room: str) -> Path:
    """The tests of a room: the folder or file that mirrors it, or else that of the nearest folder above it.

    `room` is a folder or file from the root of the tree, such as `school/outbox` or `school/identifiers.py`. Raises
    InputError.
    """
    place = Path(room).with_suffix("")
    if place.is_relative_to(TESTS):
        place = place.relative_to(TESTS)
        if (ROOT / TESTS / place).with_suffix(".py").is_file():
            return (TESTS / place).with_suffix(".py")
    if place.is_absolute() or ".." in place.parts or not any(_there(one) for one in (place, TESTS / place)):
        near = difflib.get_close_matches(str(place), _rooms(), n=1)
        hint = f"did you mean ROOM={near[0]}?" if near else "give one of its folders, such as ROOM=school/outbox."
        raise InputError(f"There is no {room} in the source tree: {hint}")
    for one in (place, *place.parents):
        file = TESTS / one.parent / f"test_{one.name}.py"
        if one.parts and (ROOT / file).is_file():
            return file
        if (ROOT / TESTS / one).is_dir():
            return TESTS / one
    return TESTS


def _there(place: Path) -> bool:
    return (ROOT / place).is_dir() or (ROOT / place).with_suffix(".py").is_file()


def _rooms() -> list[str]:
    """All folders with code, from the root."""
    found = {path.parent.relative_to(ROOT) for path in ROOT.glob("[a-z]*/**/*.py")}
    return sorted(str(path) for path in found if not path.is_relative_to(TESTS))


@contextmanager
def _in_background(commands: Sequence[Sequence[str]]) -> Iterator[list[str]]:
    """Start commands one after the other beside what is done meanwhile; the list holds at its end what was wrong."""
    script = "; ".join(f"{PROGRAMS / command[0]} {' '.join(command[1:])} || failed=1" for command in commands)
    wrong: list[str] = []
    shell = ["sh", "-c", f"failed=0; {script}; exit $failed"]
    with tempfile.TemporaryFile("w+") as output:
        with subprocess.Popen(shell, stdout=output, stderr=output, cwd=ROOT) as process:
            yield wrong
        output.seek(0)
        if process.returncode:
            wrong.append(output.read())


def check(room: str | None) -> int:
    """Check a room, or without one everything that is quick; the exit status, 0 when all is well."""
    began = monotonic()
    tests = mirror_of(room) if room else TESTS
    processes = "auto" if len(list((ROOT / tests).rglob("test_*.py"))) > FEW_FILES else "0"
    command = [sys.executable, "-m", "pytest", "-q", "-n", processes, "--dist", "worksteal", "-m", QUICK, str(tests)]
    with _in_background(CHECKS) as wrong:
        status = subprocess.run(command, cwd=ROOT).returncode
    if status == NO_TESTS:
        print(f"{tests} has no quick tests: `make test PYTEST_ARGS={tests}` runs the others.")
        status = 0
    print(*wrong, sep="\n")
    print(f"{'Something is wrong' if wrong or status else 'All is well'}: {monotonic() - began:.0f} s.", flush=True)
    return status or len(wrong)


def keep_checking(room: str | None) -> None:
    """Check now and whenever a file has changed, until Ctrl-C."""
    ignored = DefaultFilter(ignore_dirs=(*DefaultFilter.ignore_dirs, *WRITTEN_BY_CHECKS))
    first = True
    for changes in watch(ROOT, watch_filter=ignored, raise_interrupt=False, yield_on_timeout=True, rust_timeout=500):
        if changes:
            print("\nChanged:", *sorted({str(Path(path).relative_to(ROOT)) for _, path in changes}), flush=True)
        if changes or first:  # watching begins before the first check: what is changed during a check is seen too
            check(room)
        first = False


def main() -> int:
    """The command line; the exit status is 2 when there is no such room."""
    parser = argparse.ArgumentParser(prog="python -m devtools.check")
    parser.add_argument("room", nargs="?", help="a folder or file of the source tree, such as school/outbox")
    parser.add_argument("--watch", action="store_true", help="check again whenever a file has changed")
    given = parser.parse_args()
    try:
        if given.room:
            mirror_of(given.room)
        if given.watch:
            keep_checking(given.room)
            return 0
        return check(given.room)
    except InputError as error:
        print(error, file=sys.stderr)
        return error.exit_status


if __name__ == "__main__":
    sys.exit(main())
