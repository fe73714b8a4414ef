"""A file as it was uploaded -> its tables, or the archive of OneRoster that it is. What it is, its content tells."""

from dataclasses import dataclass
from zipfile import ZipFile

from errors import InputError
from school.roster.csv_reading import read_csv
from school.roster.old_workbooks import read_ods, read_xls
from school.roster.one_roster import OneRosterFiles, is_one_roster, open_one_roster
from school.roster.sheets import score_of
from school.roster.tables import LARGEST_FILE, OF_LISTS, Limits, Table
from school.roster.xlsx_reading import INCOMPLETE, open_archive, read_xlsx

OLD_EXCEL = b"\xd0\xcf\x11\xe0"
"""How an .xls begins."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The contents of a file before anything in it is understood."""

    tables: tuple[Table, ...] = ()
    one_roster: OneRosterFiles | None = None


def open_file(data: bytes, file_name: str, limits: Limits = OF_LISTS) -> Opened:
    """XLSX, XLS, ODS, CSV, or the zip of OneRoster 1.1 or 1.2. `file_name` only names it to people.

    `limits` are of workbooks.

    Raises InputError with one sentence when it cannot be read at all.
    """
    if not data.strip(b"\x00 \t\r\n"):
        raise InputError("The file is empty: choose another.")
    if len(data) > LARGEST_FILE:
        raise InputError(
            "The file is larger than {most} MB: upload only the list made from the template.", most=LARGEST_FILE >> 20
        )
    if data.startswith(b"PK\x03\x04"):
        with open_archive(data) as archive:
            if is_one_roster(archive):
                return Opened(one_roster=open_one_roster(archive))
            if _is_ods(archive):
                return Opened(read_ods(archive, limits))
        return Opened(read_xlsx(data, limits))
    if data.startswith(b"PK"):
        raise InputError(INCOMPLETE)
    if data.startswith(OLD_EXCEL):
        return Opened(read_xls(data, limits))
    _refuse_others(data)
    return Opened((read_csv(data, file_name[:80] or "CSV", score_of),))


def _is_ods(archive: ZipFile) -> bool:
    return {"mimetype", "content.xml"} <= set(archive.namelist()) and b"spreadsheet" in _beginning(archive)


def _beginning(archive: ZipFile) -> bytes:
    try:
        with archive.open("mimetype") as opened:
            return opened.read(100)
    except Exception as error:  # zipfile and zlib have errors of many kinds
        raise InputError(INCOMPLETE) from error


def _refuse_others(data: bytes) -> None:
    beginning = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if beginning.startswith((b"<!doctype", b"<html", b"<?xml", b"<table")):
        raise InputError("The file is a web page, not a table: open it with Excel and save it as .xlsx.")
    if beginning.startswith((b"%pdf", b"\x89png", b"\xff\xd8\xff", b"gif8", b"{\\rtf", b"rar!", b"7z\xbc\xaf")):
        raise InputError("The file is not a table: upload an .xlsx or .csv made from the template.")
