"""`make fuzz`: random input for the parts of the product, each for the same share of the time."""

import argparse
import random
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path

from hypothesis.errors import HypothesisWarning

from bench.page import table
from tests.fuzz import seeds
from tests.fuzz.search import Search
from tests.fuzz.target import Target

PARTS = {"pdus": "pdus", "texts": "mo_texts", "agi": "agi_lines", "sip": "sip", "http": "web"}
"""The parts and their modules."""
PROPERTIES = "properties"
"""The part that needs no target: the tests that hypothesis drives, with other examples (`tests.fuzz.properties`)."""
Opener = Callable[[Path], AbstractContextManager[Target]]


def opener(part: str) -> Opener:
    """What brings a part's target up in a folder."""
    found: Opener = import_module(f"tests.fuzz.{PARTS[part]}").opened
    return found


def say(text: str) -> None:
    """Progress."""
    print(text, flush=True)


def properties(seconds: float) -> tuple[str, ...]:
    """The property tests, in a process of pytest's; a row of the table."""
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-m", "tests.fuzz.properties", "--seconds", str(seconds)], check=False)
    return PROPERTIES, "", str(int(done.returncode != 0)), f"{time.monotonic() - began:.0f} s"


def search(part: str, seconds: float, number: int, folder: Path) -> Search:
    """Bring the target up, try what is kept of it and then new cases for so long."""
    say(f"{part}: starting")
    with opener(part)(folder) as target:
        found = Search(part, target, seeds.SEEDS, say)
        found.replay(seeds.kept(seeds.SEEDS, part))
        found.run(seconds, number)
    return found


def main(arguments: list[str] | None = None) -> int:
    """Run. Exit status 1 when something was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=300, help="for all parts together")
    parser.add_argument("--parts", default=",".join(PARTS), help=f"of {','.join((*PARTS, PROPERTIES))}")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32), help="what chance begins with")
    told = parser.parse_args(arguments)
    parts = [one for one in told.parts.split(",") if one]
    if unknown := set(parts) - {*PARTS, PROPERTIES}:
        parser.error(f"there is no part {', '.join(sorted(unknown))}: choose from {','.join((*PARTS, PROPERTIES))}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is stopped
    warnings.simplefilter("ignore", HypothesisWarning)  # strategies over all pages are long to print
    say(f"--seed {told.seed}")
    rows: list[tuple[str, ...]] = []
    faults = 0
    with tempfile.TemporaryDirectory(prefix="eschool-fuzz-") as folder:
        for part in parts:
            if part == PROPERTIES:
                rows.append(properties(told.seconds / len(parts)))
                faults += int(rows[-1][2])
                continue
            began = time.monotonic()
            found = search(part, told.seconds / len(parts), told.seed, Path(folder))
            rows.append((part, f"{found.cases:,}", str(len(found.found)), f"{time.monotonic() - began:.0f} s"))
            faults += len(found.found)
    say("\n" + "\n".join(table(("part", "cases", "faults", "time"), rows)))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
