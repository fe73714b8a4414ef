"""The contents of a file before they are interpreted: tables of cells, and problems by row and column."""

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

LARGEST_FILE = 10 * 1024 * 1024
"""Bytes: a school of 2,000 students needs a tenth."""
MOST_ROWS = 5000
"""Rows of one table that are read."""
MOST_COLUMNS = 60
"""Columns of one table that are read."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is read of a workbook: rows and columns of a sheet, and sheets."""

    rows: int = MOST_ROWS
    columns: int = MOST_COLUMNS
    sheets: int = 40


OF_LISTS = Limits()

Value = str | int | float | bool | datetime | date | time | None
"""A cell: text from CSV, whatever Excel took it for from XLSX."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row, numbered from 1 as the person sees it in Excel."""

    number: int
    cells: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet, or a whole CSV file; rows without any content are left out."""

    name: str
    rows: tuple[Row, ...]
    is_csv: bool = False
    """A cell too many means a separator that was not quoted; in a spreadsheet it is somebody's note."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one cell, row or heading.

    `sentence` is English as it stands in the code, which is what a translation is found by; `values` fill its places.
    They hold no whole national id.
    """

    table: str
    row: int
    letter: str
    """The column's letter in Excel; empty when the whole row is meant."""
    column: str
    """The column's heading."""
    sentence: str
    values: tuple[tuple[str, Any], ...] = ()
    field: str = ""
    """The field in code; empty when the whole row or file is meant."""
    raw: str = ""
    """What the cell says, where it may be shown again to be corrected: never a national id."""
    guess: str = ""
    """What is probably meant, to be confirmed."""
    can_be_empty: bool = False
    """Whether the row may be read without this cell."""

    @property
    def text(self) -> str:
        """The sentence with its values."""
        return self.sentence.format(**dict(self.values)) if self.values else self.sentence

    @property
    def order(self) -> tuple[str, int, int, str]:
        """Problems sorted by this come in the order of the file."""
        return self.table, self.row, len(self.letter), self.letter


def is_blank(value: Value) -> bool:
    """Whether a cell holds nothing to read."""
    return value is None or (isinstance(value, str) and not value.strip("\ufeff\u200b \t\r\n\xa0"))


def letter_of(index: int) -> str:
    """The letter Excel shows for a column counted from 0: 0 -> A, 26 -> AA."""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
