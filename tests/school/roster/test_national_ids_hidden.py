"""An ЕГН in a column of something else: no page shows it whole, neither in a question nor in a field to correct."""

from datetime import date

import pytest

from school import roster
from school.roster import Answers, looking, opening
from school.students import national_ids
from tests.school.roster.files import as_csv, egn
from tests.school.roster.lists import mobile, whole

TODAY = date(2025, 9, 10)
HEAD = ["Клас", "Ученик", "ЕГН", "Родител", "Връзка", "Телефон"]
ROW = ["8а", whole(1), egn(1), "Силвия Иванова", "майка", mobile(1)]


@pytest.mark.parametrize("column", [0, 3, 4, 5])
@pytest.mark.parametrize("cell", [egn(7), f"{egn(7)[:6]} {egn(7)[6:]}", f"8а {egn(7)}"])
def test_a_cell_that_is_wrong_does_not_show_it(column: int, cell: str) -> None:
    rows = [["8а", whole(n), egn(n), "Силвия Иванова", "майка", mobile(n)] for n in range(10, 20)]
    rows.append([*ROW[:column], cell, *ROW[column + 1 :]])
    found = roster.read(as_csv(rows, head=HEAD), "списък.csv", TODAY)
    assert {one.row for one in found.problems} == {12}
    shown = "".join(f"{one.text} {one.raw} {one.guess}" for one in found.problems)
    assert egn(7)[6:] not in shown


def test_an_example_of_a_column_does_not_show_it() -> None:
    rows = [
        [f"{level}а", whole(level), egn(level), "Силвия Иванова", "майка", egn(7) if level == 1 else f"бележка {level}"]
        for level in range(1, 12)
    ]
    data = as_csv(rows, head=[*HEAD[:5], "Друго"])
    (shape,) = looking.shapes(opening.open_file(data, "списък.csv").tables, TODAY, Answers())
    assert shape.guess.columns[5].examples == (f"{egn(7)[:2]}******{egn(7)[-2:]}", "бележка 2", "бележка 3")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("0541010018", "0541010018"),
        ("ЕГН 8001010008.", "ЕГН 80******08."),
        ("800101 0008", "80******08"),
        ("1001001001", "10******01"),
        ("0888123456", "0888123456"),
        ("+359888123456", "+359888123456"),
        ("888123456", "888123456"),
        ("12.03.2012, стая 204", "12.03.2012, стая 204"),
    ],
)
def test_what_is_hidden(text: str, shown: str) -> None:
    assert national_ids.hidden(text) == shown


@pytest.mark.parametrize("number", [0, 7, 1399, 20_000])
def test_also_without_the_zeros_that_a_spreadsheet_swallows(number: int) -> None:
    assert national_ids.hidden(egn(number).lstrip("0")) == f"{egn(number)[:2]}******{egn(number)[-2:]}"
