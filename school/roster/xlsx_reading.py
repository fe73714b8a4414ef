"""XLSX by openpyxl, read only as far as a roster can reach; nothing in it is executed or followed."""

import io
import warnings
import zipfile
from datetime import date, datetime, time
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook

from errors import InputError
from school.roster.tables import OF_LISTS, Limits, Row, Table, Value, is_blank

warnings.filterwarnings("ignore", category=UserWarning, module="openpyxl")  # a workbook that others wrote differently

LARGEST_UNPACKED = 40 * 1024 * 1024
"""Bytes of all parts of an archive together."""
MOST_PARTS = 500
LARGEST_LIST = 8 * 1024 * 1024
"""Bytes of a sheet or of its texts: a list of 5,000 rows has half of that."""
LARGEST_OTHER = 512 * 1024
"""Bytes of any other part of a workbook: a crafted list of styles costs openpyxl minutes and gigabytes."""

TOO_LARGE = "The file is too large when it is unpacked: upload only the list made from the template, without pictures."
INCOMPLETE = "The file is incomplete or damaged: save it again and upload it again."


def open_archive(data: bytes) -> ZipFile:
    """The archive, once its sizes are known to be bearable.

    zipfile never unpacks more of a part than the size it declares, so the declared sizes are a bound. Raises
    InputError for a damaged, encrypted or too large one.
    """
    try:
        archive = ZipFile(io.BytesIO(data))
        parts = archive.infolist()
    except (BadZipFile, ValueError, NotImplementedError, EOFError, OSError):
        raise InputError(INCOMPLETE) from None
    if any(part.flag_bits & 0x1 for part in parts):
        raise InputError("The file is protected by a password: save it without one.")
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        raise InputError(TOO_LARGE)
    return archive


def read_xlsx(data: bytes, limits: Limits = OF_LISTS) -> tuple[Table, ...]:
    """The sheets that hold something, of the first so many. Raises InputError when it is damaged or too large."""
    with open_archive(data) as archive:
        names = set(archive.namelist())
        if "xl/workbook.xml" not in names:
            raise InputError("The file is not an Excel table: upload an .xlsx or .csv made from the template.")
        _check_sizes(archive)
        _refuse_entities(archive)
    try:
        workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            return tuple(
                table
                for sheet in workbook.worksheets[: limits.sheets]
                if sheet.sheet_state == "visible" and (table := _table(sheet, limits)).rows
            )
        finally:
            workbook.close()
    except InputError:
        raise
    except Exception as error:  # openpyxl lets any error of any part through
        raise InputError(INCOMPLETE) from error


def _table(sheet: Any, limits: Limits) -> Table:
    sheet.reset_dimensions()  # what the file says of its own size may be wrong
    rows: list[Row] = []
    # One row more than allowed is looked at, to tell that there are too many.
    values = sheet.iter_rows(max_row=limits.rows + 50, max_col=limits.columns, values_only=True)
    for number, cells in enumerate(values, 1):
        typed: tuple[Value, ...] = tuple(_value(cell) for cell in cells)
        if all(is_blank(cell) for cell in typed):
            continue
        if len(rows) > limits.rows:
            raise InputError("The file has more than {most} rows: divide it.", most=limits.rows)
        rows.append(Row(number, typed))
    return Table(str(sheet.title), tuple(rows))


def _value(cell: object) -> Value:
    return cell if isinstance(cell, str | int | float | bool | datetime | date | time) else None


def _check_sizes(archive: ZipFile) -> None:
    for part in archive.infolist():
        is_list = part.filename.startswith("xl/worksheets/") or part.filename == "xl/sharedStrings.xml"
        if part.file_size > (LARGEST_LIST if is_list else LARGEST_OTHER):
            raise InputError(TOO_LARGE)


def _refuse_entities(archive: ZipFile) -> None:
    """No spreadsheet program writes a DTD; one that grows while it is read would."""
    for part in archive.infolist():
        if part.filename.endswith((".xml", ".rels")):
            try:
                with archive.open(part) as opened:
                    beginning = opened.read(4096)
            except (BadZipFile, zipfile.LargeZipFile, NotImplementedError, OSError, EOFError):
                raise InputError(INCOMPLETE) from None
            except Exception as error:  # zlib.error and its like of other compressions
                raise InputError(INCOMPLETE) from error
            if b"<!DOCTYPE" in beginning or b"<!ENTITY" in beginning:
                raise InputError(INCOMPLETE)
