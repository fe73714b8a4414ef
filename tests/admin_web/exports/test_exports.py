"""A report that left the page says what it said on it: files are opened again and compared."""

import csv as csv_format
import io
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from xml.etree import ElementTree
from zipfile import ZipFile

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from pypdf import PdfReader
from sqlalchemy import select

from admin_web.exports import chart_svg, csv, pdf, text, xlsx
from db.models import Student
from db.session import Database
from school.reports import REPORTS, Chart, ChartKind, Column, ColumnKind, Filters, Report, Row, Series, run
from tests.school.conftest import NOW

NASTY = ("=1+1", "+359888", "-2", "@SUM(A1)", '=cmd|" /C calc"!A0', "\t=1")


@pytest.fixture
def reports(demonstration: Database) -> Iterator[list[Report]]:
    """Every report on the demonstration school."""
    with demonstration.reading() as session:
        student = session.scalars(select(Student.id).order_by(Student.id).limit(1)).one()
        wish = Filters(student_id=student)
        yield [run(session, 1, id_, wish if spec.needs else Filters(), NOW.date()) for id_, spec in REPORTS.items()]


def made_up(*names: str, rows: int = 0) -> Report:
    """A report with a column of each kind."""
    columns = tuple(Column(kind.value, f"Колона {kind.value}", kind) for kind in ColumnKind)
    cells = (3, Decimal("2.5"), Decimal("12.5"), date(2026, 11, 24), Decimal("5.25"))
    named = (*names, *(f"Ученик № {number}" for number in range(rows)))
    return Report(
        "made_up", "Справка: [проба]/*?", "СУ „Христо Ботев“", (("Период", "първи учебен срок"),), columns,
        tuple(Row((name, *cells)) for name in named), ("Общо", *cells),
        Chart(ChartKind.STACKED, "Графика", "часове", ("8а",), (Series("извинени", (3,)), Series("общо", (None,)))),
        ("Прогноза: бележка.",),
    )  # fmt: skip


def opened(report: Report) -> Worksheet:
    sheet = load_workbook(io.BytesIO(xlsx(report))).worksheets[0]
    assert isinstance(sheet, Worksheet)
    return sheet


def words(document: bytes) -> str:
    """A PDF's text with single spaces."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(document)).pages).split())


class TestExcel:
    def test_every_report_comes_back_cell_by_cell(self, reports: list[Report]) -> None:
        for report in reports:
            sheet = opened(report)
            heading = 4 + len(report.filters)
            assert sheet["A1"].value == report.title
            assert sheet.freeze_panes == f"A{heading + 1}"
            table = list(sheet.iter_rows(heading, heading + len(report.rows) + 1, 1, len(report.columns)))
            assert [cell.value for cell in table[0]] == [column.heading for column in report.columns]
            for row, written in zip(report.rows, table[1:], strict=False):
                for cell, back, column in zip(row.cells, written, report.columns, strict=True):
                    if isinstance(cell, Decimal):
                        assert isinstance(back.value, int | float)
                        assert Decimal(str(back.value)) == cell
                    elif isinstance(cell, date):
                        assert isinstance(back.value, datetime)
                        assert (back.value.date(), back.number_format) == (cell, "dd.mm.yyyy")
                    else:
                        assert back.value == (None if cell == "" else cell), column.key
            if report.totals and report.totals[0]:
                assert table[-1][0].value == report.totals[0]

    def test_what_looks_like_a_formula_stays_text(self) -> None:
        sheet = opened(made_up(*NASTY))
        assert [(sheet.cell(6 + at, 1).value, sheet.cell(6 + at, 1).data_type) for at in range(len(NASTY))] == [
            (name, "s") for name in NASTY
        ]

    def test_characters_that_excel_refuses_are_left_out(self) -> None:
        assert opened(made_up("Ив\x00ан\x0b")).cell(6, 1).value == "Иван"

    def test_the_chart_is_excels_own_beside_its_numbers(self) -> None:
        book = load_workbook(io.BytesIO(xlsx(made_up("Иван"))))
        sheet = book.worksheets[1]
        assert isinstance(sheet, Worksheet)
        assert sheet.title == "Графика"
        assert [[cell.value for cell in row] for row in sheet.iter_rows(1, 2, 1, 3)] == [
            [None, "извинени", "общо"],
            ["8а", 3, None],
        ]
        assert b"barChart" in ZipFile(io.BytesIO(xlsx(made_up("Иван")))).read("xl/charts/chart1.xml")


class TestCsv:
    def test_every_report_comes_back_cell_by_cell(self, reports: list[Report]) -> None:
        for report in reports:
            written = csv(report)
            assert written.startswith(b"\xef\xbb\xbf")
            table = list(csv_format.reader(io.StringIO(written.decode("utf-8-sig"), newline=""), delimiter=";"))
            assert table[0] == [column.heading for column in report.columns]
            assert len(table) == len(report.rows) + 1
            for row, back in zip(report.rows, table[1:], strict=True):
                for cell, shown in zip(row.cells, back, strict=True):
                    if isinstance(cell, Decimal):
                        assert Decimal(shown.replace(",", ".")) == cell
                    elif isinstance(cell, date):
                        assert shown == f"{cell:%d.%m.%Y}"
                    else:
                        assert shown == ("" if cell is None else str(cell))

    def test_what_looks_like_a_formula_is_quoted_and_numbers_are_not(self) -> None:
        report = made_up(*NASTY)
        lowered = Report("x", "x", "x", (), report.columns[-1:], (Row((Decimal("-0.25"),)),))
        table = csv_format.reader(io.StringIO(csv(report).decode("utf-8-sig"), newline=""), delimiter=";")
        assert [row[0] for row in table][1:] == [f"'{name}" for name in NASTY]
        assert csv(lowered).decode("utf-8-sig").splitlines()[1] == "-0,25"

    def test_separators_quotes_and_new_lines_in_a_name_survive(self) -> None:
        name = 'Иван "Ванко"; Петров\nмладши'
        table = csv_format.reader(io.StringIO(csv(made_up(name)).decode("utf-8-sig"), newline=""), delimiter=";")
        assert list(table)[1][0] == name


class TestPdf:
    @pytest.mark.slow
    def test_every_report_is_there_to_read(self, reports: list[Report]) -> None:
        for report in reports:
            found = words(pdf(report, NOW.date()))
            assert report.title in found
            assert all(value in found for _, value in report.filters)
            assert "24.11.2026 стр. 1 от" in found
            squeezed = re.sub(r"\s", "", found)
            for row in report.rows:
                for cell, column in zip(row.cells, report.columns, strict=True):
                    if "," not in str(cell):  # a list of grades is broken over lines that others stand between
                        assert all(word in squeezed for word in text(cell, column.kind).split()), (report.id, cell)

    def test_headings_stand_on_every_page_and_no_row_is_lost(self) -> None:
        reader = PdfReader(io.BytesIO(pdf(made_up(rows=150))))
        pages = [page.extract_text() for page in reader.pages]
        with_rows = [page for page in pages if "Ученик №" in page]
        assert len(with_rows) > 2
        assert all("Колона" in page for page in with_rows)
        assert re.findall(r"Ученик № (\d+)", "\n".join(pages)) == [str(number) for number in range(150)]

    def test_an_endless_name_is_broken_and_stays_on_the_page(self) -> None:
        name = "Константинополчаникочаченина" * 8
        found = PdfReader(io.BytesIO(pdf(made_up(name)))).pages[0].extract_text()
        assert name in re.sub(r"\s", "", found)

    def test_an_empty_report_says_so(self) -> None:
        empty = Report("x", "Празна", "СУ", (), (Column("a", "Клас"),), ())
        assert "Няма данни за избраното." in words(pdf(empty))

    def test_fonts_are_embedded_with_only_the_letters_in_use(self) -> None:
        document = pdf(made_up("Иван"))
        assert len(document) < 60_000
        fonts = PdfReader(io.BytesIO(document)).pages[0]["/Resources"]["/Font"]  # type: ignore[index]
        assert all("DejaVu" in str(font.get_object()["/BaseFont"]) for font in fonts.values())


class TestChart:
    def test_every_chart_is_told_to_who_cannot_see_it_and_runs_nothing(self, reports: list[Report]) -> None:
        charts = [report.chart for report in reports if report.chart]
        assert len(charts) > 8
        for chart in charts:
            image = chart_svg(chart)
            root = ElementTree.fromstring(image)
            assert root.attrib["role"] == "img"
            named = {child.attrib.get("id"): child.text or "" for child in root}
            assert root.attrib["aria-labelledby"].split() == ["title", "desc"]
            assert named["title"] == chart.title
            for series in chart.series:
                assert series.name in named["desc"]
            assert not [one.tag for one in root.iter() if one.tag.endswith(("script", "foreignObject"))]
            assert not [name for one in root.iter() for name in one.attrib if name.startswith("on")]
            assert b"http://" not in re.sub(rb'xmlns(:\w+)?="[^"]*"|<!--.*?-->', b"", image)
            assert len(image) < 100_000

    def test_names_cannot_break_out_of_the_image(self) -> None:
        chart = Chart(ChartKind.BAR, "<script>", "бр.", ("<b>&\"'",), (Series("</svg>", (1,)),))
        root = ElementTree.fromstring(chart_svg(chart))
        assert not [one.tag for one in root.iter() if one.tag.endswith(("script", "}b"))]
        assert root[0].text == "<script>"

    def test_grades_are_drawn_from_2_to_6(self) -> None:
        chart = Chart(ChartKind.BAR, "Успех", "успех", ("8а",), (Series("успех", (Decimal("4.5"),)),), bottom=2)
        axis = re.findall(rb'<text[^>]*class="[^"]*"[^>]*>([\d.]+)</text>', chart_svg(chart))
        assert {b"2", b"6"} <= set(axis)
        assert b"7" not in axis


@pytest.mark.parametrize(
    ("cell", "kind", "shown"),
    [
        (Decimal("2.5"), ColumnKind.HOURS, "2 и 1/2"),
        (Decimal("0.5"), ColumnKind.HOURS, "1/2"),
        (Decimal("3.0"), ColumnKind.HOURS, "3"),
        (Decimal(0), ColumnKind.HOURS, "0"),
        (Decimal("1.75"), ColumnKind.HOURS, "1,75"),
        (Decimal("1.50"), ColumnKind.HOURS, "1,50"),
        (Decimal("4.5"), ColumnKind.GRADE, "4,50"),
        (Decimal("-0.25"), ColumnKind.GRADE, "-0,25"),
        (Decimal("12.5"), ColumnKind.PERCENT, "12,5 %"),
        (date(2026, 11, 4), ColumnKind.DATE, "04.11.2026"),
        (7, ColumnKind.NUMBER, "7"),
        (None, ColumnKind.GRADE, ""),
    ],
)
def test_values_are_written_as_a_teacher_writes_them(cell: Decimal | date | None, kind: ColumnKind, shown: str) -> None:
    assert text(cell, kind) == shown
