"""How many unexcused hours a month cost a family its child benefit, and when it is warned: the one place that says so.

Закон за семейни помощи за деца, art. 7: five unexcused hours or more in a calendar month end it for a year. Whether
half hours of lateness are among them is the platform's setting (ESCHOOL_STATE_COUNTS_LATENESS).
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from school.classbook.absence_weights import in_hours

LOST_AT = 5
"""Unexcused hours in a calendar month: 4.5 cost nothing, 5 do."""
WARN_AT = (3, 4)
"""Hours at which a family is warned, the fewest first."""
CLOSING = 0
"""The stage of the warning that goes out before the month closes."""
CLOSING_DAYS = 3
"""Days before the end of a month on which who was or would be warned is told that it is about to close."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Unexcused hours of a calendar month."""

    hours: Decimal

    @property
    def left(self) -> Decimal:
        """Hours until the benefit is lost; 0: it is."""
        return max(LOST_AT - self.hours, Decimal(0))

    @property
    def is_near(self) -> bool:
        """Enough for a warning."""
        return self.hours >= WARN_AT[0]

    @property
    def is_lost(self) -> bool:
        """Enough for the benefit to end."""
        return self.hours >= LOST_AT


def standing(half_hours: int) -> Standing:
    """Of so many unexcused half hours in a month."""
    return Standing(in_hours(half_hours))


def stages(of: Standing, on: date) -> tuple[int, ...]:
    """What a family is to have been warned of by this day: the hours of WARN_AT that were reached, and CLOSING."""
    reached = tuple(hours for hours in WARN_AT if of.hours >= hours)
    return (*reached, CLOSING) if reached and is_closing(on) else reached


def is_closing(on: date) -> bool:
    """Whether the month is about to close."""
    return on.day > monthrange(on.year, on.month)[1] - CLOSING_DAYS
