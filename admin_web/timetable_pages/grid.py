"""A class's week: a field for each lesson, by keyboard or by choosing from the list, and copies of days and classes."""

import re
from collections.abc import Mapping
from types import MappingProxyType

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web.actions import done
from admin_web.audience import LEADERS, open_to
from admin_web.database import reading, writing
from admin_web.numbers import row_id
from admin_web.people import me, moment, my_school
from admin_web.timetable_pages.blueprint import WEEKDAYS, timetable_pages
from admin_web.translations import _, ngettext, told
from db.kinds import LAST_LESSON
from errors import ForbiddenError, InputError, MissingError
from school.timetable import grid as grids
from school.timetable.grid import GridError, Place

SHOWN_LESSONS = 8
"""Rows of a class that has fewer lessons."""
SATURDAY = 6
_FIELD = re.compile(r"c([1-6])-(\d{1,2})")


@timetable_pages.get("/<int:timetable_id>/class/<int:class_id>")
@open_to(*LEADERS)
def grid(timetable_id: int, class_id: int) -> ResponseReturnValue:
    """The grid of a class."""
    return _page(timetable_id, class_id)


@timetable_pages.post("/<int:timetable_id>/class/<int:class_id>")
@open_to(*LEADERS)
def save_grid(timetable_id: int, class_id: int) -> ResponseReturnValue:
    """Save the whole week of the class, or nothing and say at each field why."""
    cells = _cells()
    try:
        with writing() as session:
            number = grids.write_grid(
                session, my_school(), timetable_id, class_id, cells, by=me().staff_id, now=moment()
            )
    except GridError as error:
        flash(_("Нищо не е записано: причината стои при часа."), "error")
        wrong = {place: told(one) for place, one in error.refused.items()}
        return _page(timetable_id, class_id, entered=cells, wrong=wrong), 422
    except (ForbiddenError, MissingError):
        raise
    except InputError as error:
        flash(told(error), "error")
        return _page(timetable_id, class_id, entered=cells), 422
    flash(ngettext("Записан е %(num)s час.", "Записани са %(num)s часа.", number), "done")
    return _back(timetable_id, class_id)


@timetable_pages.post("/<int:timetable_id>/class/<int:class_id>/copy-day")
@open_to(*LEADERS)
def copy_day(timetable_id: int, class_id: int) -> ResponseReturnValue:
    """One day has the lessons of another."""
    source, target = request.form.get("from", 0, type=row_id), request.form.get("to", 0, type=row_id)
    done(
        lambda session: grids.copy_day(
            session, my_school(), timetable_id, class_id, source, target, by=me().staff_id, now=moment()
        ),
        _("Денят е копиран."),
    )
    return _back(timetable_id, class_id)


@timetable_pages.post("/<int:timetable_id>/class/<int:class_id>/copy-class")
@open_to(*LEADERS)
def copy_class(timetable_id: int, class_id: int) -> ResponseReturnValue:
    """The class has the week of another, by its own teachers."""
    source = request.form.get("source", 0, type=row_id)
    done(
        lambda session: grids.copy_class(
            session, my_school(), timetable_id, class_id, source, by=me().staff_id, now=moment()
        ),
        _("Седмицата е копирана."),
    )
    return _back(timetable_id, class_id)


def _cells() -> dict[Place, str]:
    """What each field says; a lesson with several fields has them one after another."""
    found: dict[Place, str] = {}
    for name in request.form:
        if field := _FIELD.fullmatch(name):
            texts = [text.strip() for text in request.form.getlist(name) if text.strip()]
            if texts:
                found[int(field[1]), int(field[2])] = "; ".join(texts)
    return found


def _page(
    timetable_id: int,
    class_id: int,
    *,
    entered: Mapping[Place, str] | None = None,
    wrong: Mapping[Place, str] = MappingProxyType({}),
) -> str:
    with reading() as session:
        found = grids.read_grid(session, my_school(), timetable_id, class_id)
    cells = found.cells if entered is None else {place: (text,) for place, text in entered.items()}
    last = max([SHOWN_LESSONS, *(lesson for _weekday, lesson in cells)])
    has_saturday = "saturday" in request.args or any(weekday == SATURDAY for weekday, _lesson in cells)
    return render_template(
        "timetable/grid.html",
        grid=found,
        cells=cells,
        wrong=wrong,
        numbers=range(1, min(last + ("longer" in request.args), LAST_LESSON) + 1),
        weekdays={number: name for number, name in WEEKDAYS.items() if number < SATURDAY or has_saturday},
        all_weekdays=WEEKDAYS,
        more="more" in request.args,
        classes=[(id_, found.known.class_name(id_)) for id_ in found.known.classes],
    )


def _back(timetable_id: int, class_id: int) -> ResponseReturnValue:
    return redirect(url_for("timetable.grid", timetable_id=timetable_id, class_id=class_id))
