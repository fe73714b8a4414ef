"""Who was in which class of the year, and how what was counted of a student falls to these classes.

Everything counts to the class of its date. Nearly every student is in one class all year, so counts are made by
student, and only of the few who came, left or moved in the year is every date looked at.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import CTE, ColumnElement, Label, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from db.models import Absence, Enrolment, Grade, Remark, SchoolClass
from school import enrolments
from school.reports.filters import Asked, counted_first, of_classes

Day = date | ColumnElement[date] | InstrumentedAttribute[date]
Counted = type[Absence] | type[Grade] | type[Remark]


def stays(asked: Asked) -> CTE:
    """Every stay of a student in a class of the year: `id, student_id, class_id, number, starts_on, ends_on, is_whole`.

    `is_whole`: it lasts all year, so whatever is of the year and the student falls into it.
    """
    begins, ends = asked.year
    is_whole = enrolments.covers(begins) & enrolments.covers(ends)
    return counted_first(
        select(
            *(Enrolment.id, Enrolment.student_id, Enrolment.class_id),
            *(Enrolment.number_in_class.label("number"), Enrolment.starts_on, Enrolment.ends_on),
            is_whole.label("is_whole"),
        )
        .join_from(Enrolment, SchoolClass, SchoolClass.id == Enrolment.class_id)
        .where(Enrolment.school_id == asked.school_id, SchoolClass.school_year_id == asked.school_year_id),
        "stays",
    )


@dataclass(frozen=True, slots=True)
class Placed:
    """What was counted, by student, stay and perhaps more: `table` has `student_id`, `stay_id` and what was asked for.

    `stay_id` is None for what falls into a stay of the whole year, and where no class of the day is known.
    """

    table: CTE

    def falls_to(self, stay: CTE) -> ColumnElement[bool]:
        """The condition that joins a stay to what was counted in it."""
        of = self.table.c
        return and_(
            of.student_id == stay.c.student_id,
            or_(of.stay_id == stay.c.id, and_(of.stay_id.is_(None), stay.c.is_whole)),
        )


def placed(
    stay: CTE,
    of: Counted,
    where: ColumnElement[bool],
    figures: Sequence[Label[Any]],
    keys: Sequence[InstrumentedAttribute[Any]] = (),
) -> Placed:
    """These figures of the rows of a table that fulfil a condition, by student, stay and `keys`."""
    part = counted_first(select(stay).where(~stay.c.is_whole), "part")
    in_it = and_(part.c.student_id == of.student_id, on_day(part, of.on_date))
    columns = (of.student_id, *keys, part.c.id.label("stay_id"))
    return Placed(
        counted_first(
            select(*columns, *figures)
            .join_from(of, part, in_it, isouter=True)
            .where(where)
            .group_by(of.student_id, *keys, part.c.id)
        )
    )


def members(asked: Asked, stay: CTE) -> CTE:
    """Who was in the classes asked for during the period, by student and stay; the last of a student is `latest` 1."""
    latest = func.row_number().over(partition_by=stay.c.student_id, order_by=stay.c.starts_on.desc())
    return (
        select(stay.c.student_id, stay.c.class_id, stay.c.number, latest.label("latest"))
        .join_from(stay, SchoolClass, SchoolClass.id == stay.c.class_id)
        .where(of_classes(asked), in_period(asked, stay))
        .cte("members")
    )


def in_period(asked: Asked, stay: CTE) -> ColumnElement[bool]:
    """The stay has a day in the period."""
    return enrolments.within(asked.first, asked.last, stay.c)


def on_day(stay: CTE, day: Day) -> ColumnElement[bool]:
    """The stay is in force on a day."""
    return enrolments.covers(day, stay.c)


def is_now(asked: Asked, stay: CTE) -> ColumnElement[bool]:
    """The stay is in force at the end of the period, or today where that is still ahead."""
    return on_day(stay, min(asked.last, max(asked.today, asked.first)))
