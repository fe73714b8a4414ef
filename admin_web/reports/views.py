"""The list of reports, each report as a page with filters, and as files."""

from dataclasses import replace
from datetime import date
from typing import Any

from flask import Blueprint, Response, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from admin_web import exports
from admin_web.audience import LEADERS, STAFF, open_to
from admin_web.database import reading
from admin_web.formats import NAMES
from admin_web.hardening import IMAGE_POLICY, content_policy
from admin_web.numbers import calendar_year, row_id
from admin_web.people import me, moment, my_school
from admin_web.reports.parameters import as_arguments, read_filters, report_for, reports_for
from admin_web.translations import _l, reader, told
from db.kinds import GradeKind
from errors import InputError
from school.reports import SPANS, Filters, Report, absence_file, run
from school.reports.choices import choices, visible_classes, year_of_class
from school.wording.translation import gettext
from school.years import calendar
from settings import Settings

report_pages = Blueprint("reports", __name__, url_prefix="/reports")

ROWS_ON_A_PAGE = 150
"""More load slowly on an old computer, and are above 100 KB; the rest is one click away, and in the files."""
FORMS = {
    "xlsx": (exports.xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "csv": (exports.csv, "text/csv; charset=utf-8"),
    "pdf": (exports.pdf, "application/pdf"),
}


GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (_l("Отсъствия"), ("absences_by_student", "absences_by_class", "absences_by_teacher", "absences_of_student")),
    (_l("Оценки"), ("grades_by_student", "grades_by_class", "grades_by_teacher", "grades_of_student")),
    (
        _l("Сравнения"),
        ("student_comparison", "teacher_comparison", "last_year_comparison", "grade_distribution", "mark_distribution"),
    ),
    (_l("Иска внимание"), ("at_risk", "missing_entries", "students_without_grades")),
    (_l("Родители и държава"), ("notification_figures", "state_absences")),
)
"""Every report, in the order in which a school looks for one."""


@report_pages.get("/")
@open_to(*STAFF)
def listed() -> ResponseReturnValue:
    """The reports that the person may read; those about one student are reached from a row of another."""
    readable = {spec.id: spec for spec in reports_for(me())}
    groups = [(title, [readable[id_] for id_ in ids if id_ in readable]) for title, ids in GROUPS]
    return render_template("reports/list.html", groups=[(title, specs) for title, specs in groups if specs])


@report_pages.get("/<report_id>")
@open_to(*STAFF)
def shown(report_id: str) -> ResponseReturnValue:
    """A report: filters, chart and table."""
    spec = report_for(me(), report_id)
    today = calendar.today(moment())
    report, problem = None, None
    with reading() as session:
        filters = _filters(session, today)
        if all(getattr(filters, name) is not None for name in spec.needs):
            try:
                report = exports.in_readers_language(run(session, my_school(), report_id, filters, today))
            except InputError as error:
                problem = told(error)
        offered = choices(
            session,
            my_school(),
            filters.day(today),
            filters.visible_classes,
            with_students="student_id" in spec.needs,
        )
    return render_template(
        "reports/report.html",
        spec=spec,
        readable={one.id for one in reports_for(me())},
        report=report,
        problem=problem,
        filters=filters,
        arguments=as_arguments(filters),
        rows_shown=None if "all" in request.args else ROWS_ON_A_PAGE,
        offered=offered,
        spans={span: gettext(reader(), words) for span, words in SPANS.items()},
        kinds={kind: NAMES[kind] for kind in GradeKind},
        text=exports.text,
        is_number=exports.is_number,
        description=exports.description,
        narrowed=lambda target: as_arguments(filters.narrowed(target)),
    )


@report_pages.get("/<report_id>/chart.svg")
@open_to(*STAFF)
@content_policy(IMAGE_POLICY)
def chart(report_id: str) -> ResponseReturnValue:
    """The report's chart as an image."""
    report = _asked_report(report_id)
    if report.chart is None:
        abort(404)
    return Response(exports.chart_svg(report.chart), content_type="image/svg+xml")


@report_pages.get("/<report_id>/report.<form>")
@open_to(*STAFF)
def exported(report_id: str, form: str) -> ResponseReturnValue:
    """The report as a file."""
    write, kind = FORMS.get(form) or abort(404)
    report = _asked_report(report_id)
    headers = {"Content-Disposition": f'attachment; filename="{report_id}.{form}"'}
    return Response(write(report), content_type=kind, headers=headers)


@report_pages.get("/state-file")
@open_to(*LEADERS)
def state_file() -> ResponseReturnValue:
    """The month's absences for НЕИСПУО."""
    year, _dash, month = request.args.get("month", "").partition("-")
    try:
        of = calendar_year(year), row_id(month)
    except ValueError:
        abort(404)
    with reading() as session:
        lateness = _settings().state_counts_lateness
        file = absence_file(session, my_school(), *of, state_counts_lateness=lateness)
    headers = {"Content-Disposition": f'attachment; filename="{file.name}"'}
    return Response(file.content, content_type="text/plain; charset=windows-1251", headers=headers)


def _asked_report(report_id: str) -> Report:
    report_for(me(), report_id)
    today = calendar.today(moment())
    with reading() as session:
        filters = _filters(session, today)
        report = run(session, my_school(), report_id, filters, today)
    return exports.in_readers_language(report)


def _filters(session: Session, today: date) -> Filters:
    """What the address asks for, within what the person may see of the year that it asks for."""
    filters = read_filters(request.args, None, _settings().state_counts_lateness)
    if filters.year is None and filters.class_id is not None:
        filters = replace(filters, year=year_of_class(session, my_school(), filters.class_id))
    if me().leads:
        return filters
    visible = visible_classes(session, my_school(), me().staff_id, filters.day(today))
    return replace(filters, visible_classes=visible)


def _settings() -> Settings:
    found: Settings = current_app.config["ESCHOOL"]
    return found
