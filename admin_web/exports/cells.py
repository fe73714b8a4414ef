"""A report's cells as text, the same in every form that people read."""

from datetime import date
from decimal import Decimal

from admin_web.translations import _
from school.reports import Cell, ColumnKind


def text(cell: Cell, kind: ColumnKind) -> str:
    """`5.25`, `2 и 1/2`, `12.5 %`, `24.11.2026`; nothing for none."""
    if cell is None:
        return ""
    if isinstance(cell, date):
        return f"{cell:%d.%m.%Y}"
    if isinstance(cell, Decimal):
        if kind is ColumnKind.GRADE:
            return f"{cell:.2f}"
        if kind is ColumnKind.PERCENT:
            return f"{cell:.1f} %"
        return _hours(cell) if kind is ColumnKind.HOURS else f"{cell:f}"
    return str(cell)


def is_number(kind: ColumnKind) -> bool:
    """Whether cells of a kind stand at the right."""
    return kind in (ColumnKind.NUMBER, ColumnKind.HOURS, ColumnKind.PERCENT, ColumnKind.GRADE)


def _hours(value: Decimal) -> str:
    """As a teacher writes it: „2 и 1/2“; other fractions, which only means have, as a number."""
    whole, rest = divmod(value, 1)
    if not rest:
        return f"{whole:.0f}"
    if rest == Decimal("0.5") and value.as_tuple().exponent == -1:
        return _("%(whole)s и 1/2", whole=f"{whole:.0f}") if whole else "1/2"
    return f"{value:.2f}"
