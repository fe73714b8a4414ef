"""Somebody who works at several schools: confirming an invitation, choosing where to be, and another e-mail address."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from admin_web.accounts.entering import begin, known_from_now, refused, wanted_page
from admin_web.accounts.factor_pages import is_proved, not_proved
from admin_web.accounts.forms import ConfirmForm, JoinSchoolForm, NewEmailForm
from admin_web.audience import Audience, open_to
from admin_web.database import reading, writing
from admin_web.even_time import even_time
from admin_web.hardening import limiter
from admin_web.people import me, moment
from admin_web.translations import _, told
from errors import InputError
from school import accounts
from school.accounts import NeedsCode, Refusal, devices
from school.roster import cells
from settings import Settings

school_pages = Blueprint("schools", __name__)


@school_pages.get("/schools")
@open_to(Audience.SIGNED_IN, without_second_factor=True)
def choose() -> ResponseReturnValue:
    """The schools that the person works at."""
    with reading() as db:
        places = accounts.memberships(db, me().staff_id)
    return render_template("accounts/schools.html", places=places, next=wanted_page())


@school_pages.post("/schools/<int:staff_id>")
@open_to(Audience.SIGNED_IN, without_second_factor=True)
def act_at(staff_id: int) -> ResponseReturnValue:
    """Be at this school from now on, in this browser. Forms that are open for another one can no longer be sent."""
    with writing() as db:
        accounts.act_at(db, me().session_id, me().staff_id, staff_id, moment())
    session.pop("csrf_token", None)
    return redirect(wanted_page())


@school_pages.route("/password/<token>/confirm", methods=["GET", "POST"])
@open_to(Audience.ANYONE)
@limiter.limit("30 per minute")
def confirm(token: str) -> ResponseReturnValue:
    """Confirm the invitation of a school with the account that the person has already."""
    try:
        with reading() as db:
            opened = accounts.opened(db, token, moment())
    except InputError as error:
        return _broken(error)
    if opened.sets_password:
        return redirect(url_for("accounts.set_password", token=token))
    is_theirs = current_user.is_authenticated and me().account_id == opened.account_id
    if current_user.is_authenticated and not is_theirs:
        words = _("В този браузър е влязъл друг човек. Излезте и отворете връзката пак.")
        return render_template("error.html", title=_("Поканата е за друг"), words=words), 403
    form = ConfirmForm() if is_theirs else JoinSchoolForm()
    needs_code = False
    if form.validate_on_submit():
        try:
            if is_theirs:
                with writing() as db:
                    row = accounts.join(db, token, opened.account_id, moment())
                    accounts.act_at(db, me().session_id, me().staff_id, row, moment())
                session.pop("csrf_token", None)
                flash(_("Вече работите и в това училище."), "done")
                return redirect(url_for("home.start"))
            answer = _entered(form, token, opened.email)
            if isinstance(answer, NeedsCode):
                needs_code = True
            elif isinstance(answer, Refusal):
                flash(refused(answer), "error")
            else:
                return answer
        except InputError as error:
            return _broken(error)
    return render_template(
        "accounts/confirm_school.html", form=form, opened=opened, is_theirs=is_theirs, needs_code=needs_code
    )


@school_pages.route("/profile/email", methods=["GET", "POST"])
@open_to(Audience.SIGNED_IN)
@limiter.limit("20 per minute", methods=["POST"])
def new_email() -> ResponseReturnValue:
    """Ask for another address to sign in with. The answer is the same whether somebody has it."""
    config: Settings = current_app.config["ESCHOOL"]
    form = NewEmailForm()
    if form.validate_on_submit():
        with even_time():
            if not is_proved(form.password.data, form.code.data or "", form.answer.data or ""):
                flash(not_proved(), "error")
            else:
                try:
                    with writing() as db:
                        wanted = cells.email(form.email.data)
                        accounts.ask_for_new_email(db, me(), wanted, root=config.web_root, now=moment())
                except InputError as error:
                    flash(told(error), "error")
                else:
                    flash(_("Изпратихме връзка на новия имейл. Докато не я потвърдите, влизате със стария."), "done")
                    return redirect(url_for("accounts.profile"))
    with reading() as db:
        has_passkeys = bool(accounts.passkeys_of(db, me().account_id))
    return render_template("accounts/new_email.html", form=form, has_passkeys=has_passkeys)


@school_pages.route("/new-email/<token>", methods=["GET", "POST"])
@open_to(Audience.ANYONE)
@limiter.limit("30 per minute")
def confirm_email(token: str) -> ResponseReturnValue:
    """The link of the letter: nothing happens before the button, because programs open links too."""
    try:
        with reading() as db:
            email = accounts.asked_email(db, token, moment())
        form = ConfirmForm()
        if form.validate_on_submit():
            with writing() as db:
                accounts.confirm_new_email(db, token, moment())
            flash(_("Имейлът е сменен. Влезте с новия."), "done")
            return redirect(url_for("accounts.sign_in"))
    except InputError as error:
        return _broken(error)
    return render_template("accounts/confirm_email.html", form=form, email=email)


def _entered(form: JoinSchoolForm, token: str, email: str) -> ResponseReturnValue | NeedsCode | Refusal:
    """Sign in with what the form says and join; the try is counted whatever comes of it."""
    with writing() as db:
        known = accounts.identify(
            db,
            email,
            form.password.data,
            code=form.code.data or None,
            address=request.remote_addr or "",
            devices=request.cookies.get(devices.COOKIE, ""),
            now=moment(),
            invited=True,
        )
        if isinstance(known, NeedsCode | Refusal):
            return known
        row = accounts.join(db, token, known.account_id, moment())
        device = request.user_agent.string or _("непознат браузър")
        entered = accounts.enter(db, known.account_id, device, moment(), at=row)
    return known_from_now(begin(entered.token, may_choose=False), known.devices)


def _broken(error: InputError) -> ResponseReturnValue:
    return render_template("error.html", title=_("Връзката не работи"), words=told(error)), 404
