"""Lists from files: uploaded, asked about, previewed, then carried out, all or nothing."""

from flask import Response, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from admin_web.audience import LEADERS, open_to
from admin_web.database import reading, writing
from admin_web.people import me, moment, my_school
from admin_web.setup_pages.blueprint import setup_pages
from admin_web.setup_pages.waiting_file import waiting_now
from admin_web.translations import told
from admin_web.uploads import largest_upload
from db.kinds import LinkPurpose
from errors import InputError
from school import accounts, roster
from school.roster import Options, desk, remembering, uploads
from school.years import calendar
from settings import Settings

FORM_BYTES = 64 * 1024
"""What a form has beside its file."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@setup_pages.get("/import")
@open_to(*LEADERS)
def importing() -> ResponseReturnValue:
    """What can be uploaded, and the form."""
    return _form_page()


@setup_pages.post("/import")
@open_to(*LEADERS)
@largest_upload(roster.LARGEST_FILE + FORM_BYTES)
def upload() -> ResponseReturnValue:
    """Take a file; then the page of its columns, or, where they are known already, that of what would happen."""
    sent = request.files.get("file")
    data = sent.read() if sent else b""
    file_name = (sent.filename if sent else "") or ""
    now = moment()
    try:
        with reading() as session:
            known = remembering.remembered(session, my_school())
        waiting = desk.receive(data, file_name, known, now, calendar.today(now), _options())
        with writing() as session:
            desk.keep(session, my_school(), me().staff_id, waiting, now)
    except InputError as error:
        flash(told(error), "error")
        return _form_page(422)
    return redirect(url_for("setup.check" if waiting.is_settled else "setup.columns"))


@setup_pages.post("/import/carry-out")
@open_to(*LEADERS)
def carry_out() -> ResponseReturnValue:
    """Do what the preview showed."""
    config: Settings = current_app.config["ESCHOOL"]
    today = calendar.today(moment())
    try:
        waiting = waiting_now(today)
        read = waiting.roster(today)
        with writing() as session:
            uploads.take(session, my_school(), me().staff_id, waiting.upload)
            done = roster.carry_out(
                session,
                my_school(),
                read,
                by=me().staff_id,
                now=moment(),
                shown=request.form.get("shown", ""),
                options=_options(),
            )
            remembering.remember(session, my_school(), waiting.shapes, moment())
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
