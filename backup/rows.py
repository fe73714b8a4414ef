"""Rows in PostgreSQL's COPY text format, and as SQLite keeps them: how one kind of database is restored onto the other.

https://www.postgresql.org/docs/current/sql-copy.html#SQL-COPY-FILE-FORMATS: columns are separated by tabs, `\\N` is
NULL, and a backslash begins what stands for a control character or for itself.
"""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Boolean, Column, Float, Integer, LargeBinary, Table
from sqlalchemy.types import TypeEngine

from db.columns import TZDateTime

ESCAPES = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_ESCAPED = re.compile(r"\\(.)")
_TO_ESCAPE = str.maketrans({"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"})

FromText = Callable[[str], Any]
ToText = Callable[[Any], str]


def parsers(table: Table, columns: Sequence[str]) -> tuple[FromText, ...]:
    """What makes of each column's text the value that SQLite keeps."""
    return tuple(_from_text(table.c[name]) for name in columns)


def parsed(line: str, makers: Sequence[FromText]) -> tuple[Any, ...]:
    """A row of COPY, without its end of line, as SQLite keeps it. Raises ValueError for one that is none."""
    cells = line.split("\t")
    if len(cells) != len(makers):
        raise ValueError("a row has another number of columns than its table")
    return tuple(
        None if cell == "\\N" else make(_ESCAPED.sub(_unescaped, cell) if "\\" in cell else cell)
        for cell, make in zip(cells, makers, strict=True)
    )


def writers(table: Table, columns: Sequence[str]) -> tuple[ToText, ...]:
    """What makes text of the values that SQLite keeps in each column."""
    return tuple(_to_text(table.c[name]) for name in columns)


def written(row: Sequence[Any], makers: Sequence[ToText]) -> str:
    """A row of COPY, with its end of line."""
    return "\t".join("\\N" if value is None else make(value) for value, make in zip(row, makers, strict=True)) + "\n"


def _unescaped(found: re.Match[str]) -> str:
    return ESCAPES.get(found[1], found[1])


def _kind(column: Column[Any]) -> TypeEngine[Any]:
    """What the column is underneath."""
    return getattr(column.type, "impl_instance", column.type)


def _from_text(column: Column[Any]) -> FromText:
    if isinstance(column.type, TZDateTime):
        return _moment
    match _kind(column):
        case Boolean():
            return lambda text: int(text == "t")
        case Integer():
            return int
        case Float():
            return float
        case LargeBinary():
            return lambda text: bytes.fromhex(text.removeprefix("\\x"))
    return str


def _to_text(column: Column[Any]) -> ToText:
    if isinstance(column.type, TZDateTime):
        return lambda value: value if "+" in value else f"{value}+00"  # defaults of migrations name their zone
    match _kind(column):
        case Boolean():
            return lambda value: "t" if value else "f"
        case LargeBinary():
            return lambda value: f"\\\\x{value.hex()}"
    return lambda value: str(value).translate(_TO_ESCAPE)


def _moment(text: str) -> str:
    """`2026-11-27 03:42:19.5+00` -> `2026-11-27 03:42:19.500000`, in UTC."""
    return datetime.fromisoformat(text).astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")
