"""Conditions on enrolments by their days, for whoever joins the table."""

from datetime import date

from sqlalchemy import ColumnElement, or_

from db.models import Enrolment

Day = date | ColumnElement[date]


def covers(day: Day, enrolment: type[Enrolment] = Enrolment) -> ColumnElement[bool]:
    """The enrolment is in force on the day."""
    return (enrolment.starts_on <= day) & or_(enrolment.ends_on.is_(None), enrolment.ends_on >= day)


def within(first: Day, last: Day, enrolment: type[Enrolment] = Enrolment) -> ColumnElement[bool]:
    """The enrolment is in force on some day from the first to the last, both included."""
    return (enrolment.starts_on <= last) & or_(enrolment.ends_on.is_(None), enrolment.ends_on >= first)


def open_now(enrolment: type[Enrolment] = Enrolment) -> ColumnElement[bool]:
    """The enrolment has no end: it is the one that `student.class_id` repeats."""
    return enrolment.ends_on.is_(None)
