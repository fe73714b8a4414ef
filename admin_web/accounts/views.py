"""Signing in and out, the person's own page, and setting a password by a one-time link."""

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, logout_user

from admin_web.accounts.entering import begin, known_from_now, refused, wanted_page
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
from admin_web.people import me, moment
from admin_web.translations import _, reader, told
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
        return redirect(wanted_page())
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
            flash(refused(answer), "error")
        else:
            return known_from_now(begin(answer.token, answer.may_choose), answer.devices)
    page = render_template("accounts/sign_in.html", form=form, needs_code=needs_code, passkeys_work=party() is not None)
    return page, 200


@accounts_pages.post("/sign-out")
@open_to(Audience.SIGNED_IN, without_second_factor=True)
def sign_out() -> ResponseReturnValue:
    """End this session."""
    with writing() as db:
        accounts.end_session(db, me().account_id, me().session_id, moment())
    logout_user()
    session.clear()
    return redirect(url_for("accounts.sign_in"))


@accounts_pages.get("/profile")
@open_to(Audience.SIGNED_IN)
def profile() -> ResponseReturnValue:
    """The person's roles, open sessions and second factor."""
    with reading() as db:
        rows = accounts.sessions_of(db, me().account_id, moment())
        has_second_factor = accounts.has_second_factor(db, me().account_id)
        passkeys = accounts.passkeys_of(db, me().account_id)
        codes_left = accounts.codes_left(db, me().account_id)
        email = accounts.email_of(db, me().account_id)
    return render_template(
        "accounts/profile.html", who=me(), sessions=rows, has_second_factor=has_second_factor, passkeys=passkeys,
        codes_left=codes_left, email=email, passkeys_work=party() is not None,
    )  # fmt: skip


@accounts_pages.post("/profile/sessions/<int:session_id>/end")
@open_to(Audience.SIGNED_IN)
def end_session(session_id: int) -> ResponseReturnValue:
    """End one of the person's own sessions."""
    try:
        with writing() as db:
            accounts.end_session(db, me().account_id, session_id, moment())
    except InputError:
        abort(404)
    flash(_("Сесията е прекратена."), "done")
    return redirect(url_for("accounts.profile"))


@accounts_pages.post("/profile/sessions/end-others")
@open_to(Audience.SIGNED_IN)
def end_others() -> ResponseReturnValue:
    """End all of the person's sessions but this one."""
    with writing() as db:
        accounts.end_sessions(db, me().account_id, moment(), but=me().session_id)
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
            opened = accounts.opened(db, token, moment())
    except InputError as error:
        return render_template("error.html", title=_("Връзката не работи"), words=told(error)), 404
    if not opened.sets_password:
        return redirect(url_for("schools.confirm", token=token))
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
            return known_from_now(redirect(url_for("accounts.sign_in")), known)
    return render_template("accounts/password.html", form=form, email=opened.email)
