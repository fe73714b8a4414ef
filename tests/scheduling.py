"""Which tests one process runs one after the other, and which files are begun first.

Calls take as long as people talk, and next to nothing of the processor. In one process they leave the others to what
works: side by side, all processes would be listening for the first minutes, each to a telephone exchange of its own.
"""

from xdist.scheduler import LoadFileScheduling

CALLS = "tests/calls"
"""A folder whose tests share one product, which takes as long to set up as several calls."""
LONG = (
    "tests/admin_web/exports/test_exports.py",
    "tests/admin_web/structure/test_every_route.py",
    "tests/admin_web/test_guessing.py",
    "tests/admin_web/test_staying.py",
    "tests/backup/test_restoring.py",
    "tests/backup/test_under_load.py",
    "tests/cli/test_key_command.py",
    "tests/cli/test_sms_commands.py",
    "tests/db/test_few_connections.py",
    "tests/db/test_pgbouncer.py",
    "tests/prompts/test_rendering.py",
)
"""Files that take a minute or more, beside those whose tests are marked as long."""


def turn(nodeid: str, *, is_long: bool) -> int:
    """What tests are sorted by: first calls, then what is long, so that no process is left alone with it at the end."""
    file = _file(nodeid)
    return 0 if _is_of_calls(file) else 1 if is_long or file in LONG else 2


class CallsTogether(LoadFileScheduling):
    """`--dist loadfile`, but that the files of calls are as one. The tests' names stay."""

    def _split_scope(self, nodeid: str) -> str:
        return chain(nodeid)


def chain(nodeid: str) -> str:
    """What a test is run in one process with: its file, or all calls."""
    file = _file(nodeid)
    return CALLS if _is_of_calls(file) else file


def _file(nodeid: str) -> str:
    return nodeid.split("::", 1)[0]


def _is_of_calls(file: str) -> bool:
    return file.startswith(f"{CALLS}/")
