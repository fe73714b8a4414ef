"""A file to the timetable in it, whichever format it has."""

from errors import InputError
from school.roster.opening import OLD_EXCEL
from school.timetable_import.asc import read_asc
from school.timetable_import.found import LARGEST_FILE, FoundTimetable, checked
from school.timetable_import.workbook import read_workbook


def read(data: bytes) -> FoundTimetable:
    """What is in a file. Raises InputError when it is none of the formats, damaged or without lessons."""
    if len(data) > LARGEST_FILE:
        raise InputError("The file is larger than {most} MB: upload the timetable alone.", most=LARGEST_FILE >> 20)
    if data.startswith((b"PK", OLD_EXCEL)):
        return checked(read_workbook(data))
    if data.lstrip(b"\xef\xbb\xbf \r\n\t").startswith((b"<", b"\xff\xfe", b"\xfe\xff")):
        return checked(read_asc(data))
    raise InputError(
        "The file is neither Excel (.xlsx, .xls), LibreOffice (.ods) nor XML of aSc Timetables: choose another."
    )
