"""A class's labels as PDF: A4 sheets of labels to cut, one for each student, handed to the parents.

Every label carries the code as digits and as a QR code that opens the telephone's messages with the SMS already
written (`smsto:`, as ZXing's "Barcode Contents" describes it).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import segno
from fpdf import FPDF

from runtime.documents import FAMILY, document

SHORT_CODE = "1987"
"""The number to text, the same of all operators."""
INBOUND_NUMBER = "0882 818 905"

COLUMNS, ROWS = 2, 5
MARGIN_X, MARGIN_Y = 10.0, 12.0
"""Millimetres: what an office printer cannot reach, and more."""
WIDTH, HEIGHT = (210 - 2 * MARGIN_X) / COLUMNS, (297 - 2 * MARGIN_Y) / ROWS
PADDING = 4.0
QR_SIDE = 28.0
QUIET_MODULES = 2
CUT_MARK = 4.0
SMALLEST = 5.5
"""Points; a longer line loses its end."""
GREY = 150


class Label(Protocol):
    """What a label needs to know of a student: `school.students.labels.LabelRow` is one."""

    @property
    def number(self) -> int | None: ...
    @property
    def first_name(self) -> str: ...
    @property
    def last_name(self) -> str: ...
    @property
    def code(self) -> str: ...


@dataclass(frozen=True, slots=True)
class _Sheet:
    """What all labels of a class have in common."""

    school: str
    class_name: str
    inbound_number: str
    short_code: str


def labels_pdf(
    school: str,
    class_name: str,
    rows: Sequence[Label],
    *,
    inbound_number: str = INBOUND_NUMBER,
    short_code: str = SHORT_CODE,
) -> bytes:
    """The sheets of a class, ten labels each, in the order of `rows`; a class without students gives one empty sheet.

    Raises OperationError when the font is not installed.
    """
    pdf = document()
    pdf.set_auto_page_break(False)
    pdf.set_margin(0)
    pdf.set_title(f"Етикети с ID-кодове, {class_name}")
    pdf.set_author(school)
    sheet = _Sheet(school, class_name, spaced(inbound_number), short_code)
    for index, row in enumerate(rows):
        place = index % (COLUMNS * ROWS)
        if place == 0:
            _new_page(pdf)
        _label(pdf, sheet, row, MARGIN_X + place % COLUMNS * WIDTH, MARGIN_Y + place // COLUMNS * HEIGHT)
    if not rows:
        _new_page(pdf)
    return bytes(pdf.output())


def grouped(code: str) -> str:
    """The code as people read it: 1234 5678."""
    return f"{code[:4]} {code[4:]}"


def spaced(number: str) -> str:
    """A telephone number as people read it: 0882 818 905; one that has spaces stays as it is."""
    return number if " " in number else f"{number[:4]} {number[4:7]} {number[7:]}".strip()


def qr_text(code: str, short_code: str = SHORT_CODE) -> str:
    """What the QR code opens: a new SMS to the short number with the code in it."""
    return f"smsto:{short_code}:{code}"


def _new_page(pdf: FPDF) -> None:
    """A page with marks to cut at its edges and crosses between the labels."""
    pdf.add_page()
    pdf.set_draw_color(GREY)
    pdf.set_line_width(0.2)
    for column in range(COLUMNS + 1):
        x = MARGIN_X + column * WIDTH
        for row in range(ROWS + 1):
            y = MARGIN_Y + row * HEIGHT
            pdf.line(x - CUT_MARK / 2, y, x + CUT_MARK / 2, y)
            pdf.line(x, y - CUT_MARK / 2, x, y + CUT_MARK / 2)


def _label(pdf: FPDF, sheet: _Sheet, row: Label, left: float, top: float) -> None:
    x, y = left + PADDING, top + PADDING
    text_width = WIDTH - 3 * PADDING - QR_SIDE
    _line(pdf, x, y, WIDTH - 2 * PADDING, 4, sheet.school, 7)
    number = f", № {row.number}" if row.number else ""
    name = f"{row.first_name} {row.last_name}"
    pdf.set_font(FAMILY, "B", 8.5)
    if pdf.get_string_width(name) <= text_width:
        _line(pdf, x, y + 5, text_width, 5.5, name, 11.5, bold=True)
    else:
        _line(pdf, x, y + 4.5, text_width, 4, row.first_name, 9, bold=True)
        _line(pdf, x, y + 8.2, text_width, 4, row.last_name, 9, bold=True)
    _line(pdf, x, y + 12, text_width, 4.5, f"{sheet.class_name} клас{number}", 9)
    _line(pdf, x, y + 17, text_width, 4, "ID-код", 7.5)
    _line(pdf, x, y + 20.5, text_width, 8, grouped(row.code), 19, bold=True)
    _line(pdf, x, y + 30, text_width, 4, f"SMS на {sheet.short_code}", 9, bold=True)
    _line(pdf, x, y + 34, text_width, 4, f"Обаждане на {sheet.inbound_number}", 9, bold=True)
    pdf.set_xy(x - pdf.c_margin, y + 39)
    pdf.set_font(FAMILY, "", 7)
    pdf.multi_cell(
        WIDTH - 2 * PADDING,
        3.2,
        f"Изпратете ID-кода като SMS на {sheet.short_code} и ще получавате съобщения за оценките и отсъствията; "
        "или се обадете и въведете кода.",
        align="L",
    )
    _qr(pdf, qr_text(row.code, sheet.short_code), left + WIDTH - PADDING - QR_SIDE, y + 5)


def _line(
    pdf: FPDF, x: float, y: float, width: float, height: float, text: str, size: float, *, bold: bool = False
) -> None:
    """One line of text, in smaller letters where it would be too long."""
    pdf.set_font(FAMILY, "B" if bold else "", size)
    needed = pdf.get_string_width(text)
    room = width - 2 * pdf.c_margin
    if needed > room:
        pdf.set_font_size(max(SMALLEST, 0.98 * size * room / needed))
    while pdf.get_string_width(text) > room and len(text) > 1:
        text = text.rstrip("…")[:-1] + "…"
    pdf.set_xy(x - pdf.c_margin, y)
    pdf.cell(width + pdf.c_margin, height, text)


def _qr(pdf: FPDF, text: str, left: float, top: float) -> None:
    """Dark modules as rectangles: sharp on any printer."""
    matrix = segno.make(text, error="m", micro=False).matrix
    module = QR_SIDE / (len(matrix) + 2 * QUIET_MODULES)
    pdf.set_fill_color(0)
    for row, modules in enumerate(matrix):
        y = top + (row + QUIET_MODULES) * module
        column = 0
        while column < len(modules):
            end = column
            while end < len(modules) and modules[end]:
                end += 1
            if end > column:
                x = left + (column + QUIET_MODULES) * module
                pdf.rect(x, y, (end - column) * module, module, style="F")
            column = max(end, column + 1)
