"""Going over to the next school year: a plan to be looked at, carried out as a whole, and undone while nothing is
entered in the new year."""

from school.rollover.carrying_out import carry_out
from school.rollover.confirming import CopiedTeacher, CopiedTeaching, Unconfirmed, confirm, unconfirmed
from school.rollover.drafts import Turn
from school.rollover.lists import ListCheck, ListedStudent, check_list
from school.rollover.planning import plan
from school.rollover.plans import FINISHING, ClassStep, Fate, RolloverPlan, StudentStep, Wishes
from school.rollover.state import RolloverState, state
from school.rollover.undoing import undo

__all__ = [
    "FINISHING",
    "ClassStep",
    "CopiedTeacher",
    "CopiedTeaching",
    "Fate",
    "ListCheck",
    "ListedStudent",
    "RolloverPlan",
    "RolloverState",
    "StudentStep",
    "Turn",
    "Unconfirmed",
    "Wishes",
    "carry_out",
    "check_list",
    "confirm",
    "plan",
    "state",
    "unconfirmed",
    "undo",
]
