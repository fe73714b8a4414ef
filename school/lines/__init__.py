"""Our lines cost money: what each school used of them today, what it may use, and the brake on its campaigns."""

from school.lines.brake import Stop, open_stops
from school.lines.budgets import MOST, Budget, DayOfSchool, budget, days, set_budget
from school.lines.holds import Holds, holds
from school.lines.usage import Use, count, parts_of, tomorrow

__all__ = [
    "MOST",
    "Budget",
    "DayOfSchool",
    "Holds",
    "Stop",
    "Use",
    "budget",
    "count",
    "days",
    "holds",
    "open_stops",
    "parts_of",
    "set_budget",
    "tomorrow",
]
