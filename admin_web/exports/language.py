"""A report in its reader's language: our own words are translated, what people wrote stays as it is."""

from dataclasses import replace

from admin_web.translations import reader
from db.kinds import Language
from school.reports import Cell, Chart, Report
from school.wording.translation import SOURCE, gettext, in_language


def in_readers_language(report: Report) -> Report:
    """The same report; `is not` the one given unless its reader reads another language than it is written in."""
    language = reader()
    if language is SOURCE:
        return report
    return replace(
        report,
        title=gettext(language, report.title),
        filters=tuple((gettext(language, label), in_language(language, value)) for label, value in report.filters),
        columns=tuple(replace(column, heading=gettext(language, column.heading)) for column in report.columns),
        rows=tuple(replace(row, cells=_cells(language, row.cells)) for row in report.rows),
        totals=None if report.totals is None else _cells(language, report.totals),
        chart=None if report.chart is None else _chart(language, report.chart),
        notes=tuple(gettext(language, note) for note in report.notes),
    )


def _cells(language: Language, cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    return tuple(in_language(language, cell) if isinstance(cell, str) else cell for cell in cells)


def _chart(language: Language, chart: Chart) -> Chart:
    return replace(
        chart,
        title=gettext(language, chart.title),
        unit=gettext(language, chart.unit),
        labels=tuple(in_language(language, label) for label in chart.labels),
        series=tuple(replace(series, name=gettext(language, series.name)) for series in chart.series),
    )
