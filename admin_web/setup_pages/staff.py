"""Accounts of the school's people: inviting them, their roles, switching them off."""

from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import BooleanField, EmailField, SelectMultipleField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from admin_web.actions import done
from admin_web.audience import LEADERS, open_to
from admin_web.database import reading, writing
from admin_web.formats import NAMES
from admin_web.people import me, moment, my_school
from admin_web.setup_pages.blueprint import setup_pages
from admin_web.translations import _, _l, told
from db.kinds import LinkPurpose, Role
from errors import ForbiddenError, InputError, MissingError
from school import accounts, setup
from school.years import calendar
from settings import Settings

ROLES = [SelectChoice(value=role.value, label=NAMES[role]) for role in setup.ROLES]


class RolesField(SelectMultipleField):  # type: ignore[misc]  # the library ships no types
    """Roles as ticks."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class PersonForm(FlaskForm):  # type: ignore[misc]
    """A person of the school."""

    first_name = StringField(_l("Име"), [DataRequired(_l("Напишете името.")), Length(max=80)])
    last_name = StringField(_l("Фамилия"), [DataRequired(_l("Напишете фамилията.")), Length(max=80)])
    email = EmailField(_l("Имейл"), [DataRequired(_l("Напишете имейла.")), Length(max=254)])
    roles = RolesField(_l("Роли"), choices=ROLES, default=[Role.TEACHER.value])


class KnownPersonForm(PersonForm):
    """A person whose account there is: the address they sign in with stays."""

    email = None
    is_active = BooleanField(_l("Може да влиза"))


@setup_pages.route("/staff", methods=["GET", "POST"])
@open_to(*LEADERS)
def staff() -> ResponseReturnValue:
    """Everybody with an account, and a form for one more."""
    form = PersonForm()
    if form.validate_on_submit():
        try:
            with writing() as session:
                staff_id = setup.add_staff(
                    session,
                    my_school(),
                    first_name=form.first_name.data,
                    last_name=form.last_name.data,
                    email=form.email.data,
                    roles=[Role(one) for one in form.roles.data],
                    by=me().staff_id,
                    now=moment(),
                )
                invited = _invite(session, [staff_id], LinkPurpose.INVITATION)
        except InputError as error:
            flash(told(error), "error")
        else:
            return render_template("setup/invited.html", invited=invited, purpose=LinkPurpose.INVITATION)
    with reading() as session:
        people = setup.staff(session, my_school())
    waiting = [one for one in people if one.is_active and not one.has_password]
    return render_template("setup/staff.html", form=form, people=people, waiting=waiting)


@setup_pages.route("/staff/<int:staff_id>", methods=["GET", "POST"])
@open_to(*LEADERS)
def person(staff_id: int) -> ResponseReturnValue:
    """One account: name, roles, on or off."""
    one = _one(staff_id)
    form = KnownPersonForm(
        data={
            "first_name": one.first_name,
            "last_name": one.last_name,
            "roles": list(one.roles),
            "is_active": one.is_active,
        }
    )
    if form.validate_on_submit() and one.is_active and not form.is_active.data:
        with reading() as session:
            if setup.has_duties(session, my_school(), staff_id, calendar.today(moment())):
                flash(_("Има клас или преподава: първо кажете кой поема."), "error")
                return redirect(url_for("setup.leaving", staff_id=staff_id))
    if form.validate_on_submit() and done(
        lambda session: setup.change_staff(
            session,
            my_school(),
            staff_id,
            first_name=form.first_name.data,
            last_name=form.last_name.data,
            roles=[Role(role) for role in form.roles.data],
            is_active=form.is_active.data,
            by=me().staff_id,
            now=moment(),
        ),
        _("Промените са записани."),
    ):
        return redirect(url_for("setup.staff"))
    return render_template("setup/person.html", form=form, one=one)


@setup_pages.post("/staff/<int:staff_id>/link")
@open_to(*LEADERS)
def send_link(staff_id: int) -> ResponseReturnValue:
    """Send a person a link to set a password, for the first time or again."""
    one = _one(staff_id)
    if not one.is_active:
        abort(404)
    purpose = LinkPurpose.RESET if one.has_password else LinkPurpose.INVITATION
    with writing() as session:
        invited = _invite(session, [staff_id], purpose)
    return render_template("setup/invited.html", invited=invited, purpose=purpose)


@setup_pages.post("/staff/<int:staff_id>/email")
@open_to(*LEADERS)
def correct_email(staff_id: int) -> ResponseReturnValue:
    """The address of somebody who never accepted was mistyped: correct it and invite them again."""
    try:
        with writing() as session:
            email = request.form.get("email", "")
            setup.correct_email(session, my_school(), staff_id, email, by=me().staff_id, now=moment())
            invited = _invite(session, [staff_id], LinkPurpose.INVITATION)
    except (ForbiddenError, MissingError):
        raise
    except InputError as error:
        flash(told(error), "error")
        return redirect(url_for("setup.person", staff_id=staff_id))
    return render_template("setup/invited.html", invited=invited, purpose=LinkPurpose.INVITATION)


@setup_pages.post("/staff/invite-waiting")
@open_to(*LEADERS)
def invite_waiting() -> ResponseReturnValue:
    """Invite, or invite again, everybody who has no password yet."""
    with writing() as session:
        waiting = [one.id for one in setup.staff(session, my_school()) if one.is_active and not one.has_password]
        invited = _invite(session, waiting, LinkPurpose.INVITATION)
    return render_template("setup/invited.html", invited=invited, purpose=LinkPurpose.INVITATION)


def _one(staff_id: int) -> setup.StaffMember:
    with reading() as session:
        found = {one.id: one for one in setup.staff(session, my_school())}
    return found.get(staff_id) or abort(404)


def _invite(session: Session, staff_ids: list[int], purpose: LinkPurpose) -> Any:
    config: Settings = current_app.config["ESCHOOL"]
    return accounts.send_links(
        session, my_school(), staff_ids, purpose, root=config.web_root, by=me().staff_id, now=moment()
    )
