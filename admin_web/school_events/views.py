"""Meetings and events. Parents of those invited are told of each change by the outbox."""

from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms.fields import SelectChoice

from admin_web.actions import done
from admin_web.audience import STAFF, open_to
from admin_web.database import reading
from admin_web.entries.forms import seen_at
from admin_web.people import me, moment, my_school
from admin_web.school_events.forms import ChangedSchoolEventForm, SchoolEventForm
from admin_web.translations import _
from db.kinds import SchoolEventKind
from runtime.localtime import SOFIA
from school import setup
from school.audit import history
from school.classbook import correcting, recording, school_events
from school.years import calendar

event_pages = Blueprint("events", __name__, url_prefix="/events")


@event_pages.get("/")
@open_to(*STAFF)
def listed() -> ResponseReturnValue:
    """Those ahead, or those of the last months."""
    past = "past" in request.args
    with reading() as session:
        found = school_events.listed(session, me().staff_id, moment(), past=past)
    return render_template("events/list.html", school_events=found, past=past)


@event_pages.route("/new", methods=["GET", "POST"])
@open_to(*STAFF)
def new() -> ResponseReturnValue:
    """Announce one."""
    form = SchoolEventForm()
    form.invited.choices = _invitable()
    if form.validate_on_submit():
        class_id, level = form.class_and_level
        if done(
            lambda session: recording.record_school_event(
                session,
                by=me().staff_id,
                kind=SchoolEventKind(form.kind.data),
                class_id=class_id,
                level=level,
                title=form.title.data,
                place=form.place.data,
                starts_at=form.starts_at,
                text=form.text.data or "",
                now=moment(),
            ),
            _("Обявено е. Абонираните родители ще бъдат уведомени."),
        ):
            return redirect(url_for("events.listed"))
    return render_template("events/new.html", form=form)


@event_pages.route("/<int:event_id>", methods=["GET", "POST"])
@open_to(*STAFF)
def one(event_id: int) -> ResponseReturnValue:
    """One of them: who was told, what was changed; and a form for who may change it."""
    with reading() as session:
        found = school_events.one(session, me().staff_id, event_id, moment())
        changes = history.of_event(session, my_school(), found.ref.kind, event_id)
    at: datetime = found.starts_at.astimezone(SOFIA)
    form = ChangedSchoolEventForm(obj=found, data={"on": at.date(), "at": at.time()})
    if form.is_submitted() and not found.may_change:
        abort(403)
    if form.validate_on_submit() and done(
        lambda session: correcting.correct_school_event(
            session,
            by=me().staff_id,
            event_id=event_id,
            title=form.title.data,
            place=form.place.data,
            starts_at=form.starts_at,
            text=form.text.data or "",
            now=moment(),
            why=form.why.data or "",
            seen=seen_at(),
        ),
        _("Промяната е записана. Който вече е уведомен, ще научи и нея."),
    ):
        return redirect(url_for("events.one", event_id=event_id))
    return render_template("events/one.html", one=found, form=form, changes=changes)


@event_pages.post("/<int:event_id>/cancel")
@open_to(*STAFF)
def cancel(event_id: int) -> ResponseReturnValue:
    """Call one off."""
    why = " ".join(request.form.get("why", "").split())
    with reading() as session:
        school_events.one(session, me().staff_id, event_id, moment())
    if done(
        lambda session: correcting.delete_school_event(
            session, by=me().staff_id, event_id=event_id, now=moment(), why=why, seen=seen_at()
        ),
        _("Отменено е. Който вече е уведомен, ще научи, че няма да се състои."),
    ):
        return redirect(url_for("events.listed"))
    return redirect(url_for("events.one", event_id=event_id))


def _invitable() -> list[SelectChoice]:
    """Whom this person may invite: leaders the school and its levels too."""
    today = calendar.today(moment())
    with reading() as session:
        year_id = setup.progress(session, my_school(), today).year_id or 0
        classes = school_events.classes_to_invite(session, my_school(), me().staff_id, year_id)
    choices = [SelectChoice(value=f"class-{id_}", label=_("%(name)s клас", name=name)) for id_, name in classes]
    if not me().leads:
        return choices
    levels = sorted({int(name.rstrip("абвгдежзийклмнопрстуфхцчшщъьюя")) for _id, name in classes})
    return [
        SelectChoice(value="school", label=_("цялото училище")),
        *(SelectChoice(value=f"level-{level}", label=_("всички %(level)s. класове", level=level)) for level in levels),
        *choices,
    ]
