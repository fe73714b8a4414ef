"""Parts of a class: who is in which."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from admin_web.actions import done
from admin_web.audience import LEADERS, open_to
from admin_web.database import reading
from admin_web.numbers import row_id
from admin_web.people import me, moment, my_school
from admin_web.timetable_pages.blueprint import timetable_pages
from admin_web.translations import _
from db.kinds import GroupKind
from school.timetable import groups


@timetable_pages.get("/groups/<int:class_id>")
@open_to(*LEADERS)
def class_groups(class_id: int) -> ResponseReturnValue:
    """The groups of a class, each with its students ticked."""
    with reading() as session:
        found = groups.divided(session, my_school(), class_id)
    return render_template("timetable/groups.html", divided=found, kinds=GroupKind)


@timetable_pages.post("/groups/<int:class_id>")
@open_to(*LEADERS)
def make_group(class_id: int) -> ResponseReturnValue:
    """One more."""
    return _save(class_id, None)


@timetable_pages.post("/groups/<int:class_id>/<int:group_id>")
@open_to(*LEADERS)
def change_group(class_id: int, group_id: int) -> ResponseReturnValue:
    """Other students, another name."""
    return _save(class_id, group_id)


@timetable_pages.post("/groups/<int:class_id>/<int:group_id>/remove")
@open_to(*LEADERS)
def remove_group(class_id: int, group_id: int) -> ResponseReturnValue:
    """One that no timetable names goes."""
    done(
        lambda session: groups.remove(session, my_school(), class_id, group_id, by=me().staff_id, now=moment()),
        _("Групата е премахната."),
    )
    return redirect(url_for("timetable.class_groups", class_id=class_id))


def _save(class_id: int, group_id: int | None) -> ResponseReturnValue:
    def act(session: Session) -> None:
        groups.save(
            session,
            my_school(),
            class_id,
            group_id,
            request.form.get("name", ""),
            request.form.getlist("student", type=row_id),
            kind=GroupKind.INDIVIDUAL if "individual" in request.form else GroupKind.GROUP,
            by=me().staff_id,
            now=moment(),
        )

    done(act, _("Групата е записана."))
    return redirect(url_for("timetable.class_groups", class_id=class_id))
