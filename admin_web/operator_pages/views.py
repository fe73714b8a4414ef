"""Schools that joined or ask to, what is under way, and the state of the processes."""

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web.actions import done
from admin_web.audience import open_to
from admin_web.database import reading, writing
from admin_web.people import me, moment
from admin_web.translations import _, told
from db.kinds import LinkPurpose, Role
from errors import InputError
from school import accounts, lines, setup
from school.monitoring import health, platform
from settings import Settings

operator_pages = Blueprint("operator", __name__, url_prefix="/platform")


@operator_pages.get("/")
@open_to(Role.PLATFORM_OPERATOR)
def overview() -> ResponseReturnValue:
    """Everything at a glance."""
    with reading() as session:
        processes = health.found(session, moment())
        return render_template(
            "operator/overview.html",
            requests=[one for one in setup.requests(session) if one.decided_at is None],
            schools=platform.schools(session, moment()),
            stops=lines.open_stops(session),
            queues=platform.queues(session),
            troubles=platform.troubles(session, moment()),
            links=[one for one in processes if one.part],
            processes=[one for one in processes if not one.part],
        )


@operator_pages.post("/requests/<int:request_id>")
@open_to(Role.PLATFORM_OPERATOR)
def decide(request_id: int) -> ResponseReturnValue:
    """Let a school join, or not. Its administrator is invited by e-mail; the link is also shown, once."""
    config: Settings = current_app.config["ESCHOOL"]
    if request.form.get("decision") != "approve":
        reason = request.form.get("reason", "")
        done(
            lambda session: setup.refuse(session, request_id, by=me().staff_id, now=moment(), reason=reason),
            _("Заявката е отказана."),
        )
        return redirect(url_for("operator.overview"))
    try:
        with writing() as session:
            approved = setup.approve(session, request_id, by=me().staff_id, now=moment())
            invited = accounts.send_links(
                session,
                approved.school_id,
                [approved.administrator_id],
                LinkPurpose.INVITATION,
                root=config.web_root,
                by=me().staff_id,
                now=moment(),
                handed_over=True,
            )
    except InputError as error:
        flash(told(error), "error")
        return redirect(url_for("operator.overview"))
    return render_template("operator/approved.html", invited=invited)
