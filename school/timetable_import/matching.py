"""The names of a file beside the school's: a guess for each, for a person to confirm."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from errors import InputError
from school.roster import cells
from school.timetable import names
from school.timetable.known import Known, known
from school.timetable_import.found import FoundTimetable
from school.years import calendar

KINDS = ("class", "subject", "teacher")


@dataclass(frozen=True, slots=True)
class GuessedName:
    """What a name of the file seems to mean, as the school writes it; empty: nothing like it is there."""

    text: str
    is_certain: bool


@dataclass(frozen=True, slots=True)
class Read:
    """A file with its guesses; by kind, then by name."""

    found: FoundTimetable
    guesses: Mapping[str, Mapping[str, GuessedName]]
    offers: Mapping[str, tuple[str, ...]]
    """What the school has of each kind."""
    year_id: int


def prepare(session: Session, school_id: int, found: FoundTimetable, on: date) -> Read:
    """Guess the names of what was read, for the school year of a date. Raises InputError."""
    year_id, _ends_on = calendar.year_of(session, school_id, on)
    facts = known(session, school_id, year_id)
    guesses = {
        "class": {name: _class(facts, name) for name in found.names("class")},
        "subject": {name: _subject(facts, name) for name in found.names("subject")},
        "teacher": {name: _teacher(facts, name) for name in found.names("teacher")},
    }
    offers = {
        "class": tuple(map(facts.class_name, facts.classes)),
        "subject": tuple(sorted(facts.subjects.values())),
        "teacher": tuple(map(facts.teacher, facts.people)),
    }
    return Read(found, guesses, offers, year_id)


def class_id(facts: Known, name: str) -> int | None:
    """Which class of the year a name means."""
    try:
        level, letter = cells.class_name(name)
    except InputError:
        return None
    return next((id_ for id_, (of, own) in facts.classes.items() if (of, own.casefold()) == (level, letter)), None)


def _class(facts: Known, name: str) -> GuessedName:
    found = class_id(facts, name)
    return GuessedName(facts.class_name(found), True) if found else GuessedName("", False)


def _subject(facts: Known, name: str) -> GuessedName:
    guess = names.subject(name, facts.subjects)
    return GuessedName(facts.subjects[guess.id], guess.is_certain) if guess else GuessedName("", False)


def _teacher(facts: Known, name: str) -> GuessedName:
    guess = names.person(name, facts.people)
    return GuessedName(facts.teacher(guess.id), guess.is_certain) if guess else GuessedName("", False)
