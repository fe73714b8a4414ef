"""Grades of an earlier diary: what their columns are, what would be taken over, and taking it back."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from admin_web.audience import LEADERS, open_to
from admin_web.database import reading, writing
from admin_web.people import acting, me, moment, my_school
from admin_web.setup_pages.blueprint import setup_pages
from admin_web.setup_pages.import_problems import problems_page
from admin_web.setup_pages.waiting_file import waiting_now
from admin_web.translations import ngettext, told
from db.kinds import GradeKind
from errors import ForbiddenError, InputError, MissingError
from school.roster import grade_plan, grade_taking, remembering, uploads
from school.roster.answers import GradeColumn
from school.roster.columns import Kind
from school.roster.desk import Waiting
from school.roster.grade_plan import GradePlan
from school.roster.looking import Shape
from school.years import calendar

MOST_LINES = 200


def grade_columns(session: Session, waiting: Waiting) -> dict[str, Any]:
    """What the page of the columns asks about grades: the school's classes and subjects, and what is known already."""
    shapes = [(number, one) for number, one in enumerate(waiting.shapes) if one.kind is Kind.GRADES]
    if not shapes:
        return {}
    today = calendar.today(moment())
    facts = grade_plan.school_facts(session, my_school(), today)
    return {
        "subjects": [name for _id, name in sorted(facts.subjects.values(), key=lambda one: one[1])],
        "classes": [facts.class_names[id_] for _name, id_ in sorted(facts.classes.items())],
        "kinds": tuple(GradeKind),
        "today": today,
        "year_before": today - timedelta(days=366),
        "known": {number: grade_plan.columns_of(shape, shape.sheets[0], facts, today) for number, shape in shapes},
        "class_of": {number: grade_plan.class_of(shape, shape.sheets[0]) for number, shape in shapes},
    }


def grades_of_form(number: int, shape: Shape) -> tuple[str, Mapping[int, GradeColumn]]:
    """What the page said of a sheet of grades: its class, and what each column holds."""
    grades = {}
    for index in (-1, *(one.index for one in shape.guess.columns)):
        said = GradeColumn(
            *(
                request.form.get(f"s{number}-g{index}-{name}", "").strip()[:80]
                for name in ("subject", "kind", "on", "term")
            )
        )
        if said != GradeColumn():
            grades[index] = said
    return request.form.get(f"s{number}-class", "").strip()[:20], grades


def grades_plan(session: Session, waiting: Waiting) -> GradePlan:
    """What taking the sheets over would do."""
    return grade_plan.plan_grades(session, acting(), waiting.shapes, waiting.upload.answers, moment())


def grades_page(waiting: Waiting, plan: GradePlan) -> ResponseReturnValue:
    """The problems, or what would be taken over."""
    if plan.problems:
        return problems_page(waiting, tuple(plan.problems), 0)
    return render_template(
        "setup/grades.html", plan=plan, most=MOST_LINES, file_name=waiting.upload.file_name, kinds=tuple(GradeKind)
    )


@setup_pages.post("/import/grades/take-over")
@open_to(*LEADERS)
def take_over_grades() -> ResponseReturnValue:
    """Record what was shown; parents are told nothing of it."""
    try:
        waiting = waiting_now(calendar.today(moment()))
        with writing() as session:
            uploads.take(session, my_school(), me().staff_id, waiting.upload)
            count = grade_taking.take_over(
                session,
                acting(),
                waiting.shapes,
                waiting.upload.answers,
                file_name=waiting.upload.file_name,
                shown=request.form.get("shown", ""),
                now=moment(),
            )
            remembering.remember(session, my_school(), waiting.shapes, moment())
    except InputError as error:
        flash(told(error), "error")
        return redirect(url_for("setup.importing"))
    flash(ngettext("Внесена е %(num)s оценка.", "Внесени са %(num)s оценки.", count), "done")
    return redirect(url_for("setup.taken_over"))


@setup_pages.get("/import/grades")
@open_to(*LEADERS)
def taken_over() -> ResponseReturnValue:
    """The school's imports of grades, which can be taken back."""
    with reading() as session:
        listed = grade_taking.taken_over(session, my_school())
    return render_template("setup/taken_over.html", listed=listed)


@setup_pages.post("/import/grades/<int:import_id>/take-back")
@open_to(*LEADERS)
def take_back_grades(import_id: int) -> ResponseReturnValue:
    """Remove the grades of an import that nobody has corrected since."""
    try:
        with writing() as session:
            gone, stay = grade_taking.take_back(session, acting(), import_id, now=moment())
    except (ForbiddenError, MissingError):
        raise  # a page of its own
    except InputError as error:
        flash(told(error), "error")
        return redirect(url_for("setup.taken_over"))
    flash(ngettext("Махната е %(num)s оценка.", "Махнати са %(num)s оценки.", gone), "done")
    if stay:
        flash(
            ngettext("%(num)s оценка е поправяна след внасянето и остава.",
                     "%(num)s оценки са поправяни след внасянето и остават.", stay), "done",
        )  # fmt: skip
    return redirect(url_for("setup.taken_over"))
