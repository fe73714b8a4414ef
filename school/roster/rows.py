"""The typed rows of a list, and the reader of one row, which collects every problem that it meets."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any, TypeVar

from db.kinds import GuardianRelation, Role
from errors import InputError
from school.roster import cells
from school.roster.answers import Answers, family_of
from school.roster.class_names import ClassName, ClassRange
from school.roster.tables import Problem, Value, is_blank
from school.students.national_ids import NationalId, hidden

T = TypeVar("T")
UNNAMED = ("Родител", "без име")
"""First and last name of a guardian whom a list gives by telephone or e-mail alone."""
_NEVER_SHOWN = ("national_id",)
_NEEDED = ("class", "first", "last", "name", "national_id", "email", "level", "letter")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a row was written, for problems that are found later; field -> (column's letter, heading)."""

    table: str
    row: int
    columns: Mapping[str, tuple[str, str]] = field(repr=False, compare=False)

    def problem(self, column: str, sentence: str, /, raw: str = "", guess: str = "", **values: Any) -> Problem:
        """A problem with one of the row's fields; `raw` is what its cell says.

        A national id stands in the wrong column at times: the sentence has it masked, and nothing is to be corrected
        in such a cell but to be written anew.
        """
        letter, heading = self.columns.get(column, ("", ""))
        told = {name: hidden(value) if isinstance(value, str) else value for name, value in values.items()}
        return Problem(
            self.table,
            self.row,
            letter,
            heading,
            sentence,
            tuple(told.items()),
            column,
            "" if column in _NEVER_SHOWN or hidden(raw) != raw else raw,
            guess,
            bool(column) and column not in _NEEDED,
        )


@dataclass(frozen=True, slots=True)
class GuardianRow:
    """A guardian as a student's row names them; `prefix` leads to their columns."""

    prefix: str
    relation: GuardianRelation
    first_name: str
    last_name: str
    phone: str | None
    email: str | None

    @property
    def is_unnamed(self) -> bool:
        """Whether the file gives no name."""
        return (self.first_name, self.last_name) == UNNAMED

    def may_be(self, other: "GuardianRow") -> bool:
        """Whether both may be one person: of one name, and no two different numbers tell them apart."""
        if self.is_unnamed or other.is_unnamed:
            return False
        alike = (self.first_name.casefold(), self.last_name.casefold()) == (
            other.first_name.casefold(),
            other.last_name.casefold(),
        )
        return alike and (self.phone == other.phone or not (self.phone and other.phone))


@dataclass(frozen=True, slots=True)
class Stay:
    """From when until when the file says that a student is in the class: first and last day; None: it does not say."""

    begins_on: date | None = None
    ends_on: date | None = None


NO_DATES = Stay()


@dataclass(frozen=True, slots=True)
class StudentRow:
    """A student; None: the file does not say."""

    place: Place
    class_name: ClassName
    number: int | None
    first_name: str
    middle_name: str | None
    last_name: str
    national_id: NationalId
    birth_date: date
    special_needs: bool | None
    guardians: tuple[GuardianRow, ...]
    stay: Stay = NO_DATES


@dataclass(frozen=True, slots=True)
class StaffRow:
    """One row of a staff member; one person has as many rows as subjects."""

    place: Place
    first_name: str
    last_name: str
    email: str
    roles: frozenset[Role]
    leads_class: ClassName | None
    subject: str | None
    classes: tuple[ClassName, ...]
    ranges: tuple[ClassRange, ...]
    is_profiled: bool | None


@dataclass(frozen=True, slots=True)
class Person:
    """What must not come twice in a file, of every row of a student, also a wrong one."""

    place: Place
    class_name: ClassName | None
    number: int | None
    national_id: NationalId | None


@dataclass(frozen=True, slots=True)
class Mention:
    """A class, subject or e-mail address that a row names: checked against the school even where the row is wrong."""

    place: Place
    column: str
    what: ClassName | ClassRange | str
    raw: str = ""
    """What the cell says."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should see before they go on: a line that is no row, a class that was taken from above."""

    sentence: str
    values: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True, slots=True)
class Roster:
    """All a file says. With problems it is not to be carried out."""

    students: tuple[StudentRow, ...] = ()
    staff: tuple[StaffRow, ...] = ()
    problems: tuple[Problem, ...] = ()
    classes: tuple[Mention, ...] = ()
    subjects: tuple[Mention, ...] = ()
    emails: tuple[Mention, ...] = ()
    people: tuple[Person, ...] = ()
    ignored: tuple[str, ...] = ()
    """Headings and parts of the file that were not read."""
    notices: tuple[Notice, ...] = ()
    latin: tuple[tuple[int, str], ...] = ()
    """Level and letter of every class as they are written: the neighbours of a Latin letter."""


def join(first: Roster, parts: list[Roster]) -> Roster:
    """All of them as one."""
    whole = [first, *parts]
    return Roster(
        **{one.name: tuple(item for part in whole for item in getattr(part, one.name)) for one in fields(Roster)}
    )


class RowReader:
    """Reads the fields of one row and collects what is wrong with them."""

    def __init__(self, place: Place, values: Mapping[str, Value], answers: Answers | None = None) -> None:
        """`answers` say what parts of cells mean; whole cells of `values` are as they are meant already."""
        self.place = place
        self.problems: list[Problem] = []
        self._values = values
        self._answers = answers or Answers()

    def meant(self, column: str, part: str) -> str:
        """A part of a cell as the person has said that it is meant; empty: knowingly not read."""
        return self._answers.values.get(family_of(column), {}).get(part, part)

    def wrong(self, column: str, sentence: str, **values: Any) -> None:
        """Note a problem."""
        raw = "" if family_of(column) in _NEVER_SHOWN else self.text(column)
        self.problems.append(self.place.problem(column, sentence, raw=raw, **values))

    def text(self, column: str) -> str:
        """What the cell says, in one line."""
        return cells.text_of(self._values.get(column))

    def has(self, column: str) -> bool:
        """Whether the cell holds something."""
        return not is_blank(self._values.get(column))

    def optional(self, column: str, read: Callable[[Value], T]) -> T | None:
        """The cell's value; None when it is blank or wrong."""
        if not self.has(column):
            return None
        try:
            return read(self._values[column])
        except InputError as error:
            self.wrong(column, error.sentence, **error.values)
            return None

    def needed(self, column: str, read: Callable[[Value], T]) -> T | None:
        """The same, where a blank cell is wrong too."""
        if column in self.place.columns and not self.has(column):
            self.wrong(column, "An empty cell: fill it in.")
        return self.optional(column, read)
