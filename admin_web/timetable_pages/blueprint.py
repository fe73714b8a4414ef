"""The blueprint of the timetable's pages, and what their forms have in common."""

from datetime import time

from flask import Blueprint

from admin_web.translations import _l
from db.kinds import SubstitutionKind
from errors import InputError

timetable_pages = Blueprint("timetable", __name__, url_prefix="/timetable")

WEEKDAYS = {
    1: _l("Понеделник"), 2: _l("Вторник"), 3: _l("Сряда"), 4: _l("Четвъртък"), 5: _l("Петък"), 6: _l("Събота"),
}  # fmt: skip
WEEKS = {0: _l("всяка седмица"), 1: _l("седмица А"), 2: _l("седмица Б")}
KINDS = {
    SubstitutionKind.SPECIALIST: _l("специалист"),
    SubstitutionKind.NON_SPECIALIST: _l("неспециалист: гражданско образование (зам.)"),
    SubstitutionKind.EXTERNAL: _l("външен лектор"),
    SubstitutionKind.EMPTY: _l("свободен час"),
}


def hour(text: str) -> time:
    """An hour as a form writes it: 08:00. Raises InputError."""
    try:
        return time.fromisoformat(text.strip().zfill(5))
    except ValueError:
        raise InputError("“{text}” is no hour: write it like 08:00.", text=text[:20]) from None
