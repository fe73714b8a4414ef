"""Bell schedules: shifts and shortened lessons."""

from datetime import time

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from admin_web.actions import done
from admin_web.audience import LEADERS, open_to
from admin_web.database import reading
from admin_web.people import me, moment, my_school
from admin_web.timetable_pages.blueprint import hour, timetable_pages
from admin_web.translations import _
from db.kinds import FIRST_LESSON, LAST_LESSON
from school.timetable import bells

NUMBERS = range(FIRST_LESSON, LAST_LESSON + 1)


@timetable_pages.get("/bells")
@open_to(*LEADERS)
def new_bells() -> ResponseReturnValue:
    """The form of a new one."""
    return render_template("timetable/bells.html", schedule=None, numbers=NUMBERS)


@timetable_pages.post("/bells")
@open_to(*LEADERS)
def make_bells() -> ResponseReturnValue:
    """Make one."""
    return _save(None)


@timetable_pages.get("/bells/<int:bell_schedule_id>")
@open_to(*LEADERS)
def one_schedule(bell_schedule_id: int) -> ResponseReturnValue:
    """One that is there."""
    with reading() as session:
        found = [one for one in bells.schedules(session, my_school()) if one.id == bell_schedule_id]
    if not found:
        abort(404)
    return render_template("timetable/bells.html", schedule=found[0], numbers=NUMBERS)


@timetable_pages.post("/bells/<int:bell_schedule_id>")
@open_to(*LEADERS)
def change_bells(bell_schedule_id: int) -> ResponseReturnValue:
    """Other hours."""
    return _save(bell_schedule_id)


@timetable_pages.post("/bells/<int:bell_schedule_id>/remove")
@open_to(*LEADERS)
def remove_bells(bell_schedule_id: int) -> ResponseReturnValue:
    """One that no class follows goes."""
    done(
        lambda session: bells.remove(session, my_school(), bell_schedule_id, by=me().staff_id, now=moment()),
        _("Звънците са премахнати."),
    )
    return redirect(url_for("timetable.overview"))


def _save(schedule_id: int | None) -> ResponseReturnValue:
    def act(session: Session) -> None:
        name = request.form.get("name", "")
        bells.save(session, my_school(), schedule_id, name, _hours(), by=me().staff_id, now=moment())

    if done(act, _("Звънците са записани.")):
        return redirect(url_for("timetable.overview"))
    return redirect(
        url_for("timetable.new_bells")
        if schedule_id is None
        else url_for("timetable.one_schedule", bell_schedule_id=schedule_id)
    )


def _hours() -> dict[int, tuple[time, time]]:
    """The hours that were filled in; half an answer is a wrong one."""
    found = {}
    for number in NUMBERS:
        begins, ends = request.form.get(f"from{number}", ""), request.form.get(f"to{number}", "")
        if begins.strip() or ends.strip():
            found[number] = hour(begins), hour(ends)
    return found
