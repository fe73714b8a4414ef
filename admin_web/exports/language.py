"""A report in its reader's language: what is our own words is translated, what people wrote stays as it is."""

from dataclasses import replace

from admin_web.translations import _, filled, language
from school.reports import Cell, Chart, Report, Words


def in_readers_language(report: Report) -> Report:
    """The same report; `is not` the one given unless its reader reads Bulgarian."""
    if language() == "bg":
        return report
    return replace(
        report,
        title=_(report.title),
        filters=tuple((_(label), words(value)) for label, value in report.filters),
        columns=tuple(replace(column, heading=heading(column.heading)) for column in report.columns),
        rows=tuple(replace(row, cells=_cells(row.cells)) for row in report.rows),
        totals=None if report.totals is None else _cells(report.totals),
        chart=None if report.chart is None else _chart(report.chart),
        notes=tuple(map(heading, report.notes)),
    )


def words(text: str) -> str:
    """Words in the reader's language; any other text as it is."""
    if not isinstance(text, Words):
        return text
    return filled(text.sentence, {name: words(v) if isinstance(v, str) else v for name, v in text.values.items()})


def heading(text: str) -> str:
    """A text that is always ours."""
    return words(text) if isinstance(text, Words) else _(text)


def _cells(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    return tuple(words(cell) if isinstance(cell, str) else cell for cell in cells)


def _chart(chart: Chart) -> Chart:
    return replace(
        chart,
        title=heading(chart.title),
        unit=heading(chart.unit),
        labels=tuple(map(words, chart.labels)),
        series=tuple(replace(series, name=heading(series.name)) for series in chart.series),
    )
