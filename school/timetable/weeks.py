"""Weeks A and B. Nothing here asks the database."""

from datetime import date, timedelta

EVERY_WEEK, WEEK_A, WEEK_B = 0, 1, 2
WEEKDAYS = range(1, 7)
"""Monday to Saturday: no school has lessons on a Sunday."""


def week_on(week_a_on: date | None, on: date) -> int:
    """Which week a date is in: weeks of the calendar alternate from the one of `week_a_on`; None: all are alike."""
    if week_a_on is None:
        return EVERY_WEEK
    apart = _monday(on) - _monday(week_a_on)
    return WEEK_A if apart.days // 7 % 2 == 0 else WEEK_B


def is_in(lesson_week: int, week: int) -> bool:
    """Whether a lesson of this kind of week takes place in that week."""
    return lesson_week in (EVERY_WEEK, week)


def meet(one: int, other: int) -> bool:
    """Whether there is a week in which both take place."""
    return EVERY_WEEK in (one, other) or one == other


def _monday(on: date) -> date:
    return on - timedelta(days=on.weekday())
