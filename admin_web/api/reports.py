"""The shapes of the API's reports."""

from datetime import date
from decimal import Decimal

from pydantic import BaseModel, Field

from admin_web.api.fields import Day, Id
from db.kinds import GradeKind
from school.reports import Cell, ColumnKind, Entity, Filters, Report, ReportSpec, Span

ReportCell = str | int | float | None


class ReportNamed(BaseModel):
    """A report that can be asked for."""

    id: str
    title: str
    about: str
    takes: list[str] = Field(description="The filters that it knows.")
    needs: list[str] = Field(description="Those without which it says nothing.")


class ReportList(BaseModel):
    """All reports."""

    reports: list[ReportNamed]


class ReportPath(BaseModel):
    """Which report."""

    report_id: str = Field(min_length=1, max_length=40, description="An id of the list.")


class ReportAsked(BaseModel):
    """Filters; those that a report does not take are left out."""

    span: Span = Field(Span.YEAR, description="A term or the whole school year.")
    year: int | None = Field(
        None, ge=2000, le=2100, description="The calendar year in which the school year begins; null: by the dates."
    )
    since: Day | None = None
    until: Day | None = None
    subject_id: Id | None = None
    level: int | None = Field(None, ge=1, le=12)
    class_id: Id | None = None
    staff_id: Id | None = Field(None, description="A teacher.")
    student_id: Id | None = None
    grade_kind: GradeKind | None = None

    def filters(self, state_counts_lateness: bool) -> Filters:
        """The same as reports take them: a token reads the whole school."""
        return Filters(**self.model_dump(), state_counts_lateness=state_counts_lateness)


class ReportColumn(BaseModel):
    """`key` names it for programs, `heading` for people."""

    key: str
    heading: str
    kind: ColumnKind


class RowTarget(BaseModel):
    """What a row is about: give `filter` the value `id` to go into detail."""

    filter: Entity
    id: int


class ReportRow(BaseModel):
    """A cell for every column."""

    cells: list[ReportCell]
    about: RowTarget | None


class ReportAnswer(BaseModel):
    """A report. Dates are written as 2026-11-24; averages have two decimal places."""

    id: str
    title: str
    school: str
    filters: dict[str, str] = Field(description="What it was asked for, in words.")
    columns: list[ReportColumn]
    rows: list[ReportRow]
    totals: list[ReportCell] | None
    notes: list[str]


def named(spec: ReportSpec) -> ReportNamed:
    """A report's entry in the list."""
    return ReportNamed(
        id=spec.id, title=spec.title, about=spec.about, takes=sorted(spec.takes), needs=sorted(spec.needs)
    )


def answered(report: Report) -> ReportAnswer:
    """A report as the API gives it."""
    return ReportAnswer(
        id=report.id,
        title=report.title,
        school=report.school,
        filters=dict(report.filters),
        columns=[ReportColumn(key=one.key, heading=one.heading, kind=one.kind) for one in report.columns],
        rows=[
            ReportRow(
                cells=[_cell(cell) for cell in row.cells],
                about=RowTarget(filter=row.target.entity, id=row.target.id) if row.target else None,
            )
            for row in report.rows
        ],
        totals=None if report.totals is None else [_cell(cell) for cell in report.totals],
        notes=list(report.notes),
    )


def _cell(cell: Cell) -> ReportCell:
    if isinstance(cell, Decimal):
        return float(cell)
    return cell.isoformat() if isinstance(cell, date) else cell
