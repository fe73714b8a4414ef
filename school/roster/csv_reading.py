"""CSV as schools save it: in Windows' code page or in UTF-8, with one of three separators."""

import csv
import io
from collections.abc import Callable
from itertools import islice

from errors import InputError
from school.roster.tables import MOST_COLUMNS, MOST_ROWS, Row, Table, is_blank

SEPARATORS = (";", ",", "\t")
LOOKED_AT = 12
"""Rows at the beginning in which the headings are looked for."""
Score = Callable[[tuple[str, ...]], int]
"""How many known headings a row holds."""


def read_csv(data: bytes, name: str, score: Score, most_rows: int = MOST_ROWS) -> Table:
    """The table of a CSV file. Raises InputError when it is no readable text or a quotation mark is left open.

    `score` decides the separator: the one with which a row of known headings appears.
    """
    text = decode(data)
    separator, text = _separator(text, score)
    rows: list[Row] = []
    number = 0
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for number, cells in enumerate(reader, 1):
            if all(is_blank(cell) for cell in cells):
                continue
            if len(rows) > most_rows:
                raise InputError("{name} has more than {most} rows: divide it.", name=name, most=most_rows)
            rows.append(Row(number, tuple(cells[:MOST_COLUMNS])))
    except csv.Error:
        raise InputError(
            "After row {row} of {name} the quotes are not closed properly or the file is incomplete: "
            "save it again from the program that made it.",
            row=number,
            name=name,
        ) from None
    return Table(name, tuple(rows), is_csv=True)


def decode(data: bytes) -> str:
    """UTF-16 by its mark, UTF-8 with or without a mark, else Windows-1251. Raises InputError for anything else."""
    is_excels_unicode_text = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    encodings = ("utf-16",) if is_excels_unicode_text else ("utf-8-sig", "cp1251")
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not any(sign < " " and sign not in "\t\r\n\x0b\x0c" for sign in text):
            return text
        break
    raise InputError("The file is not a table: upload an .xlsx or .csv made from the template.")


def _separator(text: str, score: Score) -> tuple[str, str]:
    """The separator, and the text without the line in which Excel may name it."""
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.rstrip("\r\n")) == 5:
        return first[4], rest
    beginning = text[: 64 * 1024]

    def best(separator: str) -> int:
        found = 0
        try:
            rows = csv.reader(io.StringIO(beginning, newline=""), delimiter=separator)
            for cells in islice(rows, LOOKED_AT):
                found = max(found, score(tuple(cells)))
        except csv.Error:  # a cell longer than csv allows: the reading proper will say so
            return found
        return found

    return max(SEPARATORS, key=best), text
