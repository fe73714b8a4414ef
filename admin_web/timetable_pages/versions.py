"""The versions of the timetable: made, copied, looked at for conflicts, put in use."""

import re

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from admin_web.actions import done
from admin_web.audience import LEADERS, open_to
from admin_web.database import reading
from admin_web.form_dates import date_field, needed_date
from admin_web.numbers import row_id
from admin_web.people import me, moment, my_school
from admin_web.timetable_pages.blueprint import WEEKDAYS, WEEKS, timetable_pages
from admin_web.translations import _, ngettext
from school.timetable import bells, days, known, publishing, versions
from school.timetable.versions import Plan
from school.timetable.weeks import WEEKDAYS as NUMBERS
from school.years import calendar

MOST_CONFLICTS = 60
"""Of a timetable on its page: who has more begins with these."""


@timetable_pages.get("/")
@open_to(*LEADERS)
def overview() -> ResponseReturnValue:
    """All versions, and what belongs to the timetable besides."""
    with reading() as session:
        rows = versions.versions(session, my_school())
        schedules = bells.schedules(session, my_school())
        followed = days.listed(session, my_school())
    return render_template(
        "timetable/overview.html",
        versions=rows,
        schedules=schedules,
        days=followed,
        weekdays=WEEKDAYS,
        weeks=WEEKS,
        today=calendar.today(moment()),
        current=versions.in_force(rows, calendar.today(moment())),
    )


@timetable_pages.post("/new")
@open_to(*LEADERS)
def make() -> ResponseReturnValue:
    """A draft, empty or a copy."""
    made: list[int] = []

    def act(session: Session) -> None:
        copy_of = request.form.get("copy_of", type=row_id)
        made.append(
            versions.create(session, my_school(), _plan(), copy_of=copy_of or None, by=me().staff_id, now=moment())
        )

    if done(act, _("Черновата е създадена. Никой не работи по нея, докато не я въведете в сила.")):
        return redirect(url_for("timetable.version", timetable_id=made[0]))
    return redirect(url_for("timetable.overview"))


@timetable_pages.get("/<int:timetable_id>")
@open_to(*LEADERS)
def version(timetable_id: int) -> ResponseReturnValue:
    """One version: its classes, what stands in its way, and the button that puts it in use."""
    with reading() as session:
        found = versions.version(session, my_school(), timetable_id)
        facts = known.classes_of(session, my_school(), found.school_year_id)
        counts = known.lessons_by_class(session, my_school(), timetable_id)
        conflicts = publishing.conflicts_of(session, my_school(), timetable_id)
        missing = () if found.is_published else publishing.missing_assignments(session, my_school(), timetable_id)
        schedules = bells.schedules(session, my_school())
        followed = bells.followed(session, my_school(), timetable_id)
    return render_template(
        "timetable/version.html",
        version=found,
        classes=facts,
        counts=counts,
        open=[one for one in conflicts if not one.conflict.is_known],
        known=[one for one in conflicts if one.conflict.is_known],
        missing=missing,
        schedules=schedules,
        followed=followed,
        weekdays=WEEKDAYS,
        most=MOST_CONFLICTS,
        today=calendar.today(moment()),
    )


@timetable_pages.post("/<int:timetable_id>/change")
@open_to(*LEADERS)
def change(timetable_id: int) -> ResponseReturnValue:
    """Other dates, another title."""
    done(
        lambda session: versions.change(session, my_school(), timetable_id, _plan(), by=me().staff_id, now=moment()),
        _("Промените са записани."),
    )
    return _back(timetable_id)


@timetable_pages.post("/<int:timetable_id>/bells")
@open_to(*LEADERS)
def choose_bells(timetable_id: int) -> ResponseReturnValue:
    """Which bells each class follows."""
    wanted = {
        int(field[1]): request.form.get(name, type=row_id)
        for name in request.form
        if (field := re.fullmatch(r"bells_(\d{1,9})", name))
    }
    done(
        lambda session: bells.follow(session, my_school(), timetable_id, wanted, by=me().staff_id, now=moment()),
        _("Звънците на паралелките са записани."),
    )
    return _back(timetable_id)


@timetable_pages.post("/<int:timetable_id>/known")
@open_to(*LEADERS)
def know(timetable_id: int) -> ResponseReturnValue:
    """The school knows of an overlap."""
    lessons = request.form.getlist("pair", type=row_id)
    done(
        lambda session: publishing.know(session, my_school(), timetable_id, lessons, by=me().staff_id, now=moment()),
        _("Отбелязано: училището знае за това."),
    )
    return _back(timetable_id)


@timetable_pages.post("/<int:timetable_id>/publish")
@open_to(*LEADERS)
def publish(timetable_id: int) -> ResponseReturnValue:
    """From its first day everybody's lessons are as it has them."""
    assigned: list[int] = []

    def act(session: Session) -> None:
        assign = "assign" in request.form
        assigned.append(
            publishing.publish(session, my_school(), timetable_id, assign=assign, by=me().staff_id, now=moment())
        )

    if done(act, _("Разписанието е въведено в сила.")) and assigned[0]:
        flash(ngettext("Добавено е %(num)s възлагане.", "Добавени са %(num)s възлагания.", assigned[0]), "done")
    return _back(timetable_id)


@timetable_pages.post("/<int:timetable_id>/withdraw")
@open_to(*LEADERS)
def withdraw(timetable_id: int) -> ResponseReturnValue:
    """Make a draft of what has not begun yet."""
    done(
        lambda session: versions.withdraw(session, my_school(), timetable_id, by=me().staff_id, now=moment()),
        _("Разписанието отново е чернова."),
    )
    return _back(timetable_id)


@timetable_pages.post("/<int:timetable_id>/remove")
@open_to(*LEADERS)
def remove(timetable_id: int) -> ResponseReturnValue:
    """Throw a draft away."""
    if done(
        lambda session: versions.remove(session, my_school(), timetable_id, by=me().staff_id, now=moment()),
        _("Черновата е изтрита."),
    ):
        return redirect(url_for("timetable.overview"))
    return _back(timetable_id)


@timetable_pages.post("/days")
@open_to(*LEADERS)
def follow_day() -> ResponseReturnValue:
    """A date has another weekday's lessons."""

    def act(session: Session) -> None:
        weekday, week = request.form.get("weekday", type=row_id), request.form.get("week", type=row_id)
        weekday = weekday if weekday in NUMBERS else None
        days.follow(session, my_school(), needed_date("on"), weekday, week or None, by=me().staff_id, now=moment())

    done(act, _("Денят е записан."))
    return redirect(url_for("timetable.overview"))


def _plan() -> Plan:
    has_weeks = "two_weeks" in request.form
    starts_on = needed_date("starts_on")
    return Plan(
        request.form.get("title", ""),
        starts_on,
        date_field("ends_on"),
        (date_field("week_a_on") or starts_on) if has_weeks else None,
    )


def _back(timetable_id: int) -> ResponseReturnValue:
    return redirect(url_for("timetable.version", timetable_id=timetable_id))
