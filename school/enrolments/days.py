"""Conditions on enrolments by their days, for whoever joins the table."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.base import ReadOnlyColumnCollection

from db.models import Enrolment

Day = date | ColumnElement[date] | InstrumentedAttribute[date]
Stays = type[Enrolment] | ReadOnlyColumnCollection[str, Any]
"""The table, or the columns of a statement that has its days."""


def covers(day: Day, enrolment: Stays = Enrolment) -> ColumnElement[bool]:
    """The enrolment is in force on the day."""
    return (enrolment.starts_on <= day) & or_(enrolment.ends_on.is_(None), enrolment.ends_on >= day)


def within(first: Day, last: Day, enrolment: Stays = Enrolment) -> ColumnElement[bool]:
    """The enrolment is in force on some day from the first to the last, both included."""
    return (enrolment.starts_on <= last) & or_(enrolment.ends_on.is_(None), enrolment.ends_on >= first)


def to_the_end(year_ends_on: Day, enrolment: type[Enrolment] = Enrolment) -> ColumnElement[bool]:
    """The enrolment lasts to the end of its class's year: who is in the class now, or was when the year ended."""
    return or_(enrolment.ends_on.is_(None), enrolment.ends_on >= year_ends_on)


def open_now(enrolment: type[Enrolment] = Enrolment) -> ColumnElement[bool]:
    """The enrolment has no end: it is the one that `student.class_id` repeats."""
    return enrolment.ends_on.is_(None)
