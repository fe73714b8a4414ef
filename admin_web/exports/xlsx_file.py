"""A report as an Excel workbook: real numbers and dates, headings that stay, totals, and the chart as Excel's own."""

import io
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from admin_web.exports.cells import is_number, text
from admin_web.translations import _
from school.reports import Cell, Chart, ChartKind, Column, ColumnKind, Report

FORMATS = {
    ColumnKind.NUMBER: "0",
    ColumnKind.HOURS: "0.##",
    ColumnKind.PERCENT: '0.0" %"',
    ColumnKind.DATE: "dd.mm.yyyy",
    ColumnKind.GRADE: "0.00",
}
WIDEST = 60
NOT_IN_A_NAME = str.maketrans(dict.fromkeys("[]:*?/\\", " "))
"""A sheet's name holds at most 31 characters and none of these."""


def xlsx(report: Report) -> bytes:
    """The table on one sheet, the chart's numbers and the chart on a second."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = report.title.translate(NOT_IN_A_NAME)[:31]
    book.properties.title, book.properties.creator = report.title, report.school
    _write(sheet, 1, 1, report.title).font = Font(bold=True, size=14)
    _write(sheet, 2, 1, report.school)
    for at, (label, value) in enumerate(report.filters, 3):
        _write(sheet, at, 1, f"{label}: {value}")
    heading = 4 + len(report.filters)
    _table(sheet, report, heading)
    for at, note in enumerate(report.notes, heading + len(report.rows) + 3):
        _write(sheet, at, 1, note).font = Font(italic=True)
    if report.chart is not None:
        _chart(book.create_sheet(_("Графика")), report.chart)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _table(sheet: Worksheet, report: Report, heading: int) -> None:
    line = Border(bottom=Side(style="thin"))
    for place, column in enumerate(report.columns, 1):
        cell = _write(sheet, heading, place, column.heading)
        cell.font, cell.border = Font(bold=True), line
        cell.fill = PatternFill("solid", fgColor="E8EEF4")
        cell.alignment = Alignment(
            wrap_text=True, vertical="top", horizontal="right" if is_number(column.kind) else None
        )
        sheet.column_dimensions[get_column_letter(place)].width = _width(report, place - 1)
    for at, row in enumerate(report.rows, heading + 1):
        _row(sheet, at, row.cells, report.columns)
    last = heading + len(report.rows)
    if report.totals is not None:
        _row(sheet, last + 1, report.totals, report.columns, bold=True)
    end = get_column_letter(len(report.columns))
    sheet.auto_filter.ref = f"A{heading}:{end}{last}"
    sheet.freeze_panes = f"A{heading + 1}"
    sheet.print_title_rows = f"{heading}:{heading}"
    sheet.page_setup.orientation = "landscape" if len(report.columns) > 6 else "portrait"
    sheet.page_setup.paperSize = 9  # A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def _row(
    sheet: Worksheet, at: int, cells: tuple[Cell, ...], columns: tuple[Column, ...], *, bold: bool = False
) -> None:
    for place, (cell, column) in enumerate(zip(cells, columns, strict=True), 1):
        if cell is None:
            continue
        written = _write(sheet, at, place, cell)
        if not isinstance(cell, str):
            written.number_format = FORMATS.get(column.kind, "General")
        if bold:
            written.font = Font(bold=True)


def _write(sheet: Worksheet, row: int, column: int, value: Any) -> Any:
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
        cell.data_type = "s"  # text that begins with "=" stays text
    elif isinstance(value, Decimal):
        cell.value = float(value)
    else:
        cell.value = value
    return cell


def _width(report: Report, place: int) -> float:
    """So that nothing is cut, but no wider than WIDEST characters."""
    column = report.columns[place]
    words = max(map(len, column.heading.split()))
    written = (len(text(row.cells[place], column.kind)) for row in report.rows)
    total = len(text(report.totals[place], column.kind)) if report.totals else 0
    return min(WIDEST, max(words, 8, total, *written, 0) + 2)


def _chart(sheet: Worksheet, chart: Chart) -> None:
    for place, series in enumerate(chart.series, 2):
        _write(sheet, 1, place, series.name)
        for at, value in enumerate(series.values, 2):
            if value is not None:
                _write(sheet, at, place, value)
    for at, label in enumerate(chart.labels, 2):
        _write(sheet, at, 1, label)
    last = len(chart.labels) + 1
    drawn: BarChart | LineChart
    if chart.kind is ChartKind.LINE:
        drawn = LineChart()
    elif chart.kind is ChartKind.STACKED:
        drawn = BarChart(grouping="stacked", overlap=100)
    else:
        drawn = BarChart()
    drawn.title, drawn.y_axis.title = chart.title, chart.unit
    drawn.y_axis.scaling.min = chart.bottom
    drawn.y_axis.delete = drawn.x_axis.delete = False
    drawn.width, drawn.height = 28, 14
    drawn.add_data(
        Reference(sheet, min_col=2, max_col=1 + len(chart.series), min_row=1, max_row=last), titles_from_data=True
    )
    drawn.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=last))
    sheet.add_chart(drawn, get_column_letter(3 + len(chart.series)) + "1")
