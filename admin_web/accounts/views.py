"""Signing in and out, the person's own page, and setting a password by a one-time link."""

import math
from urllib.parse import urlsplit

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from admin_web.accounts.factor_pages import party
from admin_web.accounts.forms import (
    ForgottenForm,
    OwnPasswordForm,
    PasswordForm,
    SignInForm,
)
from admin_web.audience import Audience, open_to
from admin_web.database import reading, writing
from admin_web.even_time import even_time
from admin_web.hardening import asker, limiter
from admin_web.people import load, me, moment
from admin_web.translations import _, ngettext, reader, told
from errors import InputError
from school import accounts
from school.accounts import NeedsCode, Refusal, devices
from school.security.crypto import vault
from settings import Settings

accounts_pages = Blueprint("accounts", __name__)


def _known_device_or_address() -> str:
    """Whose flood it is: others at the same address do not use up what a known device has."""
    if cookie := request.cookies.get(devices.COOKIE):
        with reading() as db:
            nonce = devices.nonce_of(vault(db), request.form.get("email", "").strip().lower(), cookie)
        if nonce is not None:
            return f"device {nonce}"
    return asker()


@accounts_pages.route("/sign-in", methods=["GET", "POST"])
@open_to(Audience.ANYONE)
@limiter.limit("30 per minute", key_func=_known_device_or_address, methods=["POST"])
def sign_in() -> ResponseReturnValue:
    """The sign-in page."""
    if current_user.is_authenticated:
        return redirect(_wanted_page())
    form = SignInForm()
    needs_code = False
    if form.validate_on_submit():
        with writing() as db:
            answer = accounts.sign_in(
                db,
                form.email.data,
                form.password.data,
                code=form.code.data or None,
                address=request.remote_addr or "",
                device=request.user_agent.string or _("непознат браузър"),
                devices=request.cookies.get(devices.COOKIE, ""),
                now=moment(),
            )
        if isinstance(answer, NeedsCode):
            needs_code = True
        elif isinstance(answer, Refusal):
            flash(_refused(answer), "error")
        else:
            person = load(answer.token)
            session.clear()  # nothing of who sat here before
            session.permanent = True
            login_user(person)
            return _known_from_now(redirect(_wanted_page()), answer.devices)
    page = render_template("accounts/sign_in.html", form=form, needs_code=needs_code, passkeys_work=party() is not None)
    return page, 200


@accounts_pages.post("/sign-out")
@open_to(Audience.SIGNED_IN, without_second_factor=True)
def sign_out() -> ResponseReturnValue:
    """End this session."""
    with writing() as db:
        accounts.end_session(db, me().staff_id, me().session_id, moment())
    logout_user()
    session.clear()
    return redirect(url_for("accounts.sign_in"))


@accounts_pages.get("/profile")
@open_to(Audience.SIGNED_IN)
def profile() -> ResponseReturnValue:
    """The person's roles, open sessions and second factor."""
    with reading() as db:
        rows = accounts.sessions_of(db, me().staff_id, moment())
        has_second_factor = accounts.has_second_factor(db, me().staff_id)
        passkeys = accounts.passkeys_of(db, me().staff_id)
        codes_left = accounts.codes_left(db, me().staff_id)
    return render_template(
        "accounts/profile.html", who=me(), sessions=rows, has_second_factor=has_second_factor, passkeys=passkeys,
        codes_left=codes_left, passkeys_work=party() is not None,
    )  # fmt: skip


@accounts_pages.post("/profile/sessions/<int:session_id>/end")
@open_to(Audience.SIGNED_IN)
def end_session(session_id: int) -> ResponseReturnValue:
    """End one of the person's own sessions."""
    try:
        with writing() as db:
            accounts.end_session(db, me().staff_id, session_id, moment())
    except InputError:
        abort(404)
    flash(_("Сесията е прекратена."), "done")
    return redirect(url_for("accounts.profile"))


@accounts_pages.post("/profile/sessions/end-others")
@open_to(Audience.SIGNED_IN)
def end_others() -> ResponseReturnValue:
    """End all of the person's sessions but this one."""
    with writing() as db:
        accounts.end_sessions(db, me().staff_id, moment(), but=me().session_id)
    flash(_("Всички други сесии са прекратени."), "done")
    return redirect(url_for("accounts.profile"))


@accounts_pages.route("/profile/password", methods=["GET", "POST"])
@open_to(Audience.SIGNED_IN)
@limiter.limit("20 per minute", methods=["POST"])
def own_password() -> ResponseReturnValue:
    """Change one's own password."""
    form = OwnPasswordForm()
    if form.validate_on_submit():
        try:
            with writing() as db:
                changed = accounts.change_password(db, me(), form.old.data, form.password.data, moment())
        except InputError as error:
            flash(told(error), "error")
        else:
            if changed:
                flash(_("Паролата е сменена. Навсякъде другаде трябва да се влезе с новата."), "done")
                return redirect(url_for("accounts.profile"))
            flash(_("Сегашната парола не е тази, или опитите са твърде много: изчакайте и опитайте пак."), "error")
    return render_template("accounts/own_password.html", form=form)


@accounts_pages.route("/forgotten", methods=["GET", "POST"])
@open_to(Audience.ANYONE)
@limiter.limit("30 per minute", methods=["POST"])
def forgotten() -> ResponseReturnValue:
    """Ask for a link by e-mail. The answer is the same whether there is such an account."""
    config: Settings = current_app.config["ESCHOOL"]
    form = ForgottenForm()
    if form.validate_on_submit():
        with even_time(), writing() as db:
            accounts.forgot_password(db, form.email.data, root=config.web_root, now=moment(), language=reader())
        flash(_("Ако има профил с този имейл, изпратихме му връзка за нова парола. Тя важи 2 часа."), "done")
        return redirect(url_for("accounts.sign_in"))
    return render_template("accounts/forgotten.html", form=form)


@accounts_pages.route("/password/<token>", methods=["GET", "POST"])
@open_to(Audience.ANYONE)
@limiter.limit("30 per minute")
def set_password(token: str) -> ResponseReturnValue:
    """Set a password by an invitation or a reset link."""
    form = PasswordForm()
    try:
        with reading() as db:
            email = accounts.owner_of(db, token, moment())
    except InputError as error:
        return render_template("error.html", title=_("Връзката не работи"), words=told(error)), 404
    if form.validate_on_submit():
        try:
            with writing() as db:
                known = accounts.set_password(
                    db, token, form.password.data, moment(), devices=request.cookies.get(devices.COOKIE, "")
                )
        except InputError as error:
            flash(told(error), "error")
        else:
            flash(_("Паролата е записана. Влезте с нея."), "done")
            return _known_from_now(redirect(url_for("accounts.sign_in")), known)
    return render_template("accounts/password.html", form=form, email=email)


def _known_from_now(answer: Response, cookie: str) -> Response:
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


def _wanted_page() -> str:
    """The page the person was on the way to; never one of another site."""
    wanted = request.args.get("next", "")
    parts = urlsplit(wanted)
    is_ours = wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and not (parts.scheme or parts.netloc)
    return wanted if is_ours else url_for("home.start")


def _refused(refusal: Refusal) -> str:
    if refusal.locked_until is None:
        return _("Имейлът, паролата или кодът са грешни.")
    minutes = max(1, math.ceil((refusal.locked_until - moment()).total_seconds() / 60))
    return ngettext(
        "Твърде много грешни опити: опитайте отново след %(num)s минута.",
        "Твърде много грешни опити: опитайте отново след %(num)s минути.",
        minutes,
    )
