"""Runs `eschool` as if it were another time: `python -m devtools.elsewhen 2026-11-24T16:00:00+00:00 web serve`.

A test of a school day has to work in July too.
"""

import sys
from datetime import datetime

import time_machine

import eschool


def main() -> None:
    """Set the clock of this process and of those it forks, then run the command."""
    moment = datetime.fromisoformat(sys.argv.pop(1))
    with time_machine.travel(moment):
        eschool.main()


if __name__ == "__main__":
    main()
