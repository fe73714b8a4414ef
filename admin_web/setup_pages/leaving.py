"""A member of staff leaves: who takes over what they had to do."""

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web.actions import done
from admin_web.audience import LEADERS, open_to
from admin_web.database import reading
from admin_web.people import me, moment, my_school
from admin_web.setup_pages.blueprint import setup_pages
from admin_web.translations import _
from school import setup
from school.years import calendar

NOBODY = "nobody"


@setup_pages.route("/staff/<int:staff_id>/leaving", methods=["GET", "POST"])
@open_to(*LEADERS)
def leaving(staff_id: int) -> ResponseReturnValue:
    """Every class and subject with who takes it; nothing is left without somebody having said so."""
    with reading() as session:
        staff = {one.id: one for one in setup.staff(session, my_school())}
        one = staff.get(staff_id) or abort(404)
        duties = setup.duties_of(session, my_school(), staff_id, calendar.today(moment()))
    if not one.is_active:
        return redirect(url_for("setup.person", staff_id=staff_id))
    if request.method == "POST" and done(
        lambda session: setup.leave(
            session,
            my_school(),
            staff_id,
            leads=_successors("lead"),
            teaches=_successors("teach"),
            revoke_tokens="tokens" in request.form,
            by=me().staff_id,
            now=moment(),
        ),
        _("Всичко е предадено и достъпът е прекратен."),
    ):
        return redirect(url_for("setup.staff"))
    people = [other for other in staff.values() if other.is_active and other.id != staff_id]
    return render_template(
        "setup/leaving.html",
        staff_id=staff_id,
        name=f"{one.first_name} {one.last_name}",
        duties=duties,
        people=people,
        chosen=request.form,
    )


def _successors(kind: str) -> dict[int, int | None]:
    """What was chosen for each duty of a kind; one without a choice is left out, and then nothing is done."""
    chosen: dict[int, int | None] = {}
    for name, value in request.form.items():
        what, _underscore, number = name.partition("_")
        if what != kind or not (number.isascii() and number.isdecimal() and len(number) < 10):
            continue
        if value == NOBODY:
            chosen[int(number)] = None
        elif value.isascii() and value.isdecimal() and len(value) < 10:
            chosen[int(number)] = int(value)
    return chosen
