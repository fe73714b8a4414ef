"""A program of its own: a workbook from standard input -> its sheets as JSON, within limits of memory and time.

Its arguments say how many rows and columns of a sheet, and how many sheets, are read.
It imports nothing of ours, so that it starts at once. `old_workbooks` runs it and knows its exit statuses.
"""

import io
import json
import resource
import signal
import sys
from datetime import date, datetime, time, timedelta

from python_calamine import CalamineWorkbook, PasswordError, SheetVisibleEnum

MEMORY = 768 * 1024 * 1024
CPU_SECONDS = 15
SECONDS = 18
"""Of the clock: a process that waits for memory it does not get uses none of the processor's time."""
LONGEST_CELL = 2000
TOO_LARGE = 5
"""The exit status for more than is read."""
MOST_CHARACTERS = 8_000_000
"""Of all cells together: a file of some kilobytes can repeat a long cell three hundred thousand times."""


def main(most_rows: int, most_columns: int, most_sheets: int) -> int:
    """Read standard input, write standard output."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    signal.alarm(SECONDS)  # ends the process also when whoever started it is gone
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(sys.stdin.buffer.read()))
    except PasswordError:
        return 4
    found = []
    characters = 0
    for sheet in book.sheets_metadata[:most_sheets]:
        if sheet.visible != SheetVisibleEnum.Visible:
            continue
        page = book.get_sheet_by_name(sheet.name)
        rows: list[tuple[int, list[object]]] = []
        first = (page.start or (0, 0))[0]
        for number, cells in enumerate(page.to_python(skip_empty_area=True, nrows=None), first + 1):
            left = (page.start or (0, 0))[1]
            if any(cell != "" for cell in cells):
                if len(rows) > most_rows:
                    return 3
                plain = ([""] * left + [_plain(cell) for cell in cells[:most_columns]])[:most_columns]
                characters += sum(len(cell) for cell in plain if isinstance(cell, str))
                if characters > MOST_CHARACTERS:
                    return TOO_LARGE
                rows.append((number, plain))
        found.append((sheet.name, rows))
    json.dump(found, sys.stdout)
    return 0


def _plain(cell: object) -> object:
    """A cell as JSON can say it."""
    if isinstance(cell, datetime):
        return {"dt": cell.isoformat()}
    if isinstance(cell, date):
        return {"d": cell.isoformat()}
    if isinstance(cell, time):
        return {"t": cell.isoformat()}
    if isinstance(cell, timedelta):
        return str(cell)
    return cell[:LONGEST_CELL] if isinstance(cell, str) else cell


if __name__ == "__main__":
    try:
        sys.exit(main(*map(int, sys.argv[1:])))
    except MemoryError:
        sys.exit(TOO_LARGE)
