"""Who teaches what to whom."""

from itertools import groupby

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web.actions import done
from admin_web.audience import LEADERS, open_to
from admin_web.database import reading, writing
from admin_web.numbers import row_id
from admin_web.people import me, moment, my_school
from admin_web.setup_pages.blueprint import chosen_year, setup_pages
from admin_web.translations import _, ngettext, told
from errors import ForbiddenError, InputError, MissingError
from school import setup


@setup_pages.get("/teaching")
@open_to(*LEADERS)
def teaching() -> ResponseReturnValue:
    """What is taught to each class of a year, and a form for more."""
    with reading() as session:
        year = chosen_year(session)
        if year is None:
            flash(_("Първо създайте учебната година."), "error")
            return redirect(url_for("setup.year"))
        rows = setup.assignments(session, my_school(), year.id)
        classes = setup.classes(session, my_school(), year.id)
        subjects = setup.subjects(session, my_school())
        people = [one for one in setup.staff(session, my_school()) if one.is_active]
    by_class = {class_id: tuple(group) for class_id, group in groupby(rows, lambda one: one.class_id)}
    return render_template(
        "setup/teaching.html",
        year=year,
        by_class=by_class,
        classes=classes,
        subjects=subjects,
        people=people,
        chosen=(request.args.get("teacher", type=row_id), request.args.get("subject", type=row_id)),
    )


@setup_pages.post("/teaching/<int:year_id>/assign")
@open_to(*LEADERS)
def assign(year_id: int) -> ResponseReturnValue:
    """One teacher teaches one subject to some classes."""
    teacher, subject = request.form.get("teacher", 0, type=row_id), request.form.get("subject", 0, type=row_id)
    try:
        with writing() as session:
            made = setup.assign(
                session,
                my_school(),
                year_id,
                staff_id=teacher,
                subject_id=subject,
                classes=request.form.getlist("class", type=row_id),
                is_profiled="profiled" in request.form,
                by=me().staff_id,
                now=moment(),
            )
    except (ForbiddenError, MissingError):
        raise
    except InputError as error:
        flash(told(error), "error")
    else:
        flash(ngettext("Добавено е %(num)s възлагане.", "Добавени са %(num)s възлагания.", len(made)), "done")
    return redirect(url_for("setup.teaching", year=year_id, teacher=teacher, subject=subject))


@setup_pages.post("/teaching/<int:assignment_id>/end")
@open_to(*LEADERS)
def end_assignment(assignment_id: int) -> ResponseReturnValue:
    """A teacher teaches this no more."""
    done(
        lambda session: setup.end_assignment(session, my_school(), assignment_id, by=me().staff_id, now=moment()),
        _("Възлагането е прекратено; записаните оценки и отсъствия остават."),
    )
    return redirect(url_for("setup.teaching", year=request.args.get("year")))
