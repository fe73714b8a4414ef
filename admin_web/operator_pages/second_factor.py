"""Whether all leaders and the platform's operators must have a second factor, and a reset for who lost theirs."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField
from wtforms.validators import DataRequired, Length

from admin_web.actions import done
from admin_web.audience import open_to
from admin_web.database import reading
from admin_web.operator_pages.views import operator_pages
from admin_web.people import me, moment
from admin_web.translations import _, _l
from db.kinds import Role
from school import accounts


class PlatformDemandForm(FlaskForm):  # type: ignore[misc]  # the library ships no types
    """Whether a second factor is demanded."""

    demanded = BooleanField(_l("Ръководителите на всички училища и операторите влизат с втори фактор"))


class ResetForm(FlaskForm):  # type: ignore[misc]
    """Whose second factor is reset."""

    email = EmailField(_l("Имейл"), [DataRequired(_l("Напишете имейла.")), Length(max=254)])


@operator_pages.route("/second-factor", methods=["GET", "POST"])
@open_to(Role.PLATFORM_OPERATOR)
def second_factor() -> ResponseReturnValue:
    """Demand it, or no more."""
    with reading() as session:
        form = PlatformDemandForm(data={"demanded": accounts.is_demanded_by(session, None)})
    if form.validate_on_submit() and done(
        lambda session: accounts.demand_second_factor(
            session, None, demanded=form.demanded.data, by=me().staff_id, now=moment()
        ),
        _("Настройките са записани."),
    ):
        return redirect(url_for("operator.second_factor"))
    return render_template("operator/second_factor.html", form=form, reset=ResetForm())


@operator_pages.post("/second-factor/reset")
@open_to(Role.PLATFORM_OPERATOR)
def reset_second_factor() -> ResponseReturnValue:
    """A leader or another operator lost the telephone."""
    form = ResetForm()
    if form.validate_on_submit():
        done(
            lambda session: accounts.reset_by_email(session, form.email.data, by=me().staff_id, now=moment()),
            _("Вторият фактор е нулиран; човекът получава писмо."),
        )
    return redirect(url_for("operator.second_factor"))
