"""The second step of signing in: codes from a telephone, passkeys, recovery codes. Only passkeys need JavaScript."""

from typing import Any

import segno
from flask import Blueprint, abort, current_app, flash, jsonify, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from admin_web.accounts.entering import begin
from admin_web.accounts.forms import PasskeyAnswerForm, PasskeyForm, ProofForm, SecondFactorForm
from admin_web.audience import Audience, open_to
from admin_web.database import reading, writing
from admin_web.hardening import limiter
from admin_web.numbers import row_id
from admin_web.people import me, moment
from admin_web.translations import _, told
from errors import InputError
from school import accounts
from school.accounts import Assertion, RelyingParty
from settings import Settings

factor_pages = Blueprint("factors", __name__)

COOKIE_KEY = "passkey"
"""Where the cookie keeps which challenge this browser is to answer."""


@factor_pages.route("/profile/second-factor", methods=["GET", "POST"])
@open_to(Audience.SIGNED_IN, without_second_factor=True)
@limiter.limit("20 per minute", methods=["POST"])
def second_factor() -> ResponseReturnValue:
    """Switch codes on: show the secret that the server made, take the password and a code that proves it."""
    form = SecondFactorForm()
    try:
        if form.validate_on_submit() and _proved(form.password.data, "", form.answer.data):
            with writing() as db:
                codes = accounts.confirm_second_factor(db, me(), form.code.data, moment())
            flash(_("Влизането с код е включено."), "done")
            return _shown(codes)
    except InputError as error:
        flash(told(error), "error")
    try:
        with writing() as db:
            pending = accounts.begin_second_factor(db, me(), moment())
            has_passkeys = bool(accounts.passkeys_of(db, me().account_id))
    except InputError as error:
        flash(told(error), "error")
        return redirect(url_for("accounts.profile"))
    return render_template(
        "accounts/second_factor.html", form=form, secret=pending.secret, address=pending.address,
        picture=_picture(pending.address), has_passkeys=has_passkeys, demanded=me().must_set_up_factor,
        passkeys_work=party() is not None,
    )  # fmt: skip


@factor_pages.route("/profile/second-factor/remove", methods=["GET", "POST"])
@open_to(Audience.SIGNED_IN)
@limiter.limit("20 per minute", methods=["POST"])
def remove_second_factor() -> ResponseReturnValue:
    """Switch codes off, with password and code."""
    form = ProofForm()
    if form.validate_on_submit() and _proved(form.password.data, form.code.data, form.answer.data):
        with writing() as db:
            accounts.remove_second_factor(db, me(), moment())
        flash(_("Влизането с код е изключено."), "done")
        return redirect(url_for("accounts.profile"))
    return _proof_page(form, _("Изключване на входа с код"), _("Изключи"))


@factor_pages.route("/profile/recovery-codes", methods=["GET", "POST"])
@open_to(Audience.SIGNED_IN)
@limiter.limit("20 per minute", methods=["POST"])
def recovery_codes() -> ResponseReturnValue:
    """New recovery codes in place of the old ones, with password and code."""
    form = ProofForm()
    if form.validate_on_submit() and _proved(form.password.data, form.code.data, form.answer.data):
        try:
            with writing() as db:
                codes = accounts.make_new_codes(db, me(), moment())
        except InputError as error:
            flash(told(error), "error")
        else:
            return _shown(codes)
    return _proof_page(form, _("Нови кодове за възстановяване"), _("Издай нови кодове"))


@factor_pages.route("/profile/passkeys/new", methods=["GET", "POST"])
@open_to(Audience.SIGNED_IN, without_second_factor=True)
@limiter.limit("20 per minute", methods=["POST"])
def new_passkey() -> ResponseReturnValue:
    """Add a passkey: the page's script asks for the challenge, which is given for password and code."""
    form = PasskeyForm()
    own = party()
    if own is None:
        flash(_("Ключове за достъп работят само на адреса на сайта с HTTPS."), "error")
        return redirect(url_for("accounts.profile"))
    if form.validate_on_submit():
        answer = Assertion(own, session.pop(COOKIE_KEY, ""), form.answer.data or "")
        with writing() as db:
            made = accounts.register(db, me(), answer, form.title.data, moment())
        if made is not None:
            flash(_("Ключът за достъп е добавен."), "done")
            return _shown(made.recovery_codes)
        flash(_("Ключът за достъп не беше добавен: опитайте отново."), "error")
    with reading() as db:
        has_codes = accounts.has_second_factor(db, me().account_id)
        has_passkeys = bool(accounts.passkeys_of(db, me().account_id))
    return render_template("accounts/new_passkey.html", form=form, has_codes=has_codes, has_passkeys=has_passkeys)


@factor_pages.post("/profile/passkeys/options")
@open_to(Audience.SIGNED_IN, without_second_factor=True)
@limiter.limit("20 per minute")
def passkey_options() -> ResponseReturnValue:
    """What the script is to ask for a new passkey; only for who proves to be the person still."""
    own = party() or abort(404)
    fields = request.form
    if not is_proved(fields.get("password", ""), fields.get("code", ""), fields.get("answer", "")):
        return jsonify(error=not_proved()), 403
    try:
        with writing() as db:
            challenge = accounts.begin_registration(db, own, me(), moment())
    except InputError as error:
        return jsonify(error=told(error)), 400
    session[COOKIE_KEY] = challenge.token
    return jsonify(challenge.options)


@factor_pages.post("/profile/proof-options")
@open_to(Audience.SIGNED_IN, without_second_factor=True)
@limiter.limit("20 per minute")
def proof_options() -> ResponseReturnValue:
    """What the script is to ask of a passkey of this person."""
    own = party() or abort(404)
    with writing() as db:
        challenge = accounts.begin_proof(db, own, me(), moment())
    session[COOKIE_KEY] = challenge.token
    return jsonify(challenge.options)


@factor_pages.route("/profile/passkeys/remove", methods=["GET", "POST"])
@open_to(Audience.SIGNED_IN)
@limiter.limit("20 per minute", methods=["POST"])
def remove_passkey() -> ResponseReturnValue:
    """Remove one of the person's own passkeys, with password and code."""
    with reading() as db:
        own = {one.passkey_id: one for one in accounts.passkeys_of(db, me().account_id)}
    one = own.get(request.args.get("passkey", 0, type=row_id))
    if one is None:
        flash(_("Няма такъв ключ за достъп."), "error")
        return redirect(url_for("accounts.profile"))
    form = ProofForm()
    if form.validate_on_submit() and _proved(form.password.data, form.code.data, form.answer.data):
        with writing() as db:
            accounts.remove_passkey(db, me(), one.passkey_id, moment())
        flash(_("Ключът за достъп е премахнат."), "done")
        return redirect(url_for("accounts.profile"))
    return _proof_page(form, _("Премахване на ключа за достъп „%(name)s“", name=one.name), _("Премахни"))


@factor_pages.post("/sign-in/passkey/options")
@open_to(Audience.ANYONE)
@limiter.limit("30 per minute")
def sign_in_options() -> ResponseReturnValue:
    """What the script is to ask of any passkey of this site."""
    own = party() or abort(404)
    with writing() as db:
        challenge = accounts.begin_sign_in(db, own, moment())
    session[COOKIE_KEY] = challenge.token
    return jsonify(challenge.options)


@factor_pages.post("/sign-in/passkey")
@open_to(Audience.ANYONE)
@limiter.limit("30 per minute")
def sign_in_with_passkey() -> ResponseReturnValue:
    """Sign in with what a passkey answered, in place of password and code."""
    own = party() or abort(404)
    if current_user.is_authenticated:
        return redirect(url_for("home.start"))
    form = PasskeyAnswerForm()
    answer = Assertion(own, session.pop(COOKIE_KEY, ""), form.answer.data or "")
    if form.validate_on_submit():
        with writing() as db:
            entered = accounts.sign_in_with_passkey(
                db, answer, device=request.user_agent.string or _("непознат браузър"), now=moment()
            )
        if entered is not None:
            return begin(entered.token, entered.may_choose)
    flash(_("Ключът за достъп не беше приет. Опитайте отново или влезте с паролата си."), "error")
    return redirect(url_for("accounts.sign_in"))


def party() -> RelyingParty | None:
    """Whose passkeys this site uses; None: at its address browsers have none."""
    config: Settings = current_app.config["ESCHOOL"]
    return accounts.relying_party(config.web_root)


def is_proved(password: str, code: str, answer: str) -> bool:
    """Whether it is the person still: the password, and a code or what a passkey answered."""
    own = party()
    assertion = Assertion(own, session.pop(COOKIE_KEY, ""), answer) if own is not None and answer else None
    with writing() as db:
        return accounts.prove(db, me(), password, moment(), code=code, assertion=assertion)


def _proved(password: str, code: str, answer: str) -> bool:
    """Whether it is the person still; if not, the page says so."""
    if is_proved(password, code or "", answer or ""):
        return True
    flash(not_proved(), "error")
    return False


def not_proved() -> str:
    """What is said of who is not."""
    return _("Паролата или кодът не са верни, или опитите са твърде много: изчакайте и опитайте пак с нов код.")


def _proof_page(form: Any, title: str, button: str) -> str:
    with reading() as db:
        has_passkeys = bool(accounts.passkeys_of(db, me().account_id))
    return render_template("accounts/prove.html", form=form, title=title, button=button, has_passkeys=has_passkeys)


def _shown(codes: tuple[str, ...]) -> ResponseReturnValue:
    """The only page that shows recovery codes, right after they were made."""
    if not codes:
        return redirect(url_for("accounts.profile"))
    return render_template("accounts/recovery_codes.html", codes=codes)


def _picture(address: str) -> str:
    """A QR code as a data URI: the secret never has an address of its own."""
    drawn: str = segno.make(address, error="m", micro=False).svg_data_uri(scale=4, border=2, dark="#000", light="#fff")
    return drawn
