"""A school asks to join: the one page that is open to everybody besides signing in."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import EmailField, StringField, TelField, TextAreaField
from wtforms.validators import DataRequired, Length

from admin_web.audience import Audience, open_to
from admin_web.database import writing
from admin_web.hardening import limiter
from admin_web.people import moment
from admin_web.translations import _, _l, told
from errors import InputError
from school import setup

joining_pages = Blueprint("joining", __name__)


class JoinForm(FlaskForm):  # type: ignore[misc]  # the library ships no types
    """What the platform's operator needs to know."""

    institution_code = StringField(_l("Код по НЕИСПУО"), [DataRequired(_l("Попълнете.")), Length(max=10)])
    school_name = StringField(_l("Име на училището"), [DataRequired(_l("Попълнете.")), Length(max=160)])
    town = StringField(_l("Населено място"), [DataRequired(_l("Попълнете.")), Length(max=160)])
    first_name = StringField(_l("Вашето име"), [DataRequired(_l("Попълнете.")), Length(max=80)])
    last_name = StringField(_l("Вашата фамилия"), [DataRequired(_l("Попълнете.")), Length(max=80)])
    email = EmailField(_l("Имейл"), [DataRequired(_l("Попълнете.")), Length(max=254)])
    phone = TelField(_l("Телефон"), [Length(max=20)])
    text = TextAreaField(_l("Съобщение"), [Length(max=1000)])


@joining_pages.route("/join", methods=["GET", "POST"])
@open_to(Audience.ANYONE)
@limiter.limit("10 per hour", methods=["POST"])
def join() -> ResponseReturnValue:
    """The request form."""
    form = JoinForm()
    if form.validate_on_submit():
        answers = {name: value or "" for name, value in form.data.items() if name != "csrf_token"}
        try:
            with writing() as session:
                setup.ask_to_join(session, **answers, now=moment())
        except InputError as error:
            flash(told(error), "error")
        else:
            flash(_("Получихме заявката. Ще получите връзка за влизане на посочения имейл."), "done")
            return redirect(url_for("accounts.sign_in"))
    return render_template("joining/join.html", form=form)
