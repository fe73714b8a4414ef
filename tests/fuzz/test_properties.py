"""`make fuzz` finds what does not hold and says how to keep it."""

import subprocess
import sys
from pathlib import Path

from tests.fuzz.properties import as_example

PROPERTIES = """
import pytest
from hypothesis import given, strategies as st

@given(st.integers())
def test_holds(number):
    assert number + 0 == number

@pytest.fixture(scope="module")
def room():
    return object()

@given(words=st.lists(st.sampled_from(["a", "b"])), number=st.integers(0, 100))
def test_does_not_hold(room, words, number):
    assert number < 7 or len(words) < 2

def test_is_no_property():
    raise AssertionError("not run")
"""


def fuzz(file: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.fuzz.properties", "--seconds", "0.1", "-p", "tests.conftest", str(file)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])


def test_what_does_not_hold_is_told_as_an_example_to_paste(tmp_path: Path) -> None:
    file = tmp_path / "test_properties.py"
    file.write_text(PROPERTIES, "utf-8")
    done = fuzz(file)
    assert done.returncode == 1, done.stderr
    assert "@example(words=['a', 'a'], number=7)" in done.stdout.replace("\n", " "), done.stdout
    assert "@reproduce_failure(" in done.stdout
    assert "not run" not in done.stdout
    assert done.stdout.splitlines()[-1] == "1 rounds, 1 properties fell."


def test_no_property_is_no_success(tmp_path: Path) -> None:
    file = tmp_path / "test_nothing.py"
    file.write_text("def test_nothing():\n    pass\n", "utf-8")
    assert fuzz(file).returncode == 2


def test_members_of_an_enum_are_written_as_code_and_what_is_no_code_is_not_pasted() -> None:
    assert as_example("\n    self=<x>,\n    kind=<Kind.TERM: 'term'>,  # or any other\n", {"self"}) == (
        "@example(kind=Kind.TERM)"
    )
    assert as_example("\n    data=data(...),\n    what=<object at 0x7f>,\n", set()) == ""
