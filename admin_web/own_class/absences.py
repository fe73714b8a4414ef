"""The page of parents' notices: what waits for the class teacher, what counted, and whom the child benefit leaves."""

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from admin_web.actions import done
from admin_web.audience import open_to
from admin_web.database import reading
from admin_web.own_class.views import CLASS_AUDIENCE, own_class_pages
from admin_web.people import acting, me, moment, my_school
from admin_web.translations import _, _l
from db.kinds import NoticeState, Obstacle
from errors import MissingError
from school.attendance import decisions, notices_of_class, warned
from school.classbook.benefit import LOST_AT
from school.classbook.excuse_limits import parents_limits
from school.staff import authority
from school.years import calendar
from settings import Settings

STATES = {
    NoticeState.COUNTED: _l("извинява от само себе си"),
    NoticeState.WAITING: _l("чака"),
    NoticeState.ACCEPTED: _l("прието"),
    NoticeState.REFUSED: _l("отказано"),
    NoticeState.REPLACED: _l("заменено"),
}
OBSTACLES = {
    Obstacle.AT_ONCE: _l("повече дни наведнъж"),
    Obstacle.A_YEAR: _l("повече дни, отколкото остават"),
    Obstacle.LATE: _l("след първия ден"),
    Obstacle.NO_REASON: _l("без причина"),
}
"""Why a notice waits, and for what it is refused."""


@own_class_pages.get("/<int:class_id>/excuses")
@open_to(*CLASS_AUDIENCE)
def excuses_of_class(class_id: int) -> ResponseReturnValue:
    """The notices of a class, and who was told of the unexcused hours of this month."""
    config: Settings = current_app.config["ESCHOOL"]
    now = moment()
    with reading() as session:
        notices = notices_of_class.listed(session, acting(), class_id, now)
        near = warned.of_class(session, acting(), class_id, now, counts_lateness=config.state_counts_lateness)
        name = authority.class_name(session, acting(), class_id)
    return render_template(
        "own_class/excuses.html",
        class_id=class_id,
        class_name=name,
        waiting=[one for one in notices if one.waits],
        others=[one for one in notices if not one.waits],
        warned=near,
        limits=parents_limits(calendar.today(now)),
        lost_at=LOST_AT,
        states=STATES,
        obstacles=OBSTACLES,
    )


@own_class_pages.post("/excuses/<int:notice_id>")
@open_to(*CLASS_AUDIENCE)
def decide_excuse(notice_id: int) -> ResponseReturnValue:
    """Let a notice count, or refuse it for a reason that holds."""
    asked = request.form.get("decision", "")
    with reading() as session:
        class_id = decisions.class_of(session, notice_id, my_school())
    back = redirect(url_for("own_class.excuses_of_class", class_id=class_id))

    is_decided = False

    def act(session: Session) -> None:
        nonlocal is_decided
        if asked in set(Obstacle):
            is_decided = decisions.refuse(session, notice_id, Obstacle(asked), by=me().staff_id, now=moment())
        else:
            is_decided = decisions.accept(session, notice_id, by=me().staff_id, now=moment()) > 0

    def said() -> str:
        if not is_decided:
            return _("Тези дни вече са извинени с друга бележка. Родителят научава.")
        if asked == "accept":
            return _("Прието е. Родителят научава.")
        return _("Отказано е. Родителят научава защо.")

    if asked != "accept" and asked not in set(Obstacle):
        flash(_("Изберете решение."), "error")
        return back
    try:
        done(act, said)
    except MissingError:  # somebody else was quicker
        flash(_("Това известие вече е решено."), "error")
    return back
