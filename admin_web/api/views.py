"""The API's addresses."""

from typing import Any

from flask import Response, current_app, jsonify, request
from flask_openapi3.blueprint import APIBlueprint
from flask_openapi3.models.tag import Tag
from pydantic import BaseModel

from admin_web.api import access, events, lists, reports
from admin_web.api.access import holder
from admin_web.api.problems import Problem
from admin_web.audience import Audience, open_to
from admin_web.database import reading, writing
from admin_web.hardening import csrf, limiter, was_served
from admin_web.people import moment
from school import integrations
from school.reports import REPORTS, run
from school.years import calendar
from settings import Settings

ABOUT, LISTS, EVENTS, REPORTS_TAG = (
    Tag(name="about", description="This document."),
    Tag(name="lists", description="Who and what there is at the school."),
    Tag(
        name="events",
        description="What happens at school. Parents who follow the student are told, as of what a teacher enters. "
        "Each event of a batch is recorded or refused by itself.",
    ),
    Tag(name="reports", description="The figures that the school's leaders read."),
)
PROBLEMS: dict[Any, Any] = dict.fromkeys((401, 403, 404, 422, 429, 503), Problem)

api = APIBlueprint(
    "api",
    __name__,
    url_prefix="/api/v1",
    abp_security=[{"token": []}],
    abp_responses=PROBLEMS,
)
csrf.exempt(api)  # a token is no cookie: no other site's page can make a browser send it
limiter.limit(access.allowance, key_func=access.asker, deduct_when=was_served)(api)


@api.before_request
def check_token() -> None:
    """Everything but the document needs a token."""
    if request.endpoint != "api.document":
        access.check_token()


@api.get("/openapi.json", tags=[ABOUT], summary="This document", security=[], doc_ui=False)
@open_to(Audience.ANYONE)
def document() -> Response:
    """What there is, for people and for generators of clients."""
    return jsonify(current_app.api_doc)  # type: ignore[attr-defined]  # the application is an OpenAPI


@api.get("/school", tags=[LISTS], summary="The school", responses={200: lists.School})
@open_to(Audience.API)
def school() -> Response:
    """The school whose token it is, and its year."""
    with reading() as session:
        found = integrations.school(session, holder().school_id, calendar.today(moment()))
    return _json(lists.School.model_validate(found))


@api.get("/classes", tags=[LISTS], summary="Classes", responses={200: lists.Classes})
@open_to(Audience.API)
def classes() -> Response:
    """The classes of the school year that runs or began last."""
    with reading() as session:
        found = integrations.classes(session, holder().school_id, calendar.today(moment()))
    return _json(lists.Classes(classes=[lists.SchoolClass.model_validate(one) for one in found]))


@api.get("/subjects", tags=[LISTS], summary="Subjects", responses={200: lists.Subjects})
@open_to(Audience.API)
def subjects() -> Response:
    """The subjects of the school."""
    with reading() as session:
        found = integrations.subjects(session, holder().school_id)
    return _json(lists.Subjects(subjects=[lists.Subject.model_validate(one) for one in found]))


@api.get("/teachers", tags=[LISTS], summary="Teachers", responses={200: lists.Teachers})
@open_to(Audience.API)
def teachers() -> Response:
    """Those in whose name an event can be handed in."""
    with reading() as session:
        found = integrations.teachers(session, holder().school_id)
    return _json(lists.Teachers(teachers=[lists.Teacher.model_validate(one) for one in found]))


@api.get("/teaching", tags=[LISTS], summary="Who teaches what", responses={200: lists.TeachingList})
@open_to(Audience.API)
def teaching() -> Response:
    """Who teaches what to which class."""
    with reading() as session:
        found = integrations.teaching(session, holder().school_id, calendar.today(moment()))
    return _json(lists.TeachingList(teaching=[lists.Teaching.model_validate(one) for one in found]))


@api.get("/students", tags=[LISTS], summary="Students", responses={200: lists.Students})
@open_to(Audience.API)
def students(query: lists.StudentsAsked) -> Response:
    """The students in classes, page by page."""
    with reading() as session:
        found = integrations.students(
            session, holder().school_id, class_id=query.class_id, after=query.after, limit=query.limit + 1
        )
    page = [lists.Student.model_validate(one) for one in found[: query.limit]]
    return _json(lists.Students(students=page, next=page[-1].id if len(found) > query.limit else None))


@api.post("/students/find", tags=[LISTS], summary="Find students by ЕГН or ЛНЧ", responses={200: lists.StudentIds})
@open_to(Audience.API)
def find_students(body: lists.NationalIds) -> Response:
    """Which student has which national id. The ids are never sent back."""
    with reading() as session:
        found = integrations.find_students(session, holder().school_id, body.national_ids, calendar.today(moment()))
    return _json(lists.StudentIds(student_ids=list(found)))


def _ingest_at(path: str, summary: str, about: str, batch: type[BaseModel]) -> None:
    """An address that takes a batch of events of one kind."""

    def ingest(body: Any) -> Response:
        incoming = [event.incoming(moment()) for event in body.events]
        with writing() as session:
            results = integrations.ingest(session, holder(), incoming, moment())
        return _json(events.Results(results=[events.EventResult.model_validate(one) for one in results]))

    ingest.__name__, ingest.__doc__ = path.replace("-", "_"), about
    ingest.__annotations__["body"] = batch
    address = api.post(f"/{path}", tags=[EVENTS], summary=summary, responses={200: events.Results})
    address(open_to(Audience.API)(access.records(ingest)))


_ingest_at("grades", "Hand in grades", "Record grades.", events.Grades)
_ingest_at("absences", "Hand in absences", "Record absences and lateness.", events.Absences)
_ingest_at("remarks", "Hand in remarks", "Record censures and praises.", events.Remarks)
_ingest_at("health-notes", "Hand in health notes", "Record health notes.", events.HealthNotes)
_ingest_at("meetings", "Announce meetings and events", "Announce parents' meetings and events.", events.Meetings)


@api.get("/reports", tags=[REPORTS_TAG], summary="Which reports there are", responses={200: reports.ReportList})
@open_to(Audience.API)
def listed_reports() -> Response:
    """All reports with the filters that each takes."""
    return _json(reports.ReportList(reports=[reports.named(spec) for spec in REPORTS.values()]))


@api.get("/reports/<report_id>", tags=[REPORTS_TAG], summary="A report", responses={200: reports.ReportAnswer})
@open_to(Audience.API)
def report(path: reports.ReportPath, query: reports.ReportAsked) -> Response:
    """One report as typed columns and rows."""
    config: Settings = current_app.config["ESCHOOL"]
    filters = query.filters(config.state_counts_lateness)
    with reading() as session:
        found = run(session, holder().school_id, path.report_id, filters, calendar.today(moment()))
    return _json(reports.answered(found))


def _json(answer: BaseModel) -> Response:
    return Response(answer.model_dump_json(), content_type="application/json")
