"""What a person has answered about a file: what its columns are, and what some of its cells should say.

The answers wait beside the file, encrypted with it; what the columns are is remembered for the school's next file of
the same form (`remembered`).
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from school.roster.cells import text_of
from school.roster.columns import Kind
from school.roster.names import Order

BY_VALUE = frozenset({"class", "level", "letter", "subject", "classes", "role", "relation", "special", "student"})
"""Fields in which equal cells mean the same: they are answered once for all rows."""


def family_of(field_: str) -> str:
    """What the fields of all guardians have in common: `mother_relation` -> `relation`; a class is a class anywhere."""
    bare = field_.rpartition("_")[2] if field_.startswith(("mother_", "father_", "guardian")) else field_
    return "class" if bare == "leads_class" else bare


@dataclass(frozen=True, slots=True)
class GradeColumn:
    """What the grades of one column are, where the person has said so; empty: as the whole sheet says."""

    subject: str = ""
    kind: str = ""
    on: str = ""
    term: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the columns of one form of table are; a column that is not there has not been decided."""

    kind: Kind | None = None
    """None: such tables are not read."""
    fields: Mapping[int, str] = field(default_factory=dict)
    order: Order | None = None
    class_name: str = ""
    """The class of a sheet of grades."""
    grades: Mapping[int, GradeColumn] = field(default_factory=dict)
    """-1: the whole sheet."""

    def as_json(self) -> dict[str, Any]:
        """For keeping."""
        return {
            "kind": self.kind,
            "fields": {str(index): name for index, name in self.fields.items()},
            "order": self.order,
            "class": self.class_name,
            "grades": {str(index): asdict(one) for index, one in self.grades.items()},
        }

    @staticmethod
    def of_json(kept: Mapping[str, Any]) -> "Choice":
        """As it was kept."""
        return Choice(
            Kind(kept["kind"]) if kept.get("kind") else None,
            {int(index): str(name) for index, name in kept.get("fields", {}).items()},
            Order(kept["order"]) if kept.get("order") else None,
            str(kept.get("class", "")),
            {int(index): GradeColumn(**one) for index, one in kept.get("grades", {}).items()},
        )


@dataclass(frozen=True, slots=True)
class Answers:
    """All answers about a file. Keys of `cells` and `left_out` are of a table's name and a row, joined by `at`."""

    shapes: Mapping[str, Choice] = field(default_factory=dict)
    headers: Mapping[str, int] = field(default_factory=dict)
    """Table -> the row of its headings; 0: it has none."""
    values: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Family of fields -> what cells say -> what is meant."""
    cells: Mapping[str, str] = field(default_factory=dict)
    """`at(table, row, field)` -> what the cell should say; empty: it is knowingly not read."""
    left_out: frozenset[str] = frozenset()
    """`at(table, row)` of rows that are knowingly not read."""
    options: frozenset[str] = frozenset()
    """What is decided beside the file: `missing_leave`, `missing_end`."""

    def corrected(self, table: str, row: int, values: Mapping[str, Any]) -> dict[str, Any]:
        """The cells of a row as they are meant."""
        meant = {name: self._by_value(name, value) for name, value in values.items()}
        return self.rewritten(table, row, meant)

    def rewritten(self, table: str, row: int, values: Mapping[str, Any]) -> dict[str, Any]:
        """With those cells of the row that were answered by themselves; what equal cells mean is as it was."""
        prefix = at(table, row, "")
        own = {key.removeprefix(prefix): text for key, text in self.cells.items() if key.startswith(prefix)}
        return {**values, **own}

    def _by_value(self, name: str, value: Any) -> Any:
        known = self.values.get(family_of(name))
        if not known or value is None or name == "subject":  # a cell may name several subjects: see RowReader.meant
            return value
        return known.get(text_of(value), value)

    def as_json(self) -> str:
        """For keeping."""
        return json.dumps(
            {
                "shapes": {key: one.as_json() for key, one in self.shapes.items()},
                "headers": dict(self.headers),
                "values": {name: dict(said) for name, said in self.values.items()},
                "cells": dict(self.cells),
                "left_out": sorted(self.left_out),
                "options": sorted(self.options),
            },
            ensure_ascii=False,
        )

    @staticmethod
    def of_json(text: str) -> "Answers":
        """As they were kept."""
        kept = json.loads(text)
        return Answers(
            {key: Choice.of_json(one) for key, one in kept["shapes"].items()},
            kept["headers"],
            kept["values"],
            kept["cells"],
            frozenset(kept["left_out"]),
            frozenset(kept["options"]),
        )


def at(table: str, row: int, field_: str | None = None) -> str:
    """The key of a row, or of one of its cells."""
    return f"{table}|{row}" if field_ is None else f"{table}|{row}|{field_}"
