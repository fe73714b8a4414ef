"""Students who go to another school of the platform, and those whom other schools let come."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from admin_web.actions import done
from admin_web.audience import LEADERS, open_to
from admin_web.database import reading
from admin_web.form_dates import date_field
from admin_web.numbers import row_id
from admin_web.people import me, moment, my_school
from admin_web.setup_pages.blueprint import chosen_year, setup_pages
from admin_web.translations import _
from school import setup, transfers


@setup_pages.post("/students/<int:student_id>/offer")
@open_to(*LEADERS)
def offer_student(student_id: int) -> ResponseReturnValue:
    """Let a student go to another school; they leave this one."""
    to_school = request.form.get("to_school", "")

    def act(session: Session) -> None:
        last_day = date_field("last_day")
        transfers.offer(session, my_school(), student_id, to_school, by=me().staff_id, now=moment(), last_day=last_day)

    if done(act, _("Ученикът е напуснал; другото училище може да го приеме.")):
        return redirect(url_for("setup.find_students"))
    return redirect(url_for("own_class.student", student_id=student_id))


@setup_pages.get("/transfers")
@open_to(*LEADERS)
def offered_students() -> ResponseReturnValue:
    """Whom other schools let come and who is in no class here yet; whom we let go and nobody has admitted."""
    with reading() as session:
        offered = transfers.offered(session, my_school(), by=me().staff_id)
        going = transfers.on_the_way(session, my_school(), by=me().staff_id)
        year = chosen_year(session)
        classes = setup.classes(session, my_school(), year.id) if year else ()
    return render_template("setup/transfers.html", offered=offered, going=going, classes=classes)


@setup_pages.post("/transfers/<int:transfer_id>")
@open_to(*LEADERS)
def admit_student(transfer_id: int) -> ResponseReturnValue:
    """Put one of them into a class."""
    class_id = request.form.get("class_id", 0, type=row_id)

    def act(session: Session) -> None:
        since = date_field("since")
        transfers.admit(session, my_school(), transfer_id, class_id, by=me().staff_id, now=moment(), since=since)

    done(act, _("Ученикът е приет и има ID-код."))
    return redirect(url_for("setup.offered_students"))


@setup_pages.post("/transfers/<int:transfer_id>/withdraw")
@open_to(*LEADERS)
def withdraw_student(transfer_id: int) -> ResponseReturnValue:
    """Take back an offer that the other school has not taken up."""
    done(
        lambda session: transfers.withdraw(session, my_school(), transfer_id, by=me().staff_id, now=moment()),
        _("Оттеглено: другото училище вече не вижда ученика."),
    )
    return redirect(url_for("setup.offered_students"))
