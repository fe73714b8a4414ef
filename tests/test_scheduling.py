"""That one process makes the calls while the others work, and that what is said to be long is there."""

from pathlib import Path

from tests.scheduling import CALLS, LONG, chain, file_of, turn

ROOT = Path(__file__).parents[1]


def test_all_files_of_calls_are_one_chain_and_others_are_dealt_out_one_by_one() -> None:
    files = [path.relative_to(ROOT).as_posix() for path in ROOT.glob("tests/**/test_*.py")]
    of_calls = {file for file in files if Path(file).parent.as_posix() == CALLS}
    assert of_calls
    assert {chain(file) for file in of_calls} == {CALLS}
    assert all(chain(file) == file for file in files if file not in of_calls)


def test_calls_are_begun_first_and_then_what_is_long_and_what_is_slow() -> None:
    assert all((ROOT / file).is_file() for file in LONG)
    quick = "tests/test_scheduling.py"
    asked = [(f"{CALLS}/test_calls.py", {"calls"}), (LONG[0], set()), (quick, {"browser"}), (quick, {"slow"})]
    assert [turn(file, marks) for file, marks in asked] == [0, 1, 1, 2]
    assert turn(quick, {"postgresql", "parametrize"}) == 3


def test_the_file_of_a_test_is_known_whatever_its_parameters() -> None:
    assert file_of(f"{CALLS}/test_calls.py::TestWords::test_one[a::b]") == f"{CALLS}/test_calls.py"
