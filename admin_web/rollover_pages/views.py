"""The way to the next year: where it stands, what becomes of a class, the preview, and carrying it out."""

import re

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from admin_web.actions import done
from admin_web.audience import LEADERS, open_to
from admin_web.database import reading, writing
from admin_web.form_dates import date_field
from admin_web.numbers import row_id
from admin_web.people import me, moment, my_school
from admin_web.rollover_pages.blueprint import is_open, planned, rollover_pages, turn_now
from admin_web.translations import _, told
from errors import ForbiddenError, InputError, MissingError
from school import rollover, setup
from school.rollover import Fate, RolloverPlan, Wishes, drafts

LEVELS = range(1, 13)


@rollover_pages.get("/")
@open_to(*LEADERS)
def overview() -> ResponseReturnValue:
    """The steps while the next year is prepared; afterwards what was done, what is to be confirmed, and undoing it."""
    with reading() as session:
        of = drafts.turn(session, my_school())
        if of is None:
            return render_template("rollover/none.html", opens_on=None)
        if not is_open(of):
            state = rollover.state(session, my_school())
            if state is None or state.year.id != of.from_year.id:
                return render_template("rollover/none.html", opens_on=of.opens_on)
            open_ = rollover.unconfirmed(session, my_school(), state.year.id)
            return render_template("rollover/done.html", state=state, open=open_, opens_on=of.opens_on)
        try:
            wished, plan = planned(session, of)
            classes = setup.classes(session, my_school(), of.from_year.id)
        except InputError as error:
            return render_template("rollover/none.html", opens_on=None, words=told(error))
    return render_template(
        "rollover/overview.html", of=of, wishes=wished, plan=plan, fates=Fate, levels=LEVELS,
        classes=[one for one in classes if one.students], counts=_by_class(plan),
    )  # fmt: skip


@rollover_pages.post("/settings")
@open_to(*LEADERS)
def settle() -> ResponseReturnValue:
    """After which levels students leave, and their last day."""
    levels = request.form.getlist("finishing", type=row_id)

    def act(session: Session) -> None:
        turn_now(session)
        last = date_field("farewell_on")
        drafts.settle(session, my_school(), finishing=levels, farewell_on=last, by=me().staff_id, now=moment())
        planned(session, turn_now(session))  # raises what is wrong with it, and then nothing is kept

    done(act, _("Записано."))
    return redirect(url_for("rollover.overview"))


@rollover_pages.route("/classes/<int:class_id>", methods=["GET", "POST"])
@open_to(*LEADERS)
def one_class(class_id: int) -> ResponseReturnValue:
    """What becomes of each student of a class."""
    with reading() as session:
        of = drafts.turn(session, my_school()) or abort(404)
        classes = setup.classes(session, my_school(), of.from_year.id)
        shown = next((one for one in classes if one.id == class_id), None) or abort(404)
        if not is_open(of):
            return redirect(url_for("rollover.overview"))
        wished, plan = planned(session, of)
    name = shown.name
    students = [one for one in plan.students if one.from_class == name]
    if request.method == "POST":
        decisions = {
            one.student_id: request.form[field].strip()
            for one in students
            if (field := f"student_{one.student_id}") in request.form
        }
        whole = request.form.get("whole", "").strip()
        if whole:
            decisions |= {id_: whole for id_, what in decisions.items() if what == drafts.STAYS}

        def act(session: Session) -> None:
            drafts.decide(session, my_school(), decisions, by=me().staff_id, now=moment())
            planned(session, turn_now(session))

        if done(act, _("Решенията за %(name)s са записани.", name=name)):
            return redirect(url_for("rollover.overview"))
    usual = None if shown.level in {*wished.finishing, LEVELS[-1]} else f"{shown.level + 1}{shown.letter}"
    letters = {one.letter for one in classes if one.level in (shown.level, shown.level + 1)}
    others = [f"{shown.level + 1}{letter}" for letter in sorted(letters)] if shown.level < LEVELS[-1] else []
    return render_template(
        "rollover/class.html",
        name=name,
        students=students,
        chosen={one.student_id: _decided(wished, one.student_id) for one in students} | _typed(),
        usual=usual,
        others=[one for one in others if one != usual],
        again=[f"{shown.level}{one.letter}" for one in classes if one.level == shown.level and one.id != class_id],
    )


@rollover_pages.get("/preview")
@open_to(*LEADERS)
def preview() -> ResponseReturnValue:
    """Everything that would happen, in numbers and by name where it is not the usual."""
    with reading() as session:
        of = drafts.turn(session, my_school())
        if not is_open(of):
            return redirect(url_for("rollover.overview"))
        _wished, plan = planned(session, of)
    return render_template(
        "rollover/preview.html", of=of, plan=plan, fates=Fate, unusual=_unusual(plan), most=MOST_SHOWN
    )


@rollover_pages.post("/carry-out")
@open_to(*LEADERS)
def carry_out() -> ResponseReturnValue:
    """Do what the preview showed, all or nothing."""
    try:
        with writing() as session:
            of = turn_now(session)
            wished = drafts.wishes(session, my_school(), of)
            rollover.carry_out(
                session, my_school(), wished, by=me().staff_id, now=moment(), seen=request.form.get("seen", "")
            )
    except (ForbiddenError, MissingError):
        raise
    except InputError as error:
        flash(told(error), "error")
        return redirect(url_for("rollover.preview"))
    flash(_("Училището премина към %(year)s.", year=f"{of.start}/{of.start + 1}"), "done")
    return redirect(url_for("rollover.overview"))


MOST_SHOWN = 250
"""Students named on one page."""


def _decided(wished: Wishes, student_id: int) -> str:
    if student_id in wished.repeaters:
        return drafts.REPEATS
    return drafts.LEAVES if student_id in wished.leavers else wished.placed.get(student_id, drafts.STAYS)


def _typed() -> dict[int, str]:
    """What was chosen in a form that is shown again."""
    return {
        int(name.removeprefix("student_")): value
        for name, value in request.form.items()
        if re.fullmatch(r"student_\d{1,9}", name)
    }


def _by_class(plan: RolloverPlan) -> dict[str, dict[Fate, int]]:
    """How many students of each class of the year that ends have each fate."""
    found: dict[str, dict[Fate, int]] = {}
    for one in plan.students:
        counts = found.setdefault(one.from_class, dict.fromkeys(Fate, 0))
        counts[one.fate] += 1
    return found


def _unusual(plan: RolloverPlan) -> list[rollover.StudentStep]:
    """Who does not go up with their class, nor finish with it."""
    moves = {one.from_class: one.name for one in plan.classes if one.from_class}
    return [
        one
        for one in plan.students
        if one.fate in (Fate.REPEATS, Fate.LEAVES)
        or (one.fate is Fate.PROMOTED and one.to_class != moves.get(one.from_class))
    ]
