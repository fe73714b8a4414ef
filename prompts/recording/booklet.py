"""The lines to read as pages to print, and as text."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from prompts.recording.script import Line
from runtime.documents import FAMILY, document

TITLE = "Текст за запис на гласа"
ADVICE = (
    "Четете спокойно, с равен глас, на едно и също разстояние от микрофона. Между два реда мълчете по една секунда. "
    "Ред със стрелка (→) продължава с друго: не спускайте гласа в края му."
)
NUMBER_WIDTH = 14.0
"""Millimetres."""


def as_text(lines: Sequence[Line]) -> Iterator[str]:
    """Each line with its number, under the heading of its section."""
    for section, found in groupby(lines, key=lambda line: line.section):
        yield f"\n{section}\n"
        for line in found:
            yield f"{line.number:>5}  {_shown(line)}"


def as_pdf(lines: Sequence[Line]) -> bytes:
    """A4 pages in large letters. Raises OperationError when the font is not installed."""
    pdf = document()
    pdf.set_title(TITLE)
    pdf.set_margin(18)
    pdf.set_auto_page_break(True, margin=18)
    pdf.add_page()
    pdf.set_font(FAMILY, "B", 18)
    pdf.multi_cell(0, 10, TITLE, new_x="LMARGIN", new_y="NEXT")
    pdf.set_font(FAMILY, "", 11)
    pdf.multi_cell(0, 6, ADVICE, new_x="LMARGIN", new_y="NEXT")
    for section, found in groupby(lines, key=lambda line: line.section):
        pdf.ln(4)
        pdf.set_font(FAMILY, "B", 13)
        pdf.multi_cell(0, 8, section, new_x="LMARGIN", new_y="NEXT")
        for line in found:
            pdf.set_font(FAMILY, "", 9)
            pdf.cell(NUMBER_WIDTH, 7, str(line.number))
            pdf.set_font(FAMILY, "", 13)
            pdf.multi_cell(0, 7, _shown(line), new_x="LMARGIN", new_y="NEXT")
    return bytes(pdf.output())


def _shown(line: Line) -> str:
    return f"{line.text} →" if line.goes_on else line.text
