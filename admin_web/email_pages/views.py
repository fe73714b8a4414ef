"""Subscribing, confirming, choosing and stopping. No page of these is signed in to: the link in a letter is the key.

Nothing changes by merely opening a link: mail programs and virus scanners open all of them.
"""

from math import ceil

from flask import Blueprint, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import EmailField, StringField
from wtforms.validators import DataRequired, Length

from admin_web.audience import Audience, open_to
from admin_web.database import reading, writing
from admin_web.even_time import even_time
from admin_web.hardening import csrf, limiter
from admin_web.numbers import whole_number
from admin_web.people import moment
from admin_web.translations import _, _l, ngettext, told
from db.kinds import EventKind
from errors import InputError
from school.security.crypto import vault
from school.subscriptions import by_email, email_links, letter_wishes
from school.subscriptions.letter_wishes import Reader
from school.subscriptions.subscribing import FollowOutcome
from school.wording.service import Numbers
from settings import Settings

email_pages = Blueprint("email", __name__, url_prefix="/email")

KINDS = {
    EventKind.GRADE: _l("Оценки"),
    EventKind.ABSENCE: _l("Отсъствия и закъснения"),
    EventKind.REMARK: _l("Забележки и похвали"),
    EventKind.HEALTH: _l("Здравни бележки"),
    EventKind.MEETING: _l("Родителски срещи"),
    EventKind.EVENT: _l("Мероприятия"),
}


class AskForm(FlaskForm):  # type: ignore[misc]  # the library ships no types
    """An address, and the code from the label."""

    email = EmailField(_l("Имейл"), [DataRequired(_l("Попълнете.")), Length(max=254)])
    code = StringField(_l("ID-код на ученика"), [DataRequired(_l("Попълнете.")), Length(max=20)])


@email_pages.route("/", methods=["GET", "POST"])
@open_to(Audience.ANYONE)
@limiter.limit("30 per minute", methods=["POST"])
def ask() -> ResponseReturnValue:
    """Subscribe by e-mail."""
    form = AskForm()
    if form.validate_on_submit():
        try:
            with even_time(), writing() as session:
                asked = by_email.ask(
                    session,
                    email=form.email.data,
                    student_code=form.code.data,
                    network=request.remote_addr or "",
                    root=_settings().web_root,
                    now=moment(),
                )
        except InputError as error:
            flash(told(error), "error")
        else:
            if asked.outcome is FollowOutcome.ASKED:
                return render_template("email/asked.html", email=form.email.data)
            flash(_refused(asked), "error")
    return render_template("email/ask.html", form=form, short_code=Numbers.of(_settings()).short_code)


@email_pages.route("/confirm/<token>", methods=["GET", "POST"])
@open_to(Audience.ANYONE)
@limiter.limit("30 per minute")
def confirm(token: str) -> ResponseReturnValue:
    """The page of a confirming letter's link: one button."""
    try:
        if request.method == "POST":
            with writing() as session:
                confirmed = by_email.confirm(session, token, numbers=Numbers.of(_settings()), now=moment())
                page = email_links.token(vault(session), confirmed.subscriber_id, confirmed.email) if confirmed else ""
            if confirmed is None:
                words = _("Няма ученик с този ID-код: проверете 8-те цифри на етикета.")
                return render_template("error.html", title=_("Връзката не работи"), words=words), 404
            child = confirmed.child
            if confirmed.waits:
                return render_template("email/waits.html")
            flash(
                _("Готово: ще Ви пишем за %(name)s.", name=child.given_name)
                if child
                else _("Готово: ще Ви пишем и на този имейл."),
                "done",
            )
            return redirect(url_for("email.choices", token=page))
        with reading() as session:
            waiting = by_email.is_open(session, token, moment())
    except InputError as error:
        return render_template("error.html", title=_("Връзката не работи"), words=told(error)), 404
    return render_template("email/confirm.html", waiting=waiting)


@email_pages.route("/<token>", methods=["GET", "POST"])
@open_to(Audience.ANYONE)
@limiter.limit("60 per minute")
def choices(token: str) -> ResponseReturnValue:
    """What letters tell, and when. Other channels are not this page's: a letter is forwarded easily."""
    with reading() as session:
        who = _reader(session, token)
    if request.method == "POST":
        try:
            with writing() as session:
                letter_wishes.change(
                    session,
                    who.subscriber_id,
                    unwanted=frozenset(kind for kind in KINDS if f"email-{kind}" not in request.form),
                    daily_hour=_hour(request.form.get("email-when", ""), who.wishes.daily_hour),
                    friday_summary="friday" in request.form,
                    now=moment(),
                )
        except InputError as error:
            flash(told(error), "error")
        else:
            flash(_("Записано."), "done")
        return redirect(url_for("email.choices", token=token))
    short_code = Numbers.of(_settings()).short_code
    return render_template("email/choices.html", who=who, token=token, kinds=KINDS, short_code=short_code)


@email_pages.get("/<token>/stop")
@open_to(Audience.ANYONE)
@limiter.limit("60 per minute")
def stopping(token: str) -> ResponseReturnValue:
    """A person opened the link: one button."""
    with reading() as session:
        who = _reader(session, token)
    return render_template("email/stop.html", who=who, token=token)


@email_pages.post("/<token>/stop")
@open_to(Audience.ANYONE)
@csrf.exempt  # type: ignore[untyped-decorator]  # RFC 8058: the mailbox's server posts, with nothing but the link
@limiter.limit("60 per minute")
def stop(token: str) -> ResponseReturnValue:
    """Stop all letters, by the button or by the mail program's own (List-Unsubscribe=One-Click)."""
    with writing() as session:
        who = _reader(session, token)
        letter_wishes.stop_letters(session, who.subscriber_id, moment())
    return render_template("email/stopped.html", who=who, token=token)


@email_pages.post("/<token>/resume")
@open_to(Audience.ANYONE)
@limiter.limit("60 per minute")
def resume(token: str) -> ResponseReturnValue:
    """It was a mistake."""
    with writing() as session:
        letter_wishes.resume_letters(session, _reader(session, token).subscriber_id, moment())
    flash(_("Отново ще Ви пишем."), "done")
    return redirect(url_for("email.choices", token=token))


def _reader(session: Session, token: str) -> Reader:
    who = letter_wishes.reader(session, token)
    if who is None:
        abort(404)
    return who


def _hour(when: str, before: int | None) -> int | None:
    """The hour that was chosen, None for at once; anything else leaves it as it was."""
    if when == "now":
        return None
    try:
        return whole_number(when)
    except ValueError:
        return before


def _refused(asked: by_email.Asked) -> str:
    left = (asked.lock.until - moment()).total_seconds() if asked.lock else 0
    minutes = max(1, ceil(left / 60))
    return ngettext(
        "Твърде много опити: опитайте отново след %(num)s минута.",
        "Твърде много опити: опитайте отново след %(num)s минути.",
        minutes,
    )


def _settings() -> Settings:
    config: Settings = current_app.config["ESCHOOL"]
    return config
