"""One entry of the class book: its content, its history, and correcting or deleting it with a reason."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from admin_web.actions import done
from admin_web.audience import STAFF, open_to
from admin_web.database import reading
from admin_web.entries.forms import AbsenceForm, ChangedHealthNoteForm, GradeForm, RemarkForm, WithReason, seen_at
from admin_web.lessons.submission import read_grade
from admin_web.people import me, moment
from admin_web.translations import _
from db.events import EventRef
from db.kinds import AbsenceKind, AbsenceReason, EventKind, RemarkKind
from school.classbook import correcting, grade_scales
from school.classbook.entries import Entry, read_entry

entry_pages = Blueprint("entries", __name__, url_prefix="/entries")

Change = Callable[[Session, Any, dict[str, Any]], object]


def _grade(session: Session, form: GradeForm, common: dict[str, Any]) -> None:
    grade = read_grade(form.grade.data.strip())
    assert grade is not None  # the form asks for one
    correcting.correct_grade(session, grade_id=common.pop("event_id"), grade=grade, **common)


def _absence(session: Session, form: AbsenceForm, common: dict[str, Any]) -> None:
    kind = AbsenceKind(form.kind.data)
    reason = AbsenceReason(form.reason.data) if form.reason.data and kind is AbsenceKind.EXCUSED else None
    correcting.correct_absence(session, absence_id=common.pop("event_id"), kind=kind, reason=reason, **common)


def _remark(session: Session, form: RemarkForm, common: dict[str, Any]) -> None:
    correcting.correct_remark(
        session, remark_id=common.pop("event_id"), text=form.text.data, kind=RemarkKind(form.kind.data), **common
    )


def _health(session: Session, form: ChangedHealthNoteForm, common: dict[str, Any]) -> None:
    correcting.correct_health_note(
        session,
        health_note_id=common.pop("event_id"),
        starts_on=form.starts_on.data,
        ends_on=form.ends_on.data,
        note=form.text.data or None,
        **common,
    )


CORRECT: dict[EventKind, tuple[type[WithReason], Change]] = {
    EventKind.GRADE: (GradeForm, _grade),
    EventKind.ABSENCE: (AbsenceForm, _absence),
    EventKind.REMARK: (RemarkForm, _remark),
    EventKind.HEALTH: (ChangedHealthNoteForm, _health),
}
DELETE: dict[EventKind, Callable[[Session, int, dict[str, Any]], None]] = {
    EventKind.GRADE: lambda session, id_, common: correcting.delete_grade(session, grade_id=id_, **common),
    EventKind.ABSENCE: lambda session, id_, common: correcting.delete_absence(session, absence_id=id_, **common),
    EventKind.REMARK: lambda session, id_, common: correcting.delete_remark(session, remark_id=id_, **common),
    EventKind.HEALTH: lambda session, id_, common: correcting.delete_health_note(session, health_note_id=id_, **common),
}


@entry_pages.route("/<kind>/<int:event_id>", methods=["GET", "POST"])
@open_to(*STAFF)
def one(kind: str, event_id: int) -> ResponseReturnValue:
    """An entry and a form to correct it."""
    entry = _entry(kind, event_id)
    form_class, correct = CORRECT[entry.ref.kind]
    form = form_class(data=_standing(entry))
    if form.validate_on_submit() and done(
        lambda session: correct(session, form, _common(form.why.data) | {"event_id": event_id}),
        _("Поправено е. Родителите, които вече са уведомени, ще научат новото."),
    ):
        return redirect(_student_page(entry))
    marks = grade_scales.marks_for(entry.level, entry.has_special_needs)
    return render_template("entries/entry.html", entry=entry, form=form, erase=WithReason(formdata=None), marks=marks)


@entry_pages.post("/<kind>/<int:event_id>/delete")
@open_to(*STAFF)
def delete(kind: str, event_id: int) -> ResponseReturnValue:
    """Delete an entry."""
    entry = _entry(kind, event_id)
    form = WithReason()
    if form.validate_on_submit() and done(
        lambda session: DELETE[entry.ref.kind](session, event_id, _common(form.why.data)),
        _("Изтрито е. Родителите, които вече са уведомени, ще научат това."),
    ):
        return redirect(_student_page(entry))
    return redirect(url_for("entries.one", kind=kind, event_id=event_id, why="missing"))


def _entry(kind: str, event_id: int) -> Entry:
    if kind not in CORRECT:
        abort(404)
    with reading() as session:
        return read_entry(session, me().staff_id, EventRef(EventKind(kind), event_id), moment())


def _common(why: str) -> dict[str, Any]:
    return {"by": me().staff_id, "now": moment(), "why": why, "seen": seen_at()}


def _standing(entry: Entry) -> dict[str, Any]:
    """The form's values as they stand."""
    value = entry.mark or (f"{entry.value:f}".rstrip("0").rstrip(".") if entry.value is not None else "")
    return {
        "grade": str(value),
        "kind": entry.kind and entry.kind.value,
        "reason": entry.reason.value if entry.reason else "",
        "text": entry.text,
        "starts_on": entry.on,
        "ends_on": entry.until,
    }


def _student_page(entry: Entry) -> str:
    if request.form.get("back") == "class" or entry.ref.kind is EventKind.HEALTH:
        return url_for("own_class.student", student_id=entry.student_id)
    return url_for("lessons.student", student_id=entry.student_id)
