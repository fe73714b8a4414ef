"""Where a person lands after signing in."""

from flask import Blueprint, current_app, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from admin_web.audience import Audience, open_to
from admin_web.menu import menu
from admin_web.translations import COOKIE_KEY, LANGUAGES

home_pages = Blueprint("home", __name__)


@home_pages.get("/")
@open_to(Audience.SIGNED_IN)
def start() -> ResponseReturnValue:
    """What the person may do here."""
    return render_template("home.html", entries=[entry for entry in menu() if entry.endpoint != "home.start"])


@home_pages.get("/language/<language>")
@open_to(Audience.ANYONE)
def choose_language(language: str) -> ResponseReturnValue:
    """Keep the language for this browser."""
    if language in LANGUAGES:
        session[COOKIE_KEY] = language
    return redirect(url_for("home.start"))


@home_pages.get("/favicon.ico")
@open_to(Audience.ANYONE)
def icon() -> ResponseReturnValue:
    """The icon that browsers ask for by themselves."""
    return current_app.send_static_file("icon.svg")
