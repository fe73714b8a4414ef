"""A sheet whose columns are known -> rows of students and staff."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from school.roster import names
from school.roster.answers import Answers, at
from school.roster.cells import text_of
from school.roster.columns import COLUMNS, Kind
from school.roster.row_reading import read_staff, read_student
from school.roster.rows import Notice, Place, Roster, RowReader, join
from school.roster.sheets import Sheet
from school.roster.tables import Problem, Row, Value, is_blank, letter_of

FILLED_DOWN = 0.5
"""A class that stands on fewer of the rows than this is written once for those below it."""
NO_CLASS = "Nothing says of which class these students are: write it on the page of columns, or add a column."
REQUIRED = {Kind.STUDENTS: ("last", "first", "national_id"), Kind.STAFF: ("last", "first", "email")}
MISSING = {
    "first": "No column is chosen for the given name: choose it, or add it to the file.",
    "last": "No column is chosen for the family name: choose it, or add it to the file.",
    "national_id": "No column is chosen for the EGN or LNCh: choose it, or add it to the file.",
    "email": "No column is chosen for the e-mail address: choose it, or add it to the file.",
}


class SheetRows:
    """The rows of one sheet; `fields` is column -> field, `order` that of whole names."""

    def __init__(
        self,
        sheet: Sheet,
        kind: Kind,
        fields: Mapping[int, str],
        order: names.Order,
        answers: Answers,
        class_name: str = "",
    ) -> None:
        """`class_name` is of students whose class the sheet does not tell."""
        self.sheet, self.kind, self.order, self.answers = sheet, kind, order, answers
        self.class_name = class_name
        self.places = {field: index for index, field in fields.items() if field}
        self.columns = {field: (letter_of(index), self._heading(index)) for field, index in self.places.items()}
        self._class = ""
        self._filled_down = 0
        self._fills_down = self._is_sparse()

    def _heading(self, index: int) -> str:
        return self.sheet.headings[index] if index < len(self.sheet.headings) else ""

    def _is_sparse(self) -> bool:
        place = self.places.get("class")
        if place is None or not self.sheet.body:
            return False
        filled = [not is_blank(cell) for cell in self.sheet.column(place)]
        return filled[0] and sum(filled) < FILLED_DOWN * len(filled)

    def missing(self) -> list[Problem]:
        """What the columns lack."""
        row = self.sheet.header_rows[-1] if self.sheet.header_rows else 1
        found = [
            Problem(self.sheet.table.name, row, "", _called(self.kind, field), MISSING[field], (), field)
            for field in REQUIRED[self.kind]
            if field not in self.places and not (field in ("first", "last") and "name" in self.places)
        ]
        if self.kind is Kind.STUDENTS and not self.tells_class():
            found.append(Problem(self.sheet.table.name, row, "", _called(self.kind, "class"), NO_CLASS, (), "class"))
        return found

    def tells_class(self) -> bool:
        """Whether something says of which class the students are."""
        if "class" in self.places or {"level", "letter"} <= self.places.keys():
            return True
        return bool(self.sheet.title_class or self.class_name) or (
            bool(self.sheet.body) and all(row.number in self.sheet.sections for row in self.sheet.body)
        )

    def read(self, today: date) -> Roster:
        """All rows that are not left out."""
        if missing := self.missing():
            return Roster(problems=tuple(missing))
        parts = []
        for row in self.sheet.body:
            if at(self.sheet.table.name, row.number) not in self.answers.left_out:
                values = self._values(row)
                if any(not is_blank(value) for field, value in values.items() if field in self.places):
                    parts.append(self._read(row, values, today))
        found = join(Roster(), parts)
        return join(found, [Roster(notices=tuple(self._notices()))])

    def _read(self, row: Row, values: Mapping[str, Value], today: date) -> Roster:
        columns = dict(self.columns)
        if "name" in columns:
            columns |= {part: columns["name"] for part in ("first", "middle", "last") if part not in self.places}
        columns.setdefault("class", columns.get("letter") or columns.get("level") or ("", ""))
        name = self.sheet.table.name
        meant = self._split(self.answers.corrected(name, row.number, values))
        reader = RowReader(
            Place(name, row.number, columns), self.answers.rewritten(name, row.number, meant), self.answers
        )
        if self.sheet.table.is_csv and any(not is_blank(cell) for cell in row.cells[self.sheet.width :]):
            reader.wrong(
                "", "The row has more cells than the headings: some cell probably has a separator without quotes."
            )
        if self.kind is Kind.STAFF:
            return read_staff(reader, today)
        return read_student(reader, today)

    def _values(self, row: Row) -> dict[str, Value]:
        values = {field: row.cells[index] for field, index in self.places.items() if index < len(row.cells)}
        if self.kind is Kind.STUDENTS:
            values["class"] = self._class_of(row, values)
        return values

    def _class_of(self, row: Row, values: Mapping[str, Value]) -> Value:
        if "level" in self.places and "letter" in self.places and "class" not in self.places:
            level, letter = text_of(values.get("level")), text_of(values.get("letter"))
            return f"{level}{letter.strip(' .„“”')}" if level and letter else None
        if "letter" in self.places and "class" not in self.places:
            return text_of(values.get("letter"))
        own = values.get("class")
        if "class" in self.places:
            if not is_blank(own):
                self._class = text_of(own)
            elif self._fills_down:
                self._filled_down += 1
                return self._class
            return own
        return self.sheet.sections.get(row.number) or self.sheet.title_class or self.class_name

    def _split(self, values: dict[str, Any]) -> dict[str, Any]:
        """A whole name in parts; one that cannot be taken apart stays where it is told of."""
        if "name" not in values or is_blank(values["name"]):
            return values | ({"first": None, "last": None} if "name" in values else {})
        text = text_of(values["name"])
        parts = names.split(text, self.order)
        if parts is None:
            return values | {"first": text, "last": None}
        found = {"first": parts.first, "last": parts.last}
        if parts.middle and "middle" not in self.places:
            found["middle"] = parts.middle
        return values | {field: value for field, value in found.items() if field not in self.places}

    def _notices(self) -> list[Notice]:
        name = self.sheet.table.name
        found = [
            Notice(
                "Row {row} of “{table}” is not read as a person: “{text}”.",
                (("row", one.row), ("table", name), ("text", one.text)),
            )
            for one in self.sheet.asides
        ]
        if self._filled_down:
            found.append(
                Notice(
                    "In “{table}” {count} rows have no class of their own: each gets that of the row above it.",
                    (("table", name), ("count", self._filled_down)),
                )
            )
        return found


def _called(kind: Kind, field: str) -> str:
    """A field's heading in our template."""
    return next(one.heading for one in COLUMNS[kind] if one.field == field)
