"""A sheet of grades, students by columns -> what each student was given."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from errors import InputError
from school.roster import marks, names
from school.roster.answers import Answers, at
from school.roster.cells import text_of
from school.roster.marks import Given
from school.roster.rows import Place
from school.roster.sheets import Sheet
from school.roster.tables import Problem, Value, is_blank, letter_of


@dataclass(frozen=True, slots=True)
class GradeRow:
    """A student's row: how the sheet names the student, and the grades of each column."""

    place: Place
    number: str
    name: str
    national_id: str
    given: tuple[tuple[int, tuple[Given, ...]], ...]


def read_grade_sheet(
    sheet: Sheet, fields: Mapping[int, str], order: names.Order, answers: Answers
) -> tuple[tuple[GradeRow, ...], tuple[Problem, ...]]:
    """The rows with grades in them, and what cannot be read."""
    places = {field: index for index, field in fields.items() if field and field != "grade"}
    graded = [index for index, field in fields.items() if field == "grade"]
    columns = {field: (letter_of(index), sheet.headings[index]) for field, index in places.items()}
    columns |= {f"grade{index}": (letter_of(index), sheet.headings[index]) for index in graded}
    columns["student"] = columns.get("name") or columns.get("last") or columns.get("first") or ("", "")
    rows: list[GradeRow] = []
    problems: list[Problem] = []
    for row in sheet.body:
        name = sheet.table.name
        if at(name, row.number) in answers.left_out:
            continue
        values: dict[str, Value] = {
            field: row.cells[index] for field, index in places.items() if index < len(row.cells)
        }
        values |= {f"grade{index}": row.cells[index] for index in graded if index < len(row.cells)}
        values = answers.corrected(name, row.number, values)
        place = Place(name, row.number, columns)
        who = _name(values, order)
        if not who or not any(not is_blank(values.get(f"grade{index}")) for index in graded):
            continue
        given = tuple((index, _given(place, index, values.get(f"grade{index}"), problems)) for index in graded)
        meant = answers.values.get("student", {}).get(who, who)
        national_id = "".join(text_of(values.get("national_id")).split())
        rows.append(GradeRow(place, text_of(values.get("number")).strip(".№ "), str(meant), national_id, given))
    return tuple(rows), tuple(problems)


def _name(values: Mapping[str, Value], order: names.Order) -> str:
    if not is_blank(values.get("name")):
        text = text_of(values["name"])
        parts = names.split(text, order)
        return " ".join(filter(None, (parts.first, parts.middle, parts.last))) if parts else text
    return " ".join(filter(None, (text_of(values.get(part)) for part in ("first", "middle", "last"))))


def _given(place: Place, index: int, value: Value, problems: list[Problem]) -> tuple[Given, ...]:
    if is_blank(value):
        return ()
    try:
        return marks.marks(value)
    except InputError as error:
        told: dict[str, Any] = error.values
        problems.append(place.problem(f"grade{index}", error.sentence, raw=text_of(value), **told))
        return ()
