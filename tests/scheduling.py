"""Which tests one process runs one after the other, and which files are begun first.

Calls take as long as people talk, and next to nothing of the processor. In one process they leave the others to what
works: side by side, all processes would be listening for the first minutes, each to a telephone exchange of its own.
"""

from collections.abc import Collection

from xdist.scheduler import LoadFileScheduling

CALLS = "tests/calls"
"""A folder whose tests share one product, which takes as long to set up as several calls."""
LONG = (
    "tests/admin_web/structure/test_every_route.py",
    "tests/admin_web/test_guessing.py",
    "tests/admin_web/test_staying.py",
    "tests/backup/test_restoring.py",
    "tests/backup/test_under_load.py",
    "tests/cli/test_key_command.py",
    "tests/cli/test_sms_commands.py",
    "tests/db/test_few_connections.py",
    "tests/db/test_pgbouncer.py",
    "tests/mail/test_sending.py",
    "tests/school/billing/test_year.py",
    "tests/school/roster/test_repeating.py",
    "tests/smpp/gateway/test_sending.py",
)
"""Files that take a minute or more on two cores, beside those whose tests are marked so."""
MARKS = ("calls", "browser")
"""Marks of tests that take long."""


def turn(file: str, marks: Collection[str]) -> int:
    """What files are sorted by, whose tests have these marks.

    First calls, then what is long, then what is slow: the quick ones fill the end, where no process is left alone.
    """
    if _is_of_calls(file):
        return 0
    if file in LONG or any(mark in marks for mark in MARKS):
        return 1
    return 2 if "slow" in marks else 3


class CallsTogether(LoadFileScheduling):
    """`--dist loadfile`, but that the files of calls are as one. The tests' names stay."""

    def _split_scope(self, nodeid: str) -> str:
        return chain(file_of(nodeid))


def chain(file: str) -> str:
    """What a file is run in one process with: nothing but itself, or all calls."""
    return CALLS if _is_of_calls(file) else file


def file_of(nodeid: str) -> str:
    """Where a test is."""
    return nodeid.split("::", 1)[0]


def _is_of_calls(file: str) -> bool:
    return file.startswith(f"{CALLS}/")
