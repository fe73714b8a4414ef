"""Lists from files: uploaded, previewed, then carried out, all or nothing."""

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web.audience import LEADERS, open_to
from admin_web.database import reading, writing
from admin_web.people import me, moment, my_school
from admin_web.setup_pages.blueprint import setup_pages
from admin_web.translations import reader, told
from db.kinds import LinkPurpose
from errors import InputError
from school import accounts, roster
from school.roster import Change, Options
from school.wording.translation import gettext
from school.years import calendar
from settings import Settings

MOST_SHOWN = 250
"""Rows of a preview or of problems on one page."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@setup_pages.get("/import")
@open_to(*LEADERS)
def importing() -> ResponseReturnValue:
    """What can be uploaded, and the form."""
    return _form_page()


@setup_pages.post("/import")
@open_to(*LEADERS)
def preview() -> ResponseReturnValue:
    """Read a file: every problem in one list, or what would happen."""
    upload = request.files.get("file")
    data = upload.read() if upload else b""
    file_name = (upload.filename if upload else "") or ""
    today = calendar.today(moment())
    options = _options()
    try:
        read = roster.read(data, file_name, today)
        with reading() as session:
            found = roster.prepare(session, my_school(), read, today, options).preview
        if not found.problems:
            with writing() as session:
                roster.keep(session, my_school(), me().staff_id, data, file_name, moment())
    except InputError as error:
        flash(told(error), "error")
        return _form_page(422)
    if found.problems:
        return render_template(
            "setup/problems.html",
            problems=found.problems,
            most=MOST_SHOWN,
            file_name=file_name,
            ignored=found.ignored,
            told=lambda one: gettext(reader(), one.sentence, **dict(one.values)),
        ), 422
    shown = [one for one in found.entries if one.change is not Change.UNCHANGED]
    return render_template(
        "setup/preview.html",
        preview=found,
        shown=shown,
        most=MOST_SHOWN,
        file_name=file_name,
        options=options,
        changes=Change,
    )


@setup_pages.post("/import/carry-out")
@open_to(*LEADERS)
def carry_out() -> ResponseReturnValue:
    """Do what the preview showed."""
    config: Settings = current_app.config["ESCHOOL"]
    try:
        with writing() as session:
            data, file_name = roster.kept(session, my_school(), me().staff_id, moment())
            done = roster.carry_out(
                session,
                my_school(),
                roster.read(data, file_name, calendar.today(moment())),
                by=me().staff_id,
                now=moment(),
                shown=request.form.get("shown", ""),
                options=_options(),
            )
            roster.forget(session, me().staff_id)
            invited = accounts.send_links(
                session,
                my_school(),
                done.staff_new if "invite" in request.form else (),
                LinkPurpose.INVITATION,
                root=config.web_root,
                by=me().staff_id,
                now=moment(),
            )
    except InputError as error:
        flash(told(error), "error")
        return redirect(url_for("setup.importing"))
    return render_template("setup/imported.html", done=done, invited=invited)


@setup_pages.get("/import/template.xlsx")
@open_to(*LEADERS)
def template() -> ResponseReturnValue:
    """The workbook to fill in."""
    headers = {"Content-Disposition": 'attachment; filename="e-school-spisaci.xlsx"'}
    return Response(roster.template_xlsx(), content_type=XLSX, headers=headers)


def _options() -> Options:
    return Options(missing_leave="missing_leave" in request.form, missing_end="missing_end" in request.form)


def _form_page(status: int = 200) -> ResponseReturnValue:
    return render_template("setup/import.html", largest=roster.LARGEST_FILE >> 20), status
