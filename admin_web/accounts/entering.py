"""What the ways of signing in have in common: the cookies, the page that follows, and the words of a refusal."""

import math
from urllib.parse import urlsplit

from flask import current_app, redirect, request, session, url_for
from flask_login import login_user
from werkzeug.wrappers import Response

from admin_web.people import load, moment
from admin_web.translations import _, ngettext
from school.accounts import Refusal, devices
from settings import Settings


def begin(token: str, may_choose: bool) -> Response:
    """Let this browser act by a new session; who works at several schools is asked at which of them."""
    person = load(token)
    wanted = wanted_page()
    session.clear()  # nothing of who sat here before
    session.permanent = True
    login_user(person)
    return redirect(url_for("schools.choose", next=wanted) if may_choose else wanted)


def known_from_now(answer: Response, cookie: str) -> Response:
    """Have the browser keep that it is a known device; only signing in asks for that."""
    config: Settings = current_app.config["ESCHOOL"]
    answer.set_cookie(
        devices.COOKIE,
        cookie,
        max_age=devices.LASTS_DAYS * 24 * 3600,
        path="/",
        secure=config.web_https,
        httponly=True,
        samesite="Lax",
    )
    return answer


def wanted_page() -> str:
    """The page the person was on the way to; never one of another site."""
    wanted = request.args.get("next", "")
    parts = urlsplit(wanted)
    is_ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not (parts.scheme or parts.netloc)
    return wanted if is_ours else url_for("home.start")


def refused(refusal: Refusal) -> str:
    if refusal.locked_until is None:
        return _("Имейлът, паролата или кодът са грешни.")
    minutes = max(1, math.ceil((refusal.locked_until - moment()).total_seconds() / 60))
    return ngettext(
        "Твърде много грешни опити: опитайте отново след %(num)s минута.",
        "Твърде много грешни опити: опитайте отново след %(num)s минути.",
        minutes,
    )
