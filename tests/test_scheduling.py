"""That calls are made by one process while the others work, and that what is said to be long is there."""

from pathlib import Path

from tests.scheduling import CALLS, LONG, chain, turn

ROOT = Path(__file__).parents[1]


def test_all_files_of_calls_are_one_chain_and_others_are_dealt_out_one_by_one() -> None:
    files = [path.relative_to(ROOT).as_posix() for path in ROOT.glob("tests/**/test_*.py")]
    chains = {file: chain(f"{file}::TestWords::test_a_word[a::b]") for file in files}
    assert {one for file, one in chains.items() if Path(file).parent.as_posix() == CALLS} == {CALLS}
    assert all(one == file for file, one in chains.items() if Path(file).parent.as_posix() != CALLS)


def test_calls_are_begun_first_and_then_what_is_long() -> None:
    assert all((ROOT / file).is_file() for file in LONG)
    calls, browser, quick = f"{CALLS}/test_calls.py::test", "tests/x/test_a.py::test", "tests/x/test_b.py::test"
    asked = {calls: True, f"{LONG[0]}::test": False, browser: True, quick: False}
    assert [turn(nodeid, is_long=is_long) for nodeid, is_long in asked.items()] == [0, 1, 1, 2]
