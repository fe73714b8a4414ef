"""From a file to what it would do: `read`, then `prepare`. Nothing here writes."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from errors import InputError
from school.roster import families, personnel, questions
from school.roster.answers import Answers
from school.roster.facts import Facts, check_year, gather, year_for
from school.roster.families import Families
from school.roster.looking import Shape, read_shapes, shapes
from school.roster.one_roster import read_one_roster
from school.roster.opening import Opened, open_file
from school.roster.personnel import Personnel
from school.roster.planned_changes import Change, PlannedChange
from school.roster.rows import Notice, Roster
from school.roster.tables import Problem
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
    notices: tuple[Notice, ...]
    """What else a person should know before they go on."""
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


def read(data: bytes, file_name: str, today: date, answers: Answers | None = None) -> Roster:
    """A file as it was uploaded, with what a person has answered about it.

    Raises InputError with one sentence when it cannot be read at all; what is wrong with its rows is in `problems`.
    """
    answers = answers or Answers()
    opened = open_file(data, file_name)
    found = () if opened.one_roster is not None else shapes(opened.tables, today, answers)
    return rows_of(opened, found, today, answers)


def rows_of(opened: Opened, found: Sequence[Shape], today: date, answers: Answers) -> Roster:
    """The rows of an opened file, whose sheets `found` are understood already unless it is one of OneRoster."""
    if opened.one_roster is not None:
        return read_one_roster(opened.one_roster, today, answers)
    roster = read_shapes(found, today, answers)
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
    year_id = check_year(session, school_id, school_year_id) if school_year_id else year_for(session, school_id, today)
    has_personnel = bool(roster.staff or roster.emails or roster.subjects)
    facts = gather(
        session,
        school_id,
        year_id,
        frozenset(str(one.what) for one in roster.emails),
        families=bool(roster.people),
        personnel=has_personnel,
        subjects=has_personnel,
    )
    problems = [
        *questions.guessed(roster, facts),
        *personnel.check_mentions(roster, facts),
        *families.check(roster.people, facts),
        *personnel.check(roster.staff, facts),
    ]
    if problems:
        ordered = tuple(sorted(dict.fromkeys(problems), key=lambda one: one.order))
        return Prepared(facts, Families(), Personnel(), Preview(ordered, (), roster.ignored, roster.notices, ""))
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
    return Prepared(facts, of_students, of_staff, Preview((), entries, roster.ignored, roster.notices, fingerprint))


def _details(entry: PlannedChange) -> list[list[str]]:
    return [[one.heading, one.old, one.new] for one in entry.details]
