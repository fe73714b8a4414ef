"""The blueprint, and what its pages have in common."""

from typing import TypeGuard

from flask import Blueprint
from sqlalchemy.orm import Session

from admin_web.people import moment, my_school
from errors import InputError
from school import rollover
from school.rollover import RolloverPlan, Turn, Wishes, drafts
from school.years import calendar

rollover_pages = Blueprint("rollover", __name__, url_prefix="/school/next-year")


def is_open(of: Turn | None) -> TypeGuard[Turn]:
    """Whether the next year can be prepared already."""
    return of is not None and calendar.today(moment()) >= of.opens_on


def turn_now(session: Session) -> Turn:
    """The year that ends. Raises InputError before the next one can be prepared."""
    found = drafts.turn(session, my_school())
    if not is_open(found):
        raise InputError("The next school year cannot be prepared yet.")
    return found


def planned(session: Session, of: Turn) -> tuple[Wishes, RolloverPlan]:
    """What was decided so far, and what it comes to."""
    wished = drafts.wishes(session, my_school(), of)
    return wished, rollover.plan(session, my_school(), wished)
