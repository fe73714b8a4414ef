"""Ending a follower of a student, and who may be told of the student: the pages of the class teacher for both."""

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length

from admin_web.actions import done
from admin_web.audience import open_to
from admin_web.database import reading
from admin_web.history_words import END_REASONS
from admin_web.own_class.views import CLASS_AUDIENCE, FOLLOWING, own_class_pages
from admin_web.people import acting, me, moment, my_school
from admin_web.translations import _, _l
from db.kinds import END_REASONS_OF_STAFF, EndReason
from school.following.ending import LONGEST_NOTE
from school.staff import authority
from school.students import guardians
from school.students.who_may_be_told import MayBeTold, change_who_may_be_told, who_may_be_told
from school.subscriptions import requests
from school.subscriptions.ending import end_by_staff


class EndForm(FlaskForm):  # type: ignore[misc]  # the library ships no types
    """Why a follower is ended."""

    why = RadioField(
        _l("Причина"),
        [DataRequired(_l("Изберете причина."))],
        choices=[SelectChoice(value=why.value, label=END_REASONS[why]) for why in END_REASONS_OF_STAFF],
    )
    note = StringField(_l("Бележка за училището"), [Length(max=LONGEST_NOTE)])


class ToldForm(FlaskForm):  # type: ignore[misc]
    """Why it is changed who may be told."""

    note = StringField(_l("Бележка за училището"), [Length(max=LONGEST_NOTE)])


@own_class_pages.route("/student/<int:student_id>/followers/<int:subscription_id>/end", methods=["GET", "POST"])
@open_to(*CLASS_AUDIENCE)
def end_follower(student_id: int, subscription_id: int) -> ResponseReturnValue:
    """End a follower: a page that asks for the reason, and does it."""
    with reading() as session:
        known = authority.known_student(session, acting(), student_id)
        authority.check_class_teacher(known.by, known.of)
        subscriptions = requests.listed(session, status=FOLLOWING, by=acting(), student_id=student_id)
        found = {one.subscription_id: one for one in subscriptions}
    row = found.get(subscription_id) or abort(404)
    form = EndForm()
    if form.validate_on_submit() and done(
        lambda session: end_by_staff(
            session,
            subscription_id,
            EndReason(form.why.data),
            by=me().staff_id,
            now=moment(),
            note=form.note.data or "",
        ),
        _("Абонаментът е прекратен. Човекът и другите абонати на ученика научават за това."),
    ):
        return redirect(url_for("own_class.student", student_id=student_id))
    return render_template("own_class/end_follower.html", student=known, row=row, form=form)


@own_class_pages.route("/student/<int:student_id>/told", methods=["GET", "POST"])
@open_to(*CLASS_AUDIENCE)
def told_of_student(student_id: int) -> ResponseReturnValue:
    """Who may be told of the student: for children whose parents a court limited."""
    with reading() as session:
        known = authority.known_student(session, acting(), student_id)
        family = guardians.guardians(session, known)
        now = who_may_be_told(session, my_school(), student_id)
    form = ToldForm()
    if form.validate_on_submit():
        shown = {one.guardian_id for one in family if f"shown-{one.guardian_id}" in request.form}
        wanted = MayBeTold(
            "only_named" in request.form, {id_: f"guardian-{id_}" in request.form for id_ in sorted(shown)}
        )
        if done(
            lambda session: change_who_may_be_told(
                session, my_school(), student_id, wanted, moment(), by=me().staff_id, note=form.note.data or ""
            ),
            _("Записано е. Важи веднага за SMS, обаждания, имейл и кампании."),
        ):
            return redirect(url_for("own_class.student", student_id=student_id))
    return render_template("own_class/told.html", student=known, family=family, told=now, form=form)
