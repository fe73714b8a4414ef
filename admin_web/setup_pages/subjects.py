"""The school's subjects, chosen from the Bulgarian list."""

import re

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web.actions import done
from admin_web.audience import LEADERS, open_to
from admin_web.database import reading, writing
from admin_web.people import me, moment, my_school
from admin_web.setup_pages.blueprint import chosen_year, setup_pages
from admin_web.translations import _, ngettext, told
from errors import InputError
from school import setup

ALL_LEVELS = range(1, 13)


@setup_pages.get("/subjects")
@open_to(*LEADERS)
def subjects() -> ResponseReturnValue:
    """The subjects there are, and those of the framework plans for the school's levels."""
    with reading() as session:
        year = chosen_year(session)
        levels = {one.level for one in setup.classes(session, my_school(), year.id)} if year else set()
        there = setup.subjects(session, my_school())
    names = {one.name.casefold() for one in there}
    offered = [one for one in setup.standard_subjects(levels or ALL_LEVELS) if one.name.casefold() not in names]
    return render_template("setup/subjects.html", subjects=there, offered=offered, is_first=not there)


@setup_pages.post("/subjects/add")
@open_to(*LEADERS)
def add_subjects() -> ResponseReturnValue:
    """Add those that were ticked and those that were written."""
    written = [name.strip() for name in re.split(r"[\r\n;]+", request.form.get("names", "")) if name.strip()]
    try:
        with writing() as session:
            made = setup.add_subjects(
                session, my_school(), [*request.form.getlist("standard"), *written], by=me().staff_id, now=moment()
            )
    except InputError as error:
        flash(told(error), "error")
    else:
        flash(ngettext("Добавен е %(num)s предмет.", "Добавени са %(num)s предмета.", len(made)), "done")
    return redirect(url_for("setup.subjects"))


@setup_pages.post("/subjects/<int:subject_id>/remove")
@open_to(*LEADERS)
def remove_subject(subject_id: int) -> ResponseReturnValue:
    """Take back a subject that nobody teaches."""
    done(
        lambda session: setup.remove_subject(session, my_school(), subject_id, by=me().staff_id, now=moment()),
        _("Предметът е премахнат."),
    )
    return redirect(url_for("setup.subjects"))
