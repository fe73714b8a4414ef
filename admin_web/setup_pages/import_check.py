"""The page of what is wrong with a file, grouped and to be put right in place, and of what it would do."""

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web.audience import LEADERS, open_to
from admin_web.database import reading, writing
from admin_web.people import me, moment, my_school
from admin_web.setup_pages.blueprint import setup_pages
from admin_web.setup_pages.import_grades import grades_page, grades_plan
from admin_web.setup_pages.import_problems import cell_name, notices_of, problems_page
from admin_web.setup_pages.waiting_file import waiting_now
from admin_web.translations import told
from errors import InputError
from school import roster
from school.roster import Change, desk, questions, uploads
from school.roster.desk import MixedError, Waiting
from school.roster.plans import Preview
from school.roster.questions import Group
from school.years import calendar

MOST_SHOWN = 100
"""People of a preview on one page."""


@setup_pages.get("/import/check")
@open_to(*LEADERS)
def check() -> ResponseReturnValue:
    """All problems as few lines, or what would happen."""
    today = calendar.today(moment())
    try:
        waiting = waiting_now(today)
        if not waiting.is_settled:
            return redirect(url_for("setup.columns"))
        if waiting.is_of_grades:
            with reading() as session:
                return grades_page(waiting, grades_plan(session, waiting))
        read = waiting.roster(today)
        with reading() as session:
            found = roster.prepare(session, my_school(), read, today, waiting.options).preview
    except InputError as error:
        flash(told(error), "error")
        return redirect(url_for("setup.columns" if isinstance(error, MixedError) else "setup.importing"))
    if found.problems:
        good = len(read.students) + len({one.email for one in read.staff})
        return problems_page(waiting, found.problems, good, found)
    return _preview(waiting, found)


@setup_pages.post("/import/check")
@open_to(*LEADERS)
def answer_problems() -> ResponseReturnValue:
    """Keep the corrections, and what is knowingly left out."""
    today = calendar.today(moment())
    try:
        waiting = waiting_now(today)
        if request.form.get("stamp") != waiting.upload.stamp:
            raise InputError(uploads.GONE)
        read = None if waiting.is_of_grades else waiting.roster(today)
        with reading() as session:
            if read is None:
                problems = tuple(grades_plan(session, waiting).problems)
            else:
                problems = roster.prepare(session, my_school(), read, today).preview.problems
        groups = questions.groups(problems)
        answers = desk.answer_problems(waiting.upload.answers, groups, _decided(groups), _written(groups))
        with writing() as session:
            uploads.answer(session, my_school(), me().staff_id, waiting.upload, answers)
    except InputError as error:
        flash(told(error), "error")
        return redirect(url_for("setup.importing"))
    return redirect(url_for("setup.check"))


def _decided(groups: tuple[Group, ...]) -> dict[str, str]:
    return {one.key: request.form.get(f"do-{one.key}", "") for one in groups}


def _written(groups: tuple[Group, ...]) -> Mapping[str, str]:
    """What was written into fields, by group or by cell."""
    found = {one.key: request.form.get(f"all-{one.key}", "") for one in groups if one.is_one_answer}
    for group in groups:
        for one in group.problems:
            if (said := request.form.get(f"cell-{cell_name(one)}")) is not None:
                found[desk.cell_key(one)] = said
    return found


def _preview(waiting: Waiting, found: Preview) -> ResponseReturnValue:
    shown = [one for one in found.entries if one.change is not Change.UNCHANGED]
    return render_template(
        "setup/preview.html",
        preview=found,
        shown=shown,
        most=MOST_SHOWN,
        file_name=waiting.upload.file_name,
        options=waiting.options,
        changes=Change,
        notices=notices_of(found),
        left_out=len(waiting.upload.answers.left_out),
        has_columns=bool(waiting.shapes),
    )
