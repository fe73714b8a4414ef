"""A list of the new year's students, held against what was decided: who is missing, who is new, who is elsewhere."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from admin_web.actions import done
from admin_web.audience import LEADERS, open_to
from admin_web.database import reading
from admin_web.numbers import row_id
from admin_web.people import me, moment, my_school
from admin_web.rollover_pages.blueprint import is_open, planned, rollover_pages, turn_now
from admin_web.translations import _, reader, told
from errors import InputError
from school import rollover, roster
from school.rollover import ListedStudent, drafts
from school.wording.translation import gettext
from school.years import calendar

MOST_SHOWN = 250
"""Students named on one page, of all groups together."""


@rollover_pages.get("/list")
@open_to(*LEADERS)
def list_form() -> ResponseReturnValue:
    """The form for the list."""
    with reading() as session:
        if not is_open(drafts.turn(session, my_school())):
            return redirect(url_for("rollover.overview"))
    return _form_page()


@rollover_pages.post("/list")
@open_to(*LEADERS)
def check_list() -> ResponseReturnValue:
    """What differs; each difference can be taken over into the decisions. Nothing is written, and no file is kept."""
    upload = request.files.get("file")
    data, file_name = (upload.read(), upload.filename or "") if upload else (b"", "")
    try:
        read = roster.read(data, file_name, calendar.today(moment()))
        with reading() as session:
            of = turn_now(session)
            _wished, plan = planned(session, of)
            check = None if read.problems else rollover.check_list(session, my_school(), plan, _rows(read))
    except InputError as error:
        flash(told(error), "error")
        return _form_page(422)
    if check is None:
        return render_template(
            "rollover/problems.html",
            problems=read.problems[:MOST_SHOWN],
            told=lambda one: gettext(reader(), one.sentence, **dict(one.values)),
        ), 422
    return render_template(
        "rollover/checked.html", check=check, file_name=file_name, listed=len(read.students), most=MOST_SHOWN // 3
    )


@rollover_pages.post("/list/apply")
@open_to(*LEADERS)
def apply() -> ResponseReturnValue:
    """Take the ticked differences over: who is missing leaves, who is elsewhere goes there."""
    decisions = dict.fromkeys(request.form.getlist("leaves", type=row_id), drafts.LEAVES)
    for pair in request.form.getlist("placed"):
        number, _dash, name = pair.partition("-")
        if number.isascii() and number.isdecimal() and len(number) < 10:
            decisions[int(number)] = name

    def act(session: Session) -> None:
        turn_now(session)
        drafts.decide(session, my_school(), decisions, by=me().staff_id, now=moment())
        planned(session, turn_now(session))

    if not done(act, _("Решенията са записани.")):
        return redirect(url_for("rollover.list_form"))
    return redirect(url_for("rollover.overview"))


def _rows(read: roster.Roster) -> list[ListedStudent]:
    return [
        ListedStudent(
            one.place.row,
            one.national_id,
            f"{one.first_name} {one.last_name}",
            "{}{}".format(*one.class_name),
        )
        for one in read.students
    ]


def _form_page(status: int = 200) -> ResponseReturnValue:
    return render_template("rollover/list.html", largest=roster.LARGEST_FILE >> 20), status
