"""Where a person lands after signing in."""

from flask import Blueprint, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from admin_web.audience import Audience, open_to
from admin_web.database import reading
from admin_web.menu import menu
from admin_web.people import acting, me, moment
from admin_web.translations import COOKIE_KEY, LANGUAGES
from db.kinds import Role, SubscriptionStatus
from school import setup
from school.classbook import school_events
from school.subscriptions import requests
from school.timetable.day import lessons_on
from school.years import calendar

home_pages = Blueprint("home", __name__)


UPCOMING = 3


@home_pages.get("/")
@open_to(Audience.SIGNED_IN)
def start() -> ResponseReturnValue:
    """What is on today, what waits for the person, and what they may do here."""
    entries = [entry for entry in menu() if entry.endpoint != "home.start"]
    who = me()
    if who.school_id is None:
        return render_template("home.html", entries=entries)
    on = calendar.today(moment())
    with reading() as db:
        return render_template(
            "home.html",
            entries=entries,
            on=on,
            lessons=lessons_on(db, who.school_id, who.staff_id, on) if Role.TEACHER in who.roles else (),
            school_events=school_events.listed(db, acting(), moment())[:UPCOMING],
            waiting=list(requests.listed(db, status=[SubscriptionStatus.WAITING], by=acting())),
            progress=setup.progress(db, who.school_id, on) if who.leads else None,
        )


@home_pages.get("/language/<language>")
@open_to(Audience.ANYONE)
def choose_language(language: str) -> ResponseReturnValue:
    """Keep the language for this browser."""
    if language in LANGUAGES:
        session[COOKIE_KEY] = language
    return redirect(url_for("accounts.profile" if request.args.get("next") == "profile" else "home.start"))


@home_pages.get("/favicon.ico")
@open_to(Audience.ANYONE)
def icon() -> ResponseReturnValue:
    """The icon that browsers ask for by themselves."""
    return current_app.send_static_file("icon.svg")
