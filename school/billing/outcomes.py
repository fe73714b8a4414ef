"""What follows from each outcome of a charge, as data: when it is tried again, and what becomes of the payer."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from db.kinds import ChargeOutcome
from school.billing.states import Happening


@dataclass(frozen=True, slots=True)
class Policy:
    """`again_after`: days after the first try of the month; then `last` happens, with the month written off."""

    again_after: tuple[int, ...] = ()
    last: Happening = Happening.GIVEN_UP


POLICIES: Mapping[ChargeOutcome, Policy] = {
    ChargeOutcome.CREDIT: Policy((7, 14, 21)),
    ChargeOutcome.LIMIT: Policy((7, 14, 21)),
    ChargeOutcome.BARRED: Policy(),
    ChargeOutcome.UNKNOWN_NUMBER: Policy((7, 14)),  # a number that moved is known when it next writes to us
    ChargeOutcome.TEMPORARY: Policy((1, 2, 3, 7, 14, 21), Happening.FORGIVEN),  # not the payer's fault
}
"""CHARGED needs none. NO_REPORT has none: what may have been charged is never tried again by itself."""


def next_try(outcome: ChargeOutcome, first_try: date, today: date) -> date | None:
    """When to try again; None: never. All tries of a month are within one calendar month."""
    for days in POLICIES[outcome].again_after:
        day = first_try + timedelta(days=days)
        if day > today:
            return day if (day.year, day.month) == (first_try.year, first_try.month) else None
    return None
