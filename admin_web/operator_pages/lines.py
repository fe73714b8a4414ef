"""What schools use of our lines, their budgets, and campaigns that the brake stopped: for the platform's operator."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

import settings
from admin_web.actions import done
from admin_web.audience import open_to
from admin_web.database import reading
from admin_web.people import me, moment
from admin_web.translations import _, _l
from db.kinds import Role
from errors import InputError
from school import lines
from school.campaigns import stops
from school.lines import Budget

line_pages = Blueprint("lines", __name__, url_prefix="/platform/lines")

USED = {"calls": _l("обаждания"), "minutes": _l("минути"), "sms_parts": _l("части SMS")}
_LONGEST = 9
"""Digits of a figure."""


@line_pages.get("/")
@open_to(Role.PLATFORM_OPERATOR)
def today() -> ResponseReturnValue:
    """Today of every school, and what stands still."""
    with reading() as session:
        return render_template(
            "operator/lines.html",
            stops=lines.open_stops(session),
            schools=lines.days(session, moment()),
            share=settings.current().campaign_share,
            used=USED,
        )


_DECISIONS: dict[str, tuple[Callable[..., Any], Any]] = {
    "release": (stops.release, _l("Кампаниите продължават.")),
    "confirm": (stops.confirm, _l("Спрените кампании са прекратени.")),
}


@line_pages.post("/stops/<int:stop_id>")
@open_to(Role.PLATFORM_OPERATOR)
def decide(stop_id: int) -> ResponseReturnValue:
    """Let stopped campaigns go on, or end them."""
    act, words = _DECISIONS.get(request.form.get("do", "")) or abort(404)
    if FlaskForm().validate_on_submit():
        done(lambda session: act(session, stop_id, by=me().staff_id, now=moment()), str(words))
    return redirect(url_for("lines.today"))


@line_pages.post("/budgets/<int:school_id>")
@open_to(Role.PLATFORM_OPERATOR)
def budget(school_id: int) -> ResponseReturnValue:
    """A school's own figures; an empty one is the platform's."""
    if FlaskForm().validate_on_submit():
        now, by = moment(), me().staff_id
        done(lambda session: _change(session, school_id, by, now), _("Записано."))
    return redirect(url_for("lines.today"))


def _change(session: Session, school_id: int, by: int, now: datetime) -> None:
    stops.change_budget(session, school_id, Budget(*(_number(name) for name in USED)), by=by, now=now)


def _number(name: str) -> int | None:
    written = request.form.get(name, "").strip()
    if not written:
        return None
    if not (written.isascii() and written.isdecimal() and len(written) <= _LONGEST):
        raise InputError("A day's budget is a whole number from 1 to {most}.", most=lines.MOST)
    return int(written)
