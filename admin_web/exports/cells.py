"""A report's cells as text, the same in every form that people read."""

from datetime import date
from decimal import Decimal

from admin_web.translations import reader
from school.reports import Cell, ColumnKind
from school.wording.words import in_halves, with_comma


def text(cell: Cell, kind: ColumnKind) -> str:
    """`5,25`, `2 и 1/2`, `12,5 %`, `24.11.2026`; nothing for none. Who reads English has a point."""
    if cell is None:
        return ""
    if isinstance(cell, date):
        return f"{cell:%d.%m.%Y}"
    if isinstance(cell, Decimal):
        if kind is ColumnKind.GRADE:
            return with_comma(reader(), f"{cell:.2f}")
        if kind is ColumnKind.PERCENT:
            return with_comma(reader(), f"{cell:.1f} %")
        return in_halves(reader(), cell) if kind is ColumnKind.HOURS else with_comma(reader(), f"{cell:f}")
    return str(cell)


def is_number(kind: ColumnKind) -> bool:
    """Whether cells of a kind stand at the right."""
    return kind in (ColumnKind.NUMBER, ColumnKind.HOURS, ColumnKind.PERCENT, ColumnKind.GRADE)
