"""A report as CSV, as Excel opens it in Bulgaria: UTF-8 with BOM, `;` between cells, decimal commas."""

import csv as csv_format
import io
from datetime import date
from decimal import Decimal

from school.reports import Cell, Report

BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv(report: Report) -> bytes:
    """Headings and rows, nothing else: for programs too."""
    out = io.StringIO()
    writer = csv_format.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([_plain(column.heading) for column in report.columns])
    writer.writerows([_plain(cell) for cell in row.cells] for row in report.rows)
    return out.getvalue().encode("utf-8-sig")


def _plain(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, date):
        return f"{cell:%d.%m.%Y}"
    if isinstance(cell, Decimal):
        return f"{cell:f}".replace(".", ",")
    if isinstance(cell, int):
        return str(cell)
    # What a person typed must not become a formula in the reader's program.
    return f"'{cell}" if cell.startswith(BEGINS_A_FORMULA) else cell
