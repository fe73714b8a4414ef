"""The blueprint of all set-up pages, and what they have in common."""

from flask import Blueprint, request
from sqlalchemy.orm import Session

from admin_web.numbers import row_id
from admin_web.people import moment, my_school
from school import setup
from school.years import calendar

setup_pages = Blueprint("setup", __name__, url_prefix="/school")


def chosen_year(session: Session) -> setup.YearRow | None:
    """The year an address asks for, else the one that runs or comes next, else the newest; None: there is none."""
    all_years = setup.years(session, my_school())
    asked = request.args.get("year", type=row_id)
    current = asked or setup.progress(session, my_school(), calendar.today(moment())).year_id
    return next((one for one in all_years if one.id == current), all_years[0] if all_years else None)
