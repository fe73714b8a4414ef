"""From a file to what it would do: `read`, then `prepare`. Nothing here writes."""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from errors import InputError
from school.roster import families, personnel
from school.roster.columns import find_layout, score
from school.roster.csv_reading import read_csv
from school.roster.facts import Facts, gather, year_for
from school.roster.families import Families
from school.roster.one_roster import is_one_roster, read_one_roster
from school.roster.personnel import Personnel
from school.roster.planned_changes import Change, PlannedChange
from school.roster.rows import Roster, read_table
from school.roster.tables import LARGEST_FILE, Problem, Table
from school.roster.xlsx_reading import INCOMPLETE, open_archive, read_xlsx
from school.security.crypto import vault


@dataclass(frozen=True, slots=True)
class Options:
    """What the person who imports decides beside the file."""

    missing_leave: bool = False
    """Students of the file's classes whom the file does not name have left the school."""
    missing_end: bool = False
    """What a teacher of the file taught and the file does not name, they teach no more."""


@dataclass(frozen=True, slots=True)
class Preview:
    """What a page shows before anything happens."""

    problems: tuple[Problem, ...]
    """All of them, in the order of the file; with any, nothing is carried out."""
    entries: tuple[PlannedChange, ...]
    """Empty while there are problems."""
    ignored: tuple[str, ...]
    """Columns and parts of the file that were not read."""
    fingerprint: str
    """Stands for what was shown: `carry_out` refuses to do anything else."""

    def count(self, change: Change, kind: str) -> int:
        """How many students or staff."""
        return Counter((one.change, one.kind) for one in self.entries)[change, kind]


@dataclass(frozen=True, slots=True)
class Prepared:
    """The plan for machines."""

    facts: Facts
    families: Families
    personnel: Personnel
    preview: Preview


def read(data: bytes, file_name: str, today: date) -> Roster:
    """A file as it was uploaded: XLSX, CSV, or the zip of OneRoster 1.2. `file_name` only names it to people.

    Raises InputError with one sentence when it cannot be read at all; what is wrong with its rows is in `problems`.
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
                return read_one_roster(archive, today)
        return _read_tables(read_xlsx(data), today)
    if data.startswith(b"PK"):
        raise InputError(INCOMPLETE)
    _refuse_others(data)
    return _read_tables((read_csv(data, file_name[:80] or "CSV", score),), today)


def _refuse_others(data: bytes) -> None:
    beginning = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise InputError("The file is from an old Excel (.xls) or has a password: save it as .xlsx without a password.")
    if beginning.startswith((b"<!doctype", b"<html", b"<?xml", b"<table")):
        raise InputError("The file is a web page, not a table: open it with Excel and save it as .xlsx.")
    if beginning.startswith((b"%pdf", b"\x89png", b"\xff\xd8\xff", b"gif8", b"{\\rtf", b"rar!", b"7z\xbc\xaf")):
        raise InputError("The file is not a table: upload an .xlsx or .csv made from the template.")


def _read_tables(tables: tuple[Table, ...], today: date) -> Roster:
    roster = Roster()
    found = False
    for table in tables:
        layout = find_layout(table)
        if layout is None:
            continue
        found = True
        roster = roster.joined(read_table(table, layout, today))
    if not found:
        raise InputError(
            "There are no column headings such as {names}: download the template and fill it in.",
            names="„Име“, „Фамилия“, „ЕГН/ЛНЧ“, „Клас“, „Имейл“",
        )
    if not (roster.students or roster.staff or roster.problems):
        raise InputError("There are no rows below the headings: fill in the list.")
    return roster


def prepare(
    session: Session,
    school_id: int,
    roster: Roster,
    today: date,
    options: Options | None = None,
    school_year_id: int | None = None,
) -> Prepared:
    """Compare a roster with the school: `.preview` is what a page shows.

    `school_year_id` is the year of its classes; None: the one of today. Raises InputError when there is no such year.
    """
    options = options or Options()
    year_id = school_year_id or year_for(session, school_id, today)
    facts = gather(session, school_id, year_id, frozenset(str(one.what) for one in roster.emails))
    problems = [
        *roster.problems,
        *personnel.check_mentions(roster, facts),
        *families.check(roster.people, facts),
        *personnel.check(roster.staff, facts),
    ]
    if problems:
        ordered = tuple(sorted(dict.fromkeys(problems), key=lambda one: one.order))
        return Prepared(facts, Families(), Personnel(), Preview(ordered, (), roster.ignored, ""))
    secrets = vault(session)
    of_students = families.plan(roster.students, facts, secrets)
    of_staff = personnel.plan(roster.staff, facts)
    entries = (
        *families.entries(of_students, facts),
        *personnel.entries(of_staff, facts, missing_end=options.missing_end),
    )
    shown = [[one.change, one.kind, one.who, one.where, _details(one)] for one in entries]
    identities = [step.fingerprint.hex() for step in of_students.students]
    text = json.dumps([school_id, year_id, options.missing_leave, options.missing_end, identities, shown])
    fingerprint = secrets.fingerprint("roster preview", text).hex()
    return Prepared(facts, of_students, of_staff, Preview((), entries, roster.ignored, fingerprint))


def _details(entry: PlannedChange) -> list[list[str]]:
    return [[one.heading, one.old, one.new] for one in entry.details]
