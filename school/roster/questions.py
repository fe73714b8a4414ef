"""Problems of which somebody can be asked with a likely answer, and problems that are one question for many rows."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from school.roster import class_names
from school.roster.answers import BY_VALUE, family_of
from school.roster.facts import Facts
from school.roster.rows import Roster
from school.roster.tables import Problem


@dataclass(frozen=True, slots=True)
class Group:
    """Equal problems: one line on the page. `raw` where all of them are of cells that say the same."""

    key: str
    sentence: str
    values: tuple[tuple[str, object], ...]
    """Values that differ between the rows are „…“."""
    column: str
    """Letter and heading."""
    field: str
    problems: tuple[Problem, ...]
    is_one_answer: bool
    """Whether one answer stands for all rows: the cells say the same, and it is a field where that means the same."""

    @property
    def first(self) -> Problem:
        """One of them."""
        return self.problems[0]

    @property
    def can_be_empty(self) -> bool:
        """Whether the rows may be read without these cells."""
        return all(one.can_be_empty for one in self.problems)

    @property
    def rows(self) -> tuple[tuple[str, int], ...]:
        """Table and number of each row, once."""
        return tuple(dict.fromkeys((one.table, one.row) for one in self.problems))


class _Different:
    """Stands for values that are not the same in all rows, in whatever form a sentence asks for."""

    def __format__(self, spec: str) -> str:
        return "…"

    def __str__(self) -> str:
        return "…"


DIFFERENT = _Different()


def guessed(roster: Roster, facts: Facts) -> list[Problem]:
    """The file's problems, those of Latin letters in classes with what their neighbours say."""
    return [
        replace(one, guess=_latin(one, roster, facts)) if one.sentence == class_names.LATIN else one
        for one in roster.problems
    ]


def _latin(problem: Problem, roster: Roster, facts: Facts) -> str:
    parts = class_names.raw_parts(problem.raw)
    return class_names.guess(*parts, roster.latin, facts.classes.keys()) if parts else ""


def groups(problems: Iterable[Problem]) -> tuple[Group, ...]:
    """Equal problems together, in the order of the first of each."""
    found: dict[tuple[str, ...], list[Problem]] = {}
    for one in problems:
        by_value = family_of(one.field) in BY_VALUE and bool(one.raw)
        found.setdefault((one.sentence, one.field, one.raw if by_value else ""), []).append(one)
    return tuple(_group(key, tuple(alike)) for key, alike in found.items())


def _group(key: Sequence[str], alike: tuple[Problem, ...]) -> Group:
    first = alike[0]
    told = [dict(one.values) for one in alike]
    values = tuple(
        (name, value if all(one.get(name) == value for one in told) else DIFFERENT) for name, value in first.values
    )
    column = " ".join(filter(None, (first.letter, first.column)))
    if any((one.letter, one.column) != (first.letter, first.column) for one in alike):
        column = first.column
    return Group(_key(key), first.sentence, values, column, first.field, alike, bool(key[2]))


def _key(parts: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]
