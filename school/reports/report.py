"""What a report is: typed columns and rows, a chart beside them, and where a row leads. Others format it.

Texts are Bulgarian. Titles, headings, series, units, labels of filters and notes are our own words; of the other texts
those are that are `Words`. Whoever shows a report translates these and leaves the rest.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

Cell = str | int | Decimal | date | None
"""By the column's kind: TEXT str, NUMBER int, HOURS, PERCENT and GRADE Decimal, DATE date; None: nothing to say."""

HUNDREDTH = Decimal("0.01")


class ColumnKind(StrEnum):
    """How a column's cells are to be written."""

    TEXT = "text"
    NUMBER = "number"  # how many
    HOURS = "hours"  # school hours, with halves: 2.5 is „2 и 1/2“
    PERCENT = "percent"  # 0 to 100, one decimal place
    DATE = "date"
    GRADE = "grade"  # 2.00 to 6.00, two decimal places; a difference of grades too


@dataclass(frozen=True, slots=True)
class Column:
    """`key` names it for programs, `heading` for people."""

    key: str
    heading: str
    kind: ColumnKind = ColumnKind.TEXT


class Entity(StrEnum):
    """What a row may lead to; the value is the filter that it fills."""

    STUDENT = "student_id"
    SCHOOL_CLASS = "class_id"
    TEACHER = "staff_id"
    SUBJECT = "subject_id"


@dataclass(frozen=True, slots=True)
class Target:
    """What a row is about: asking the next report for it goes into detail."""

    entity: Entity
    id: int


@dataclass(frozen=True, slots=True)
class Row:
    """A cell for every column."""

    cells: tuple[Cell, ...]
    target: Target | None = None


class ChartKind(StrEnum):
    """How the series are drawn."""

    BAR = "bar"
    LINE = "line"
    STACKED = "stacked"


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers, one for every label of the chart; None: none there."""

    name: str
    values: tuple[Decimal | int | None, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of some columns. It shows nothing that the table does not."""

    kind: ChartKind
    title: str
    unit: str
    labels: tuple[str, ...]
    series: tuple[Series, ...]
    bottom: int = 0
    """Where the axis begins: 2 for grades."""


@dataclass(frozen=True, slots=True)
class Table:
    """What a report's function finds. `totals`: a cell for every column, as a row has; `filters`: where they are not
    those that were asked for."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    totals: tuple[Cell, ...] | None = None
    chart: Chart | None = None
    notes: tuple[str, ...] = ()
    filters: tuple[tuple[str, str], ...] | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """`filters`: what it was asked for, label and value. `totals`: a cell for every column, as a row has."""

    id: str
    title: str
    school: str
    filters: tuple[tuple[str, str], ...]
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    totals: tuple[Cell, ...] | None = None
    chart: Chart | None = None
    notes: tuple[str, ...] = ()

    def column(self, key: str) -> tuple[Cell, ...]:
        """The cells of one column, from top to bottom."""
        place = [column.key for column in self.columns].index(key)
        return tuple(row.cells[place] for row in self.rows)


LABELS_AT_MOST = 40
"""A chart with more labels cannot be read."""


def chart(
    kind: ChartKind,
    title: str,
    unit: str,
    labels: Sequence[str],
    series: Iterable[tuple[str, Sequence[Decimal | int | None]]],
    *,
    bottom: int = 0,
) -> Chart | None:
    """A chart of the first LABELS_AT_MOST labels that have a number; None where none has."""
    given = list(series)
    kept = [at for at in range(len(labels)) if any(values[at] is not None for _, values in given)][:LABELS_AT_MOST]
    if not kept:
        return None
    drawn = tuple(Series(name, tuple(values[at] for at in kept)) for name, values in given)
    return Chart(kind, title, unit, tuple(labels[at] for at in kept), drawn, bottom)


def mean(hundredths: int | None, count: int) -> Decimal | None:
    """The mean of grades of which only sum (in hundredths) and number are known, half up at the hundredth."""
    if not count or hundredths is None:
        return None
    return (Decimal(hundredths) / 100 / count).quantize(HUNDREDTH, ROUND_HALF_UP)


def percent(part: int, whole: int) -> Decimal | None:
    """Percent with one decimal place; None of nothing."""
    if not whole:
        return None
    return (Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)


def per_head(amount: Decimal, heads: int) -> Decimal | None:
    """What falls on each, two decimal places; None where nobody is."""
    return (amount / heads).quantize(HUNDREDTH, ROUND_HALF_UP) if heads else None
