"""How much absences count: a missed lesson one hour, a late arrival half an hour. In SQL and in Python alike.

`AbsenceKind.half_hours` holds the figures; they are added up as whole half hours, so that no database rounds.
"""

from decimal import Decimal

from sqlalchemy import ColumnElement, case, func
from sqlalchemy.orm import InstrumentedAttribute

from db.kinds import AbsenceKind


def in_hours(half_hours: int) -> Decimal:
    """Half hours as school hours: 5 are 2.5."""
    return Decimal(half_hours) / 2


def unexcused_hours(unexcused: int, late: int) -> Decimal:
    """Unexcused hours in all, of so many lessons missed and so many come late to."""
    return in_hours(unexcused * AbsenceKind.UNEXCUSED.half_hours + late * AbsenceKind.LATE.half_hours)


def unexcused_half_hours(
    kind: InstrumentedAttribute[AbsenceKind], *, with_lateness: bool = True, where: ColumnElement[bool] | None = None
) -> ColumnElement[int]:
    """The unexcused half hours of a group of absences, by the column of their kind; 0 when they are all excused.

    `where`: only of those that fulfil it.
    """
    counted = [one for one in AbsenceKind if one.half_hours and (with_lateness or one is not AbsenceKind.LATE)]
    weighed = [(kind == one if where is None else (kind == one) & where, one.half_hours) for one in counted]
    return func.sum(case(*weighed, else_=0))
