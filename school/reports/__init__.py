"""Reports: questions to the class book, answered as typed rows. `run` one of `REPORTS`; pages and exports format it."""

from school.reports.filters import SPANS, Filters, Span
from school.reports.registry import REPORTS, Readers, ReportSpec, run
from school.reports.report import Cell, Chart, ChartKind, Column, ColumnKind, Entity, Report, Row, Series, Target
from school.reports.state_file import StateFile, absence_file
from school.reports.words import grade_in_words

__all__ = [
    "REPORTS",
    "SPANS",
    "Cell",
    "Chart",
    "ChartKind",
    "Column",
    "ColumnKind",
    "Entity",
    "Filters",
    "Readers",
    "Report",
    "ReportSpec",
    "Row",
    "Series",
    "Span",
    "StateFile",
    "Target",
    "absence_file",
    "grade_in_words",
    "run",
]
