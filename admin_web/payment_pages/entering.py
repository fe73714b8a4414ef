"""Who pays: a code from the label or the payer's number, or a telephone that answers with a code sent by SMS."""

from math import ceil

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import StringField, TelField
from wtforms.validators import Length, Optional

from admin_web.audience import Audience, open_to
from admin_web.database import writing
from admin_web.even_time import even_time
from admin_web.hardening import limiter
from admin_web.payment_pages import who
from admin_web.payment_pages.blueprint import payment_pages, the_merchant
from admin_web.people import moment
from admin_web.translations import _, _l, ngettext, told
from errors import InputError
from school.billing import entering, payer_codes
from school.billing.payer_codes import Outcome
from school.security import lockouts
from school.security.phones import e164


class AskForm(FlaskForm):  # type: ignore[misc]  # the library ships no types
    """One of the two."""

    phone = TelField(_l("Телефон"), [Optional(), Length(max=30)])
    code = StringField(_l("ID-код на детето или абонатен номер"), [Optional(), Length(max=20)])


class CodeForm(FlaskForm):  # type: ignore[misc]  # as above
    """What the SMS said."""

    code = StringField(_l("Код от SMS"), [Length(max=12)])


@payment_pages.route("/", methods=["GET", "POST"])
@open_to(Audience.ANYONE)
@limiter.limit("30 per minute", methods=["POST"])
def ask() -> ResponseReturnValue:
    """The first page."""
    the_merchant()
    form = AskForm()
    if form.validate_on_submit():
        try:
            if form.phone.data:
                return _by_phone(form.phone.data)
            if form.code.data:
                return _by_code(form.code.data)
            flash(_("Попълнете телефон или код."), "error")
        except InputError as error:
            flash(told(error), "error")
    elif request.method == "GET" and who.visitor() is not None:
        return redirect(url_for("payments.choose"))
    return render_template("payments/ask.html", form=form)


@payment_pages.route("/code", methods=["GET", "POST"])
@open_to(Audience.ANYONE)
@limiter.limit("30 per minute", methods=["POST"])
def code() -> ResponseReturnValue:
    """The code from the SMS is typed."""
    the_merchant()
    phone = who.kept_phone()
    if phone is None:
        return redirect(url_for("payments.ask"))
    form = CodeForm()
    if form.validate_on_submit():
        typed = "".join((form.code.data or "").split())
        with even_time(), writing() as session:
            subscriber_id = payer_codes.confirm(
                session, phone=phone, code=typed, network=request.remote_addr or "", now=moment()
            )
            payer_id = None if subscriber_id is None else entering.by_subscriber(session, subscriber_id, moment())
        if payer_id is not None:
            who.remember(payer_id, is_proven=True)
            return redirect(url_for("payments.choose"))
        flash(_("Кодът не е верен или вече не важи. След пет грешни опита поискайте нов."), "error")
    return render_template("payments/code.html", form=form)


@payment_pages.post("/leave")
@open_to(Audience.ANYONE)
def leave() -> ResponseReturnValue:
    """The next person at this browser is not this payer."""
    who.forget()
    return redirect(url_for("payments.ask"))


def _by_phone(typed: str) -> ResponseReturnValue:
    phone = e164(typed)
    if phone is None:
        raise InputError("This is no telephone number: write it as 0888123456.")
    with even_time(), writing() as session:
        outcome = payer_codes.ask(session, phone=phone, network=request.remote_addr or "", now=moment())
    if outcome is Outcome.TOO_MANY:
        flash(_("Твърде много кодове: опитайте отново след 10 минути."), "error")
        return redirect(url_for("payments.ask"))
    who.keep_phone(phone)
    return redirect(url_for("payments.code"))


def _by_code(typed: str) -> ResponseReturnValue:
    with even_time(), writing() as session:
        found = entering.by_code(session, typed, network=request.remote_addr or "", now=moment())
    if found.lock is not None:
        flash(_wait(found.lock), "error")
    elif found.payer_id is None:
        flash(_("За този код никой не плаща. Проверете го, или влезте с телефона си."), "error")
    else:
        who.remember(found.payer_id, is_proven=False)
        return redirect(url_for("payments.choose"))
    return redirect(url_for("payments.ask"))


def _wait(lock: lockouts.Lock) -> str:
    minutes = max(1, ceil((lock.until - moment()).total_seconds() / 60))
    return ngettext(
        "Твърде много опити: опитайте отново след %(num)s минута.",
        "Твърде много опити: опитайте отново след %(num)s минути.",
        minutes,
    )
