"""`make fuzz`: random input for the parts of the product, each for the same share of the time."""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from importlib import import_module
from pathlib import Path

from bench.page import table
from devtools.fuzz import seeds
from devtools.fuzz.search import Search
from devtools.fuzz.target import Target

PARTS = {"pdus": "pdus", "texts": "texts", "agi": "agi_lines", "sip": "sip", "http": "web"}
"""The parts and their modules."""
Opener = Callable[[Path], AbstractContextManager[Target]]


def opener(part: str) -> Opener:
    """What brings a part's target up in a folder."""
    found: Opener = import_module(f"devtools.fuzz.{PARTS[part]}").opened
    return found


def say(text: str) -> None:
    """Progress."""
    print(text, flush=True)


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
    parser = argparse.ArgumentParser(prog="python -m devtools.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=300, help="for all parts together")
    parser.add_argument("--parts", default=",".join(PARTS), help=f"of {','.join(PARTS)}")
    parser.add_argument("--seed", type=int, default=random.randrange(2**32), help="what chance begins with")
    told = parser.parse_args(arguments)
    parts = [one for one in told.parts.split(",") if one]
    if unknown := set(parts) - PARTS.keys():
        parser.error(f"there is no part {', '.join(sorted(unknown))}: choose from {','.join(PARTS)}")
    say(f"--seed {told.seed}")
    rows, faults = [], 0
    with tempfile.TemporaryDirectory(prefix="eschool-fuzz-") as folder:
        for part in parts:
            began = time.monotonic()
            found = search(part, told.seconds / len(parts), told.seed, Path(folder))
            rows.append((part, f"{found.cases:,}", str(len(found.found)), f"{time.monotonic() - began:.0f} s"))
            faults += len(found.found)
    say("\n" + "\n".join(table(("part", "cases", "faults", "time"), rows)))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
