"""Subjects: the Bulgarian list to choose from, and the school's own."""

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from db.models import School, Subject
from db.references import is_used
from errors import InputError, MissingError
from school import audit
from school.roster.facts import subject_key
from school.staff.leaders import check_leads

DATA = Path(__file__).with_name("subjects.toml")
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class StandardSubject:
    """A subject of the framework plans, taught from level `first` to `last`."""

    name: str
    first: int
    last: int
    is_common: bool
    """Every school that has one of the levels teaches it."""


@dataclass(frozen=True, slots=True)
class SubjectRow:
    """A subject of the school; `is_used`: it cannot be removed."""

    id: int
    name: str
    is_used: bool


def standard_subjects(levels: Iterable[int]) -> tuple[StandardSubject, ...]:
    """The subjects that are taught at any of the levels, in the order of the framework plans."""
    wanted = set(levels)
    return tuple(one for one in _data() if wanted & set(range(one.first, one.last + 1)))


def subjects(session: Session, school_id: int) -> tuple[SubjectRow, ...]:
    """The school's subjects by name."""
    rows = session.execute(
        select(Subject.id, Subject.name, is_used(Subject)).where(Subject.school_id == school_id).order_by(Subject.name)
    )
    return tuple(SubjectRow(*row) for row in rows)


def add_subjects(session: Session, school_id: int, names: Sequence[str], *, by: int, now: datetime) -> tuple[int, ...]:
    """Add subjects, those that are there already left as they are; gives the ids of new ones. Raises InputError."""
    check_leads(session, school_id, by)
    session.execute(select(School.id).where(School.id == school_id).with_for_update())
    there = {subject_key(name) for name in session.scalars(select(Subject.name).where(Subject.school_id == school_id))}
    wanted: dict[str, str] = {}
    for name in names:
        line = " ".join(name.split())
        if not line:
            raise InputError("A subject without a name: write it.")
        if len(line) > LONGEST_NAME:
            raise InputError("The subject is longer than {most} characters: shorten it.", most=LONGEST_NAME)
        if subject_key(line) not in there:
            wanted.setdefault(subject_key(line), line)
    if not wanted:
        return ()
    rows = [{"school_id": school_id, "name": name} for name in wanted.values()]
    ids = session.execute(insert(Subject).returning(Subject.id, sort_by_parameter_order=True), rows)
    made = tuple(ids.scalars())
    notes = [
        audit.row("subject.created", "subject", id_, now, school_id=school_id, by=by, name=name)
        for id_, name in zip(made, wanted.values(), strict=True)
    ]
    audit.write_many(session, notes)
    return made


def remove_subject(session: Session, school_id: int, subject_id: int, *, by: int, now: datetime) -> None:
    """Take back a subject that nobody teaches and in which nothing was recorded. Raises InputError."""
    check_leads(session, school_id, by)
    found = session.execute(
        select(Subject.name, is_used(Subject)).where(Subject.school_id == school_id, Subject.id == subject_id)
    ).one_or_none()
    if found is None:
        raise MissingError("There is no such subject in this school.")
    name, used = found
    if used:
        raise InputError("“{name}” is taught or has entries: the subject cannot be removed.", name=name)
    session.execute(delete(Subject).where(Subject.school_id == school_id, Subject.id == subject_id))
    audit.write(session, "subject.removed", "subject", subject_id, now, school_id=school_id, by=by, name=name)


@cache
def _data() -> tuple[StandardSubject, ...]:
    listed = tomllib.loads(DATA.read_text("utf-8"))["subjects"]
    return tuple(StandardSubject(one["name"], *_levels(one["levels"]), one.get("common", False)) for one in listed)


def _levels(both: list[int]) -> tuple[int, int]:
    first, last = both
    return first, last
