"""A student's new name or right number, and the school's own name."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import DateField, StringField
from wtforms.validators import DataRequired, Length, Optional

from admin_web.actions import done
from admin_web.audience import LEADERS, open_to
from admin_web.database import reading
from admin_web.hardening import limiter
from admin_web.people import me, moment, my_school
from admin_web.setup_pages.blueprint import setup_pages
from admin_web.translations import _, _l
from school import setup


class IdentityForm(FlaskForm):  # type: ignore[misc]  # the library ships no types
    """A student's name; the number only where it is wrong."""

    first_name = StringField(_l("Име"), [DataRequired(_l("Напишете името.")), Length(max=80)])
    middle_name = StringField(_l("Презиме"), [Length(max=80)])
    last_name = StringField(_l("Фамилия"), [DataRequired(_l("Напишете фамилията.")), Length(max=80)])
    national_id = StringField(_l("Верният ЕГН или ЛНЧ"), [Length(max=20)])
    birth_date = DateField(_l("Дата на раждане"), [Optional()])


class SchoolNameForm(FlaskForm):  # type: ignore[misc]
    """What the school is called."""

    name = StringField(_l("Име на училището"), [DataRequired(_l("Попълнете.")), Length(max=160)])
    town = StringField(_l("Населено място"), [DataRequired(_l("Попълнете.")), Length(max=160)])


@setup_pages.route("/students/<int:student_id>/identity", methods=["GET", "POST"])
@open_to(*LEADERS)
@limiter.limit("20 per minute", methods=["POST"])
def student_identity(student_id: int) -> ResponseReturnValue:
    """Another name, or the right number."""
    with reading() as session:
        one = setup.identity(session, my_school(), student_id)
    names = {"first_name": one.first_name, "middle_name": one.middle_name, "last_name": one.last_name}
    form = IdentityForm(data=names | {"birth_date": one.birth_date})

    def act(session: Session) -> None:
        given = {name: form[name].data or "" for name in names}
        setup.rename(session, my_school(), student_id, **given, by=me().staff_id, now=moment())
        number = (form.national_id.data or "").strip()
        if number:
            setup.correct_national_id(
                session, my_school(), student_id, number, birth_date=form.birth_date.data, by=me().staff_id,
                now=moment(),
            )  # fmt: skip

    if form.validate_on_submit() and done(act, _("Данните са записани. Ако името е друго, отпечатайте нов етикет.")):
        return redirect(url_for("setup.student_identity", student_id=student_id))
    return render_template("setup/identity.html", form=form, one=one)


@setup_pages.route("/name", methods=["GET", "POST"])
@open_to(*LEADERS)
def school_name() -> ResponseReturnValue:
    """The school's name and town."""
    with reading() as session:
        name, town = setup.school_name(session, my_school())
    form = SchoolNameForm(data={"name": name, "town": town})
    if form.validate_on_submit() and done(
        lambda session: setup.rename_school(
            session, my_school(), form.name.data, form.town.data, by=me().staff_id, now=moment()
        ),
        _("Името е записано."),
    ):
        return redirect(url_for("setup.overview"))
    return render_template("setup/school_name.html", form=form)
