"""After the turn of the year: confirming who leads and teaches, class by class, and undoing it all."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from admin_web.actions import done
from admin_web.audience import LEADERS, open_to
from admin_web.numbers import row_id
from admin_web.people import me, moment, my_school
from admin_web.rollover_pages.blueprint import rollover_pages
from admin_web.translations import _
from school import rollover


@rollover_pages.post("/confirm")
@open_to(*LEADERS)
def confirm() -> ResponseReturnValue:
    """The ticked class teachers and assignments are right."""
    done(
        lambda session: rollover.confirm(
            session,
            my_school(),
            classes=request.form.getlist("lead", type=row_id),
            assignments=request.form.getlist("teach", type=row_id),
            by=me().staff_id,
            now=moment(),
        ),
        _("Потвърдено."),
    )
    return redirect(url_for("rollover.overview", class_id=request.args.get("class_id", type=row_id)))


@rollover_pages.post("/undo")
@open_to(*LEADERS)
def undo() -> ResponseReturnValue:
    """Everybody is where they were; what was decided is kept."""

    def act(session: Session) -> None:
        rollover.undo(session, my_school(), by=me().staff_id, now=moment())

    done(act, _("Преминаването е върнато: всички са там, където бяха."))
    return redirect(url_for("rollover.overview"))
