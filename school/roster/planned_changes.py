"""What an import would do, row by row, in words that a page shows."""

from dataclasses import dataclass
from enum import StrEnum


class Change(StrEnum):
    """What would become of a person."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    MISSING = "missing"
    """At the school but not in the file: stays, unless the person who imports says otherwise."""


@dataclass(frozen=True, slots=True)
class Detail:
    """One thing that would change; `old` is empty for what is added, `new` for what is taken away."""

    heading: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class PlannedChange:
    """A person: `kind` is "student" or "staff"; `where` the class, empty for staff."""

    change: Change
    kind: str
    who: str
    where: str
    details: tuple[Detail, ...]
