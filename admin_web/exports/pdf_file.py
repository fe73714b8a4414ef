"""A report as a PDF to print: A4, headings on every page, totals, notes, and the chart drawn with lines and bars."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from fpdf import FPDF

from admin_web.exports.cells import is_number, text
from admin_web.translations import _
from runtime.documents import FAMILY, document
from school.reports import Chart, ChartKind, ColumnKind, Report

PORTRAIT_COLUMNS = 6
SIZE, LINE, GAP = 8.0, 4.4, 1.2
"""Points of the table's letters; millimetres of a line and beside a cell's text."""
NARROWEST = 11.0
FOOT = 14.0
COLOURS = ((11, 92, 173), (194, 87, 12), (75, 122, 30), (138, 43, 226), (122, 122, 122), (163, 18, 58), (0, 112, 122))


def pdf(report: Report, on: date | None = None) -> bytes:
    """The document; `on` is the day it is printed, told at the foot of each page."""
    page = _Page(report, on)
    page.head()
    page.table()
    page.notes()
    if report.chart is not None:
        page.chart(report.chart)
    return page.finished()


class _Page:
    def __init__(self, report: Report, on: date | None) -> None:
        self._report, self._on = report, on
        self._pdf: FPDF = document(landscape=len(report.columns) > PORTRAIT_COLUMNS)
        self._pdf.set_title(report.title)
        self._pdf.set_author(report.school)
        self._pdf.set_auto_page_break(False)
        self._pdf.add_page()
        self._widths = self._fitted()

    @property
    def _bottom(self) -> float:
        return float(self._pdf.h) - FOOT

    def finished(self) -> bytes:
        """With the foot of every page, now that it is known how many there are."""
        pages = self._pdf.page
        told = f"{self._report.school}   {self._on:%d.%m.%Y}" if self._on else self._report.school
        for number in range(1, pages + 1):
            self._pdf.page = number
            self._letters(7)
            self._pdf.set_xy(self._pdf.l_margin, self._bottom + 4)
            self._pdf.cell(self._pdf.epw / 2, 4, told)
            self._pdf.cell(
                self._pdf.epw / 2, 4, _("стр. %(number)s от %(pages)s", number=number, pages=pages), align="R"
            )
        self._pdf.page = pages
        return bytes(self._pdf.output())

    def head(self) -> None:
        """Title and what was asked for."""
        self._letters(14, bold=True)
        self._pdf.multi_cell(0, 8, self._report.title, new_x="LMARGIN", new_y="NEXT")
        self._letters(9)
        for label, value in ((_("Училище"), self._report.school), *self._report.filters):
            self._pdf.multi_cell(0, 5, f"{label}: {value}", new_x="LMARGIN", new_y="NEXT")
        self._pdf.ln(2)

    def table(self) -> None:
        """Headings again on every page; a row is never torn."""
        headings = [column.heading for column in self._report.columns]
        self._row(headings, bold=True, shaded=True)
        for row in self._report.rows:
            cells = [text(cell, column.kind) for cell, column in zip(row.cells, self._report.columns, strict=True)]
            if self._row_would_not_fit(cells):
                self._pdf.add_page()
                self._row(headings, bold=True, shaded=True)
            self._row(cells)
        if not self._report.rows:
            self._letters(9)
            self._pdf.cell(0, 6, _("Няма данни за избраното."), new_x="LMARGIN", new_y="NEXT")
        elif self._report.totals is not None:
            cells = [
                text(cell, column.kind) for cell, column in zip(self._report.totals, self._report.columns, strict=True)
            ]
            if self._row_would_not_fit(cells):
                self._pdf.add_page()
            self._row(cells, bold=True, shaded=True)

    def notes(self) -> None:
        """Below the table."""
        self._letters(SIZE)
        self._pdf.ln(2)
        for note in self._report.notes:
            self._make_room(3 * LINE)
            self._pdf.multi_cell(0, LINE, note, new_x="LMARGIN", new_y="NEXT")

    def chart(self, chart: Chart) -> None:
        """Bars that lie, one label a line: they need no turned letters and break over pages."""
        top = max((_total(chart, at) for at in range(len(chart.labels))), default=0.0)
        top = 6.0 if chart.bottom == 2 else top
        if top <= chart.bottom:
            return
        self._make_room(12 + 10 * LINE)
        self._pdf.ln(4)
        self._letters(10, bold=True)
        self._pdf.cell(0, 6, f"{chart.title} ({chart.unit})", new_x="LMARGIN", new_y="NEXT")
        self._legend(chart)
        names = min(60.0, self._pdf.epw / 3)
        scale = (self._pdf.epw - names - 22) / (top - chart.bottom)
        for at, label in enumerate(chart.labels):
            self._bars(chart, at, label, names, scale)

    def _bars(self, chart: Chart, at: int, label: str, names: float, scale: float) -> None:
        stacked = chart.kind is ChartKind.STACKED
        lines = 1 if stacked else len(chart.series)
        self._make_room(lines * LINE + 1)
        left, y = self._pdf.l_margin, self._pdf.get_y()
        self._letters(7)
        self._pdf.set_xy(left, y)
        self._pdf.cell(names, LINE, self._cut(label, names), align="R")
        x = left + names + 2
        for number, series in enumerate(chart.series):
            value = series.values[at]
            if value is None:
                continue
            width = max(0.0, (float(value) - chart.bottom) * scale)
            self._pdf.set_fill_color(*COLOURS[number % len(COLOURS)])
            here = y if stacked else y + number * LINE
            if width:
                self._pdf.rect(x, here + 0.6, width, LINE - 1.2, style="F")
            if stacked:
                x += width
            else:
                self._value(x + width, here, float(value))
        if stacked:
            self._value(x, y, _total(chart, at))
        self._pdf.set_xy(left, y + lines * LINE + 0.6)

    def _value(self, x: float, y: float, value: float) -> None:
        self._pdf.set_xy(x + 0.5, y)
        self._pdf.cell(18, LINE, f"{value:.2f}".rstrip("0").rstrip("."))

    def _legend(self, chart: Chart) -> None:
        if len(chart.series) < 2:
            return
        self._letters(7)
        for number, series in enumerate(chart.series):
            width = self._pdf.get_string_width(series.name) + 10
            if self._pdf.get_x() + width > self._pdf.w - self._pdf.r_margin:
                self._pdf.ln(LINE)
            self._pdf.set_fill_color(*COLOURS[number % len(COLOURS)])
            self._pdf.rect(self._pdf.get_x() + 1, self._pdf.get_y() + 0.9, 2.6, 2.6, style="F")
            self._pdf.set_x(self._pdf.get_x() + 4)
            self._pdf.cell(width - 4, LINE, series.name)
        self._pdf.ln(LINE + 1)

    def _row(self, cells: Sequence[str], *, bold: bool = False, shaded: bool = False) -> None:
        self._letters(SIZE, bold=bold)
        wrapped = self._wrapped(cells)
        height = max(map(len, wrapped)) * LINE + GAP
        x, y = self._pdf.l_margin, self._pdf.get_y()
        if shaded:
            self._pdf.set_fill_color(232, 238, 244)
            self._pdf.rect(x, y, sum(self._widths), height, style="F")
        for lines, width, column in zip(wrapped, self._widths, self._report.columns, strict=True):
            for at, line in enumerate(lines):
                self._pdf.set_xy(x, y + GAP / 2 + at * LINE)
                self._pdf.cell(width, LINE, line, align="R" if is_number(column.kind) else "L")
            x += width
        self._pdf.set_draw_color(170, 170, 170)
        self._pdf.line(self._pdf.l_margin, y + height, x, y + height)
        self._pdf.set_xy(self._pdf.l_margin, y + height)

    def _row_would_not_fit(self, cells: Sequence[str]) -> bool:
        self._letters(SIZE, bold=True)
        height = max(len(lines) for lines in self._wrapped(cells)) * LINE + GAP
        return float(self._pdf.get_y()) + height > self._bottom

    def _wrapped(self, cells: Sequence[str]) -> list[list[str]]:
        return [self._lines(cell, width - 2 * GAP) for cell, width in zip(cells, self._widths, strict=True)]

    def _lines(self, words: str, width: float) -> list[str]:
        """Words in lines that fit; one that is too long alone is cut into pieces."""
        if self._pdf.get_string_width(words) <= width:
            return [words]
        lines, line = list[str](), ""
        for word in words.split():
            longer = f"{line} {word}" if line else word
            if self._pdf.get_string_width(longer) <= width:
                line = longer
                continue
            if line:
                lines.append(line)
            line = word
            while self._pdf.get_string_width(line) > width and len(line) > 1:
                fits = next(
                    n for n in range(len(line) - 1, 0, -1) if n == 1 or self._pdf.get_string_width(line[:n]) <= width
                )
                lines.append(line[:fits])
                line = line[fits:]
        return [*lines, line]

    def _fitted(self) -> list[float]:
        """Widths in millimetres: what the cells want where there is room, else by their share; numbers come first."""
        wanted = []
        totals = self._report.totals or (None,) * len(self._report.columns)
        for place, column in enumerate(self._report.columns):
            self._letters(SIZE, bold=True)
            bold = [*column.heading.split(), text(totals[place], column.kind)]
            widest = max(self._pdf.get_string_width(words) for words in bold)
            self._letters(SIZE)
            cells = [text(row.cells[place], column.kind) for row in self._report.rows[:300]]
            widest = max(widest, self._pdf.get_string_width(max(cells, key=len, default="")))
            wanted.append(max(NARROWEST, widest + 4 * GAP))
        room = float(self._pdf.epw)
        spare = room - sum(wanted)
        texts = [at for at, column in enumerate(self._report.columns) if column.kind is ColumnKind.TEXT]
        if spare >= 0 or not texts:
            return [width * min(1.0, room / sum(wanted)) for width in wanted]
        fixed = sum(width for at, width in enumerate(wanted) if at not in texts)
        ratio = max(0.2, (room - fixed) / sum(wanted[at] for at in texts))
        fitted = [width * ratio if at in texts else width for at, width in enumerate(wanted)]
        return [width * min(1.0, room / sum(fitted)) for width in fitted]

    def _cut(self, words: str, width: float) -> str:
        if self._pdf.get_string_width(words) <= width - 2:
            return words
        while words and self._pdf.get_string_width(words + "…") > width - 2:
            words = words[:-1]
        return words + "…"

    def _letters(self, size: float, *, bold: bool = False) -> None:
        self._pdf.set_font(FAMILY, "B" if bold else "", size)

    def _make_room(self, height: float) -> None:
        if self._pdf.get_y() + height > self._bottom:
            self._pdf.add_page()


def _total(chart: Chart, at: int) -> float:
    values: list[Decimal | int] = [one for series in chart.series if (one := series.values[at]) is not None]
    if chart.kind is ChartKind.STACKED:
        return float(sum(values))
    return float(max(values, default=0))
