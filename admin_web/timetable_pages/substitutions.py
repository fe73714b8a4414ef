"""Who substitutes today: the lessons of a teacher who is away, and what becomes of each."""

import re
from datetime import date

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from admin_web.actions import done
from admin_web.audience import LEADERS, open_to
from admin_web.database import reading
from admin_web.form_dates import date_field, needed_date
from admin_web.lessons.views import asked_date
from admin_web.numbers import row_id
from admin_web.people import me, moment, my_school
from admin_web.timetable_pages.blueprint import KINDS, timetable_pages
from admin_web.translations import _
from db.kinds import SubstitutionKind
from errors import InputError
from school import setup
from school.timetable import substitutions
from school.timetable.day import planned_on
from school.timetable.substitutions import Choice, Order

_FIELD = re.compile(r"kind-(\d{1,9})-(\d{1,2})")


@timetable_pages.get("/substitutions")
@open_to(*LEADERS)
def substitutes() -> ResponseReturnValue:
    """The substitutions of a date, and the lessons of whoever is away."""
    on, teacher = asked_date(request.args.get("on")), request.args.get("teacher", type=row_id)
    with reading() as session:
        standing = substitutions.of_date(session, my_school(), on)
        planned = planned_on(session, my_school(), on)
        people = [one for one in setup.staff(session, my_school()) if one.is_active]
    return render_template(
        "timetable/substitutions.html",
        on=on,
        teacher=teacher,
        standing=standing,
        by_place={(one.class_id, one.lesson): one for one in standing if one.absent_id == teacher},
        lessons=[one for one in planned if one.staff_id == teacher],
        busy={one.staff_id for one in planned},
        people=people,
        kinds=KINDS,
    )


@timetable_pages.post("/substitutions")
@open_to(*LEADERS)
def substitute() -> ResponseReturnValue:
    """Record who gives the lessons."""
    teacher = request.form.get("teacher", 0, type=row_id)

    def act(session: Session) -> None:
        order = Order(request.form.get("reason", ""), request.form.get("order_number", ""), date_field("ordered_on"))
        substitutions.record(
            session, my_school(), needed_date("on"), teacher, _choices(), order, by=me().staff_id, now=moment()
        )

    done(act, _("Заместванията са записани."))
    return redirect(url_for("timetable.substitutes", on=request.form.get("on") or None, teacher=teacher))


@timetable_pages.post("/substitutions/<int:substitution_id>/remove")
@open_to(*LEADERS)
def remove_substitution(substitution_id: int) -> ResponseReturnValue:
    """The teacher gives the lesson after all."""
    dates: list[date] = []

    def act(session: Session) -> None:
        dates.append(substitutions.remove(session, my_school(), substitution_id, by=me().staff_id, now=moment()))

    done(act, _("Заместването е отменено; записаното в часа остава."))
    return redirect(url_for("timetable.substitutes", on=dates[0].isoformat() if dates else None))


def _choices() -> list[Choice]:
    """The lessons for which something was chosen."""
    found = []
    for name in request.form:
        field = _FIELD.fullmatch(name)
        kind = request.form.get(name, "")
        if field is None or not kind:
            continue
        if kind not in set(SubstitutionKind):
            raise InputError("The form is incomplete: reload the page and try again.")
        place = f"{field[1]}-{field[2]}"
        found.append(
            Choice(
                int(field[1]),
                int(field[2]),
                SubstitutionKind(kind),
                None if kind == SubstitutionKind.EMPTY else request.form.get(f"who-{place}", type=row_id) or None,
                knowingly=f"known-{place}" in request.form,
            )
        )
    return found
