"""Tokens of the school's other systems: made, listed and revoked by the school's administrator."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length

from admin_web.accounts.forms import ConfirmForm
from admin_web.audience import open_to
from admin_web.database import reading, writing
from admin_web.people import me, moment
from admin_web.translations import _, _l, told
from db.kinds import Role
from errors import InputError
from school import integrations

token_pages = Blueprint("tokens", __name__, url_prefix="/school/tokens")


class TokenForm(FlaskForm):  # type: ignore[misc]  # the library ships no types
    """A new token."""

    title = StringField(
        _l("Коя система ще го използва"),
        [DataRequired(_l("Напишете коя е системата.")), Length(max=integrations.LONGEST_TITLE)],
    )
    may = RadioField(
        _l("Какво може"),
        choices=[
            SelectChoice(value="read", label=_l("само да чете")),
            SelectChoice(value="write", label=_l("да чете и да въвежда оценки, отсъствия, забележки и срещи")),
        ],
        default="read",
    )


@token_pages.route("/", methods=["GET", "POST"])
@open_to(Role.SCHOOL_ADMINISTRATOR)
def listed() -> ResponseReturnValue:
    """The tokens in force, and a form for one more. A new one is shown on the answer to the form, and never again."""
    form = TokenForm()
    made = None
    if form.validate_on_submit():
        try:
            with writing() as session:
                made = integrations.make_token(
                    session,
                    by=me().staff_id,
                    title=form.title.data,
                    may_write=form.may.data == "write",
                    now=moment(),
                )
        except InputError as error:
            flash(told(error), "error")
        else:
            form = TokenForm(formdata=None)
    with reading() as session:
        rows = integrations.tokens(session, by=me().staff_id)
    return render_template("api/tokens.html", form=form, made=made, rows=rows, confirm=ConfirmForm())


@token_pages.post("/<int:token_id>/revoke")
@open_to(Role.SCHOOL_ADMINISTRATOR)
def revoke(token_id: int) -> ResponseReturnValue:
    """The token opens nothing any more."""
    with writing() as session:
        integrations.revoke_token(session, by=me().staff_id, token_id=token_id, now=moment())
    flash(_("Ключът вече не важи."), "done")
    return redirect(url_for("tokens.listed"))
