"""A timetable from a file: uploaded, its names confirmed, carried out as a draft."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web.audience import LEADERS, open_to
from admin_web.database import reading, writing
from admin_web.form_dates import date_field, needed_date
from admin_web.people import me, moment, my_school
from admin_web.timetable_pages.blueprint import timetable_pages
from admin_web.translations import _, ngettext, reader, told
from admin_web.uploads import largest_upload
from errors import InputError
from school import timetable_import
from school.timetable.versions import LONGEST_TITLE, Plan
from school.timetable_import import Answers, FoundTimetable, Note, Read
from school.timetable_import.found import LARGEST_FILE
from school.wording.translation import gettext
from school.years import calendar


@timetable_pages.get("/import")
@open_to(*LEADERS)
def importing() -> ResponseReturnValue:
    """What can be uploaded, and the form."""
    return _form_page()


@timetable_pages.post("/import")
@open_to(*LEADERS)
@largest_upload(LARGEST_FILE + (1 << 16))
def read_import() -> ResponseReturnValue:
    """Read a file and show its names with guesses."""
    upload = request.files.get("file")
    data = upload.read() if upload else b""
    file_name = (upload.filename if upload else "") or ""
    on = calendar.today(moment())
    try:
        read = timetable_import.read(data)
        with reading() as session:
            found = timetable_import.prepare(session, my_school(), read, on)
        with writing() as session:
            timetable_import.keep(session, my_school(), me().staff_id, data, file_name, moment())
    except InputError as error:
        flash(told(error), "error")
        return _form_page(422)
    return _names_page(found, file_name, on)


@timetable_pages.post("/import/carry-out")
@open_to(*LEADERS)
def carry_out_import() -> ResponseReturnValue:
    """Make the draft by the names that were confirmed."""
    try:
        with reading() as session:
            upload = timetable_import.kept(session, my_school(), me().staff_id, moment())
        found = timetable_import.read(upload.data)
    except InputError as error:
        flash(told(error), "error")
        return _form_page(422)
    try:
        plan = Plan(request.form.get("title", ""), needed_date("starts_on"), None, date_field("week_a_on"))
        with writing() as session:
            timetable_import.take(session, my_school(), me().staff_id, upload)
            done = timetable_import.carry_out(
                session, my_school(), found, _answers(found), plan, by=me().staff_id, now=moment()
            )
    except InputError as error:
        flash(told(error), "error")
        return _form_page(422) if error.sentence == timetable_import.GONE else _names_again(found, upload.file_name)
    flash(ngettext("Внесен е %(num)s час.", "Внесени са %(num)s часа.", done.lessons), "done")
    if done.left_out:
        flash(
            ngettext(
                "%(num)s час от файла не е внесен: паралелката, предметът или учителят му не са посочени.",
                "%(num)s часа от файла не са внесени: паралелката, предметът или учителят им не са посочени.",
                done.left_out,
            ),
            "error",
        )
    return redirect(url_for("timetable.version", timetable_id=done.timetable_id))


def _answers(found: FoundTimetable) -> Answers:
    """What stands beside each name, by the numbers that the page gave them."""
    by_kind = {
        kind: {name: request.form.get(f"{kind}{at}", "") for at, name in enumerate(found.names(kind))}
        for kind in timetable_import.KINDS
    }
    return Answers(by_kind["class"], by_kind["subject"], by_kind["teacher"], "new_subjects" in request.form)


def _names_again(found: FoundTimetable, file_name: str) -> ResponseReturnValue:
    """The page as it was sent, to be put right; the form of a new file when there is no year to match names in."""
    on = calendar.today(moment())
    try:
        with reading() as session:
            read = timetable_import.prepare(session, my_school(), found, on)
    except InputError:
        return _form_page(422)
    return _names_page(read, file_name, on, request.form), 422


def _names_page(found: Read, file_name: str, on: date, entered: Mapping[str, str] = MappingProxyType({})) -> str:
    def words(note: Note) -> str:
        return gettext(reader(), note.sentence, **dict(note.values))

    title = (file_name.rpartition(".")[0] or _("Разписание"))[:LONGEST_TITLE]
    return render_template(
        "timetable/confirm.html",
        read=found,
        file_name=file_name,
        title=title,
        starts_on=on.isoformat(),
        told=words,
        entered=entered,
    )


def _form_page(status: int = 200) -> ResponseReturnValue:
    return render_template("timetable/import.html", largest=LARGEST_FILE >> 20), status
