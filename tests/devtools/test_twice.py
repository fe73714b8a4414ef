"""What CI makes of tests that fail, pass only the second time, or take pytest with them."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from devtools.twice import TOLERATED

ROOT = Path(__file__).parents[2]
ALONE = ("--numprocesses", "0")
SIDE_BY_SIDE = ("--numprocesses", "2", "--dist", "loadfile")

PASSES = "def test_passes(): pass\n"
FAILS = "def test_fails(): assert False\n"
CANNOT_BE_IMPORTED = "import nothing_of_this_name\n"
ENDS_ITS_PROCESS = "import os\ndef test_ends_its_process(): os._exit(0)\n"
ONLY_THE_SECOND_TIME = """
import pathlib, pytest
@pytest.mark.parametrize("number", range({tests}))
def test_is_flaky(number):
    seen = pathlib.Path(f"seen-{{number}}")
    if not seen.exists():
        seen.touch()
        assert False
"""


def run(folder: Path, *suite: str, arguments: tuple[str, ...] = ALONE) -> tuple[int, str]:
    """Exit status and output for a suite of these files."""
    (folder / "pytest.ini").touch()
    for number, text in enumerate(suite):
        (folder / f"test_{number}.py").write_text(text, "utf-8")
    environment = os.environ | {
        "PYTHONPATH": str(ROOT),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_PLUGINS": "xdist.plugin",
    }
    environment.pop("PYTEST_ADDOPTS", None)
    command = [sys.executable, "-m", "devtools.twice", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout


def test_a_fault_fails_twice_and_the_second_time_only_what_failed_is_run(tmp_path: Path) -> None:
    status, told = run(tmp_path, PASSES, FAILS, arguments=SIDE_BY_SIDE)
    assert status == 1
    second = told.split("test session starts")[2]
    assert "= 1 failed in " in second
    assert second.endswith("1 test failed twice:\n  test_1.py::test_fails\n")
    assert "flaky" not in told


@pytest.mark.parametrize(("tests", "status"), [(TOLERATED, 0), (TOLERATED + 1, 1)])
def test_what_passes_only_the_second_time_is_named_and_many_of_them_fail(
    tmp_path: Path, tests: int, status: int
) -> None:
    found, told = run(tmp_path, PASSES, ONLY_THE_SECOND_TIME.format(tests=tests))
    assert found == status
    assert "flaky: " in told
    named = told.partition("flaky: ")[2]
    assert re.findall(r"test_1.py::test_is_flaky\[(\d)\]", named) == [str(number) for number in range(tests)]


def test_a_fault_is_told_beside_what_is_flaky(tmp_path: Path) -> None:
    status, told = run(tmp_path, FAILS, ONLY_THE_SECOND_TIME.format(tests=1))
    assert status == 1
    assert "flaky: 1 test passed only the second time:\n  test_1.py::test_is_flaky[0]\n" in told
    assert told.endswith("1 test failed twice:\n  test_0.py::test_fails\n")


@pytest.mark.parametrize("suite", [CANNOT_BE_IMPORTED, ENDS_ITS_PROCESS])
@pytest.mark.parametrize("arguments", [ALONE, SIDE_BY_SIDE])
def test_a_file_that_cannot_be_imported_or_ends_its_process_fails(
    tmp_path: Path, suite: str, arguments: tuple[str, ...]
) -> None:
    status, _ = run(tmp_path, PASSES, suite, arguments=arguments)
    assert status != 0


def test_no_tests_at_all_fail(tmp_path: Path) -> None:
    assert run(tmp_path, PASSES, arguments=("-k", "nothing"))[0] != 0


def test_what_an_earlier_run_left_is_not_taken_for_this_ones(tmp_path: Path) -> None:
    left = tmp_path / ".pytest_cache" / "v" / "cache"
    left.mkdir(parents=True)
    (left / "lastfailed").write_text('{"test_0.py::test_passes": true}', "utf-8")
    status, told = run(tmp_path, PASSES)
    assert status == 0
    assert told.count("test session starts") == 1
