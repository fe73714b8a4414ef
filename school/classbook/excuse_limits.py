"""How many school days parents may excuse, with the date from which each limit holds: the rule changes often."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class ParentsLimits:
    """School days that a student's parents may excuse in a school year, and by one application."""

    since: date
    days_a_year: int
    days_at_once: int


PARENTS_LIMITS = (
    # Ordinance on inclusive education, art. 62 (1) 3, as amended in State Gazette 23/2024. Its day is to be checked
    # before a second entry is added: as long as there is one, it holds whatever the date.
    ParentsLimits(date(2024, 3, 19), days_a_year=15, days_at_once=5),
)
"""In the order of their dates; before the first one its limits hold."""


def parents_limits(on: date) -> ParentsLimits:
    """The limits that hold on a date."""
    return next((one for one in reversed(PARENTS_LIMITS) if one.since <= on), PARENTS_LIMITS[0])
