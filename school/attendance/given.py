"""A notice as a parent gives it, and what it led to."""

from dataclasses import dataclass, field
from datetime import date
from enum import Enum, auto

from db.kinds import AbsenceReason, Obstacle
from school.classbook.excuse_limits import ParentsLimits


@dataclass(frozen=True, slots=True)
class Wish:
    """What a parent gives notice of. `ground` None: no reason was given; `reason`: the parent's words, if any."""

    starts_on: date
    ends_on: date
    ground: AbsenceReason | None
    reason: str = field(default="", repr=False)


class Outcome(Enum):
    """What became of a notice as it was given."""

    COUNTED = auto()
    WAITS = auto()
    EXCUSED_ALREADY = auto()
    NO_SCHOOL = auto()
    """There is no school on these days."""
    OUTSIDE = auto()
    """The days are of no school year, or too many."""


@dataclass(frozen=True, slots=True)
class Given:
    """What a notice led to. `days_left`: school days that parents' notices have left this year.

    `obstacles`: why it waits. `days`: first and last school day that were asked for.
    """

    outcome: Outcome
    starts_on: date
    ends_on: date
    obstacles: tuple[Obstacle, ...] = ()
    days_left: int = 0
    limits: ParentsLimits | None = None
    absences: int = 0
    """Absences that were recorded before and are excused now."""
