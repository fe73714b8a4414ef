"""The teacher's pages: the day's lessons, a lesson's sheet, one grade, one student."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from uuid import uuid4

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf

from admin_web.audience import STAFF, open_to
from admin_web.database import reading, writing
from admin_web.lessons.submission import read_entries
from admin_web.numbers import row_id, whole_number
from admin_web.people import acting, me, moment, my_school
from admin_web.translations import _, _l, ngettext, told
from db.kinds import FIRST_LESSON, LAST_LESSON, GradeKind, GradeScale, Mark
from school import transfers
from school.audit import history
from school.classbook.sheet import read_sheet
from school.classbook.sheet_entries import SavedBeforeError, SheetError
from school.classbook.sheet_saving import save_lesson
from school.students.card import read_card
from school.timetable.day import lessons_on
from school.timetable.taught import taught_classes
from school.years import calendar

lesson_pages = Blueprint("lessons", __name__, url_prefix="/lessons")

DELETIONS = ("grade.deleted", "absence.deleted", "remark.deleted")
NOTHING_SAVED = _l("Нищо не е записано: причината стои при ученика. Поправете я и запишете отново.")
SHOWN_GRADES = 10
"""Of a student on a sheet, the latest ones: the others are one click away, on the student's page."""
COLUMN_KINDS = [kind for kind in GradeKind if not kind.closes] + [GradeKind.TERM, GradeKind.ANNUAL]


def asked_date(value: str | None) -> date:
    """A date from an address, today when there is none. Aborts with 404 when it is no date."""
    if not value:
        return calendar.today(moment())
    try:
        return date.fromisoformat(value)
    except ValueError:
        abort(404)


@lesson_pages.get("/")
@open_to(*STAFF)
def today() -> ResponseReturnValue:
    """The lessons of a day and all classes the person may enter for."""
    on = asked_date(request.args.get("on"))
    with reading() as session:
        planned = lessons_on(session, my_school(), me().staff_id, on)
        classes = taught_classes(session, my_school(), me().staff_id, on, everything=me().leads)
    return render_template(
        "lessons/today.html",
        on=on,
        today=calendar.today(moment()),
        lessons=planned,
        classes=classes,
        numbers=range(FIRST_LESSON, LAST_LESSON + 1),
    )


@lesson_pages.get("/open")
@open_to(*STAFF)
def open_sheet() -> ResponseReturnValue:
    """From the choice of class, subject, date and lesson to its sheet."""
    class_named, _dash, subject_named = request.args.get("of", "").partition("-")
    on = asked_date(request.args.get("on"))
    try:
        class_id, subject_id = row_id(class_named), row_id(subject_named)
        lesson = whole_number(request.args.get("lesson", "1"))
    except ValueError:
        abort(404)
    return redirect(
        url_for("lessons.sheet", class_id=class_id, subject_id=subject_id, on=on.isoformat(), lesson=lesson)
    )


@lesson_pages.get("/<int:class_id>/<int:subject_id>/<on>/<int:lesson>")
@open_to(*STAFF)
def sheet(class_id: int, subject_id: int, on: str, lesson: int) -> ResponseReturnValue:
    """The sheet of one lesson."""
    return _sheet_page(class_id, subject_id, asked_date(on), lesson)


@lesson_pages.get("/token")
@open_to(*STAFF)
def token() -> ResponseReturnValue:
    """A fresh token for a form that stayed open longer than its session."""
    return jsonify(token=generate_csrf())


@lesson_pages.post("/save")
@open_to(*STAFF)
def save() -> ResponseReturnValue:
    """Save a sheet at once: from the page's script, or as a plain form where no script runs."""
    by_script = request.accept_mimetypes.best == "application/json"
    try:
        submission = read_entries(request.form)
        with writing() as session:
            answer = save_lesson(session, by=me().staff_id, submission=submission, now=moment())
    except SavedBeforeError as error:
        return jsonify(error=_("Част от това вече е записана."), accepted=error.accepted), 409
    except SheetError as error:
        return _refused(error, by_script=by_script)
    message = ngettext("Записан е %(num)s запис.", "Записани са %(num)s записа.", answer.recorded)
    if answer.conflicts:
        message += " " + _(
            "Не е променено, защото друг го е променил междувременно: %(names)s.", names=", ".join(answer.conflicts)
        )
    if by_script:
        return jsonify(message=message)
    return redirect(
        url_for(
            "lessons.sheet",
            class_id=submission.class_id,
            subject_id=submission.subject_id,
            on=submission.on.isoformat(),
            lesson=submission.lesson,
        )
    )


def _refused(error: SheetError, *, by_script: bool) -> ResponseReturnValue:
    """The reasons, each with its student; where no script runs the page says them, and keeps what was entered."""
    reasons = {one.student_id: told(one) for one in error.refused}
    if by_script:
        rows = [{"student_id": student_id, "error": reason} for student_id, reason in reasons.items()]
        return jsonify(error=str(NOTHING_SAVED), refused=rows), 422
    form = request.form
    page = _sheet_page(
        *(int(form["class_id"]), int(form["subject_id"]), date.fromisoformat(form["on"]), int(form["lesson"])),
        entered=form,
        refused=reasons,
    )
    return page, 422


def _sheet_page(
    class_id: int,
    subject_id: int,
    on: date,
    lesson: int,
    *,
    entered: Mapping[str, str] = MappingProxyType({}),
    refused: Mapping[int, str] = MappingProxyType({}),
) -> str:
    """The sheet, with what was entered and not saved, and why not."""
    with reading() as session:
        found = read_sheet(session, acting(), class_id, subject_id, on, lesson, moment())
    kinds = [kind for kind in COLUMN_KINDS if not (found.is_in_words and kind is GradeKind.TERM)]
    return render_template(
        "lessons/sheet.html",
        sheet=found,
        kinds=kinds,
        marks=[mark for mark in Mark if mark.scale is GradeScale.QUALITATIVE],
        special_marks=[mark for mark in Mark if mark.scale is GradeScale.SPECIAL_NEEDS],
        shown_grades=SHOWN_GRADES,
        key=entered.get("key") or uuid4(),
        entered=entered,
        refused=refused,
        nothing_saved=NOTHING_SAVED,
    )


@lesson_pages.get("/student/<int:student_id>")
@open_to(*STAFF)
def student(student_id: int) -> ResponseReturnValue:
    """One student: entries of the year, who was told of them, who follows."""
    with reading() as session:
        card = read_card(session, acting(), student_id, moment(), request.args.get("year", type=row_id))
        grades, absences = (
            transfers.brought(session, my_school(), student_id, card.year)
            if card.sees_everything and card.is_here
            else ((), ())
        )
        deleted = history.of_student(session, my_school(), student_id, DELETIONS) if card.sees_everything else ()
    return render_template(
        "lessons/student.html", card=card, deleted=deleted, brought_grades=grades, brought_absences=absences
    )
