"""Workbooks of old Excel (.xls) and of LibreOffice (.ods), read by calamine in a process of its own.

A crafted file can make any reader ask for gigabytes: the process has a limit of memory and of time, and what it is
killed for is told as a damaged file.
"""

import io
import json
import os
import subprocess
import sys
import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from errors import InputError
from school.roster.tables import OF_LISTS, Limits, Row, Table, Value, is_blank
from school.roster.xlsx_reading import INCOMPLETE, LARGEST_LIST, TOO_LARGE

SECONDS = 20
_READER = Path(__file__).with_name("workbook_reader.py")
_TOO_MANY = 3
"""The reader's exit status for a sheet with more rows than are read."""
_PASSWORD = 4
_TOO_LARGE = 5
"""For cells that are longer than all lists' together."""


def read_xls(data: bytes, limits: Limits = OF_LISTS) -> tuple[Table, ...]:
    """The sheets of an .xls that hold something. Raises InputError when it is damaged, too large or locked."""
    return _read(data, limits)


def read_ods(archive: zipfile.ZipFile, limits: Limits = OF_LISTS) -> tuple[Table, ...]:
    """The same of an .ods. Only what the archive declares is unpacked, whatever it really holds."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as plain:
        for part in ("mimetype", "content.xml", "styles.xml", "meta.xml", "settings.xml", "META-INF/manifest.xml"):
            if part in archive.namelist():
                if archive.getinfo(part).file_size > LARGEST_LIST:
                    raise InputError(TOO_LARGE)
                try:
                    content = archive.read(part)
                except Exception as error:  # zlib.error and its like of other compressions
                    raise InputError(INCOMPLETE) from error
                if b"<!DOCTYPE" in content[:4096] or b"<!ENTITY" in content[:4096]:
                    raise InputError(INCOMPLETE)
                plain.writestr(part, content)
    return _read(stream.getvalue(), limits)


def _read(data: bytes, limits: Limits) -> tuple[Table, ...]:
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(_READER), *map(str, (limits.rows, limits.columns, limits.sheets))],
            input=data,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            env=_environment(),
        )
    except subprocess.TimeoutExpired:
        raise InputError(TOO_LARGE) from None
    if done.returncode == _TOO_MANY:
        raise InputError("The file has more than {most} rows: divide it.", most=limits.rows)
    if done.returncode == _TOO_LARGE or done.returncode < 0:  # by its own limits
        raise InputError(TOO_LARGE)
    if done.returncode == _PASSWORD:
        raise InputError("The file is protected by a password: save it without one.")
    if done.returncode != 0:
        raise InputError(INCOMPLETE)
    return tuple(_table(name, rows) for name, rows in json.loads(done.stdout) if rows)


def _environment() -> dict[str, str]:
    """None of our settings; and calamine, when it has no memory, hangs while it wants to tell where."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ESCHOOL_")} | {
        "RUST_BACKTRACE": "0"
    }


def _table(name: str, rows: list[list[Any]]) -> Table:
    """A sheet as it came: `rows` are pairs of a number and cells."""
    typed = ((number, tuple(_value(cell) for cell in cells)) for number, cells in rows)
    return Table(name, tuple(Row(number, cells) for number, cells in typed if not all(map(is_blank, cells))))


def _value(cell: Any) -> Value:
    if isinstance(cell, dict):
        kind, text = next(iter(cell.items()))
        if kind == "t":
            return time.fromisoformat(text)
        return date.fromisoformat(text) if kind == "d" else datetime.fromisoformat(text)
    return cell if isinstance(cell, str | int | float | bool) else None
