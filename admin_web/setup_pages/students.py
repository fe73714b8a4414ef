"""Students one by one: finding, adding, moving, leaving. Adding one is importing a list of one row."""

import csv
import io

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from admin_web.actions import done
from admin_web.audience import LEADERS, open_to
from admin_web.database import reading, writing
from admin_web.form_dates import date_field
from admin_web.numbers import row_id
from admin_web.people import me, moment, my_school
from admin_web.setup_pages.blueprint import chosen_year, setup_pages
from admin_web.translations import _, reader, told
from errors import InputError
from school import roster, setup
from school.roster.columns import STUDENT_COLUMNS, Column
from school.students import students
from school.wording.translation import gettext
from school.years import calendar

LAST_OF_FIRST_GUARDIAN = "guardian1_email"
FIELDS: tuple[Column, ...] = STUDENT_COLUMNS[: [one.field for one in STUDENT_COLUMNS].index(LAST_OF_FIRST_GUARDIAN) + 1]
"""The template's columns up to the first guardian."""


@setup_pages.get("/students")
@open_to(*LEADERS)
def find_students() -> ResponseReturnValue:
    """Find a student by name or code."""
    asked = " ".join(request.args.get("q", "").split())[:80]
    with reading() as session:
        found = students.find(session, my_school(), asked)
    return render_template("setup/students.html", asked=asked, found=found, most=students.MOST)


@setup_pages.route("/students/new", methods=["GET", "POST"])
@open_to(*LEADERS)
def new_student() -> ResponseReturnValue:
    """Add one student, or one who comes back."""
    problems = []
    if request.method == "POST":
        try:
            read = roster.read(_as_file(), "CSV", calendar.today(moment()))
            with reading() as session:
                preview = roster.prepare(session, my_school(), read, calendar.today(moment())).preview
            problems = [
                f"{one.column}: {gettext(reader(), one.sentence, **dict(one.values))}" for one in preview.problems
            ]
            if not problems:
                with writing() as session:
                    roster.carry_out(
                        session, my_school(), read, by=me().staff_id, now=moment(), shown=preview.fingerprint
                    )
        except InputError as error:
            problems = [told(error)]
        if not problems:
            flash(_("Ученикът е записан и има ID-код."), "done")
            return redirect(url_for("setup.find_students", q=request.form.get("last", "")))
    with reading() as session:
        year = chosen_year(session)
        classes = setup.classes(session, my_school(), year.id) if year else ()
    return render_template("setup/new_student.html", fields=FIELDS, problems=problems, classes=classes)


@setup_pages.post("/students/<int:student_id>/move")
@open_to(*LEADERS)
def move_student(student_id: int) -> ResponseReturnValue:
    """Put a student into another class."""
    class_id = request.form.get("class_id", 0, type=row_id)

    def act(session: Session) -> None:
        since = date_field("since")
        students.move(session, my_school(), student_id, class_id, by=me().staff_id, now=moment(), since=since)

    done(
        act,
        _("Ученикът е в другата паралелка; кодът и абонатите му остават."),
    )
    return redirect(url_for("own_class.student", student_id=student_id))


@setup_pages.post("/students/<int:student_id>/leave")
@open_to(*LEADERS)
def student_leaves(student_id: int) -> ResponseReturnValue:
    """A student leaves the school."""
    done(
        lambda session: students.leave(session, my_school(), student_id, by=me().staff_id, now=moment()),
        _("Ученикът е напуснал; кодът му вече не важи."),
    )
    return redirect(url_for("setup.find_students"))


def _as_file() -> bytes:
    """The form as a list of one row: one set of rules for both ways."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, delimiter=";")
    writer.writerow([column.heading for column in FIELDS])
    writer.writerow([request.form.get(column.field, "") for column in FIELDS])
    return stream.getvalue().encode()
