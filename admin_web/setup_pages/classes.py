"""Classes of a year and their class teachers."""

import re

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from admin_web.actions import done
from admin_web.audience import LEADERS, open_to
from admin_web.database import reading, writing
from admin_web.numbers import row_id
from admin_web.people import me, moment, my_school
from admin_web.setup_pages.blueprint import chosen_year, setup_pages
from admin_web.translations import _, ngettext, told
from errors import ForbiddenError, InputError, MissingError
from school import setup

LEVELS = range(1, 13)
MOST_OF_A_LEVEL = len(setup.LETTERS)


@setup_pages.get("/classes")
@open_to(*LEADERS)
def classes() -> ResponseReturnValue:
    """The classes, and a form for more."""
    with reading() as session:
        year = chosen_year(session)
        if year is None:
            flash(_("Първо създайте учебната година."), "error")
            return redirect(url_for("setup.year"))
        rows = setup.classes(session, my_school(), year.id)
        people = [one for one in setup.staff(session, my_school()) if one.is_active]
        years = setup.years(session, my_school())
    return render_template(
        "setup/classes.html", year=year, years=years, classes=rows, people=people, levels=LEVELS, most=MOST_OF_A_LEVEL
    )


@setup_pages.post("/classes/<int:year_id>/add")
@open_to(*LEADERS)
def add_classes(year_id: int) -> ResponseReturnValue:
    """Make as many classes of each level as were asked for, and those that were named."""
    counts = {level: request.form.get(f"level_{level}", 0, type=row_id) for level in LEVELS}
    if any(not 0 <= number <= MOST_OF_A_LEVEL for number in counts.values()):
        abort(400)
    named = [name for name in re.split(r"[\s,;]+", request.form.get("names", "")) if name]
    try:
        with writing() as session:
            made = setup.add_classes(
                session, my_school(), year_id, [*setup.names_for(counts), *named], by=me().staff_id, now=moment()
            )
    except (ForbiddenError, MissingError):
        raise
    except InputError as error:
        flash(told(error), "error")
    else:
        flash(ngettext("Добавена е %(num)s паралелка.", "Добавени са %(num)s паралелки.", len(made)), "done")
    return redirect(url_for("setup.classes", year=year_id))


@setup_pages.post("/classes/<int:year_id>/teachers")
@open_to(*LEADERS)
def class_teachers(year_id: int) -> ResponseReturnValue:
    """Say who leads each class."""
    wanted = {
        int(name.removeprefix("class_")): request.form.get(name, type=row_id)
        for name in request.form
        if re.fullmatch(r"class_\d{1,9}", name)
    }

    def act(session: Session) -> None:
        for class_id, staff_id in wanted.items():
            setup.set_class_teacher(session, my_school(), class_id, staff_id or None, by=me().staff_id, now=moment())

    done(act, _("Класните ръководители са записани."))
    return redirect(url_for("setup.classes", year=year_id))


@setup_pages.post("/classes/<int:class_id>/remove")
@open_to(*LEADERS)
def remove_class(class_id: int) -> ResponseReturnValue:
    """Take back a class that was made by mistake."""
    done(
        lambda session: setup.remove_class(session, my_school(), class_id, by=me().staff_id, now=moment()),
        _("Паралелката е премахната."),
    )
    return redirect(url_for("setup.classes", year=request.args.get("year")))
