"""Whether the school's leaders must have a second factor, and a reset for who lost theirs."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import BooleanField

from admin_web.actions import done
from admin_web.audience import LEADERS, open_to
from admin_web.database import reading
from admin_web.people import me, moment, my_school
from admin_web.setup_pages.blueprint import setup_pages
from admin_web.translations import _, _l
from school import accounts, setup


class DemandForm(FlaskForm):  # type: ignore[misc]  # the library ships no types
    """Whether a second factor is demanded."""

    demanded = BooleanField(_l("Ръководителите влизат с втори фактор"))


@setup_pages.route("/second-factor", methods=["GET", "POST"])
@open_to(*LEADERS)
def second_factor() -> ResponseReturnValue:
    """Demand it of the school's leaders, or no more; who has one and who has none."""
    with reading() as session:
        now = accounts.is_demanded_by(session, my_school())
        leaders = [one for one in setup.staff(session, my_school()) if one.is_active and set(one.roles) & set(LEADERS)]
    form = DemandForm(data={"demanded": now})
    if form.validate_on_submit() and done(
        lambda session: accounts.demand_second_factor(
            session, my_school(), demanded=form.demanded.data, by=me().staff_id, now=moment()
        ),
        _("Настройките са записани."),
    ):
        return redirect(url_for("setup.second_factor"))
    return render_template("setup/second_factor.html", form=form, leaders=leaders)


@setup_pages.post("/staff/<int:staff_id>/second-factor/reset")
@open_to(*LEADERS)
def reset_second_factor(staff_id: int) -> ResponseReturnValue:
    """Somebody of the school lost the telephone."""
    done(
        lambda session: accounts.reset_in_school(session, my_school(), staff_id, by=me().staff_id, now=moment()),
        _("Вторият фактор е нулиран; човекът получава писмо."),
    )
    return redirect(url_for("setup.person", staff_id=staff_id))
