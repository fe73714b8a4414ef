"""Leaving the school, whoever lets a student go and for whatever reason."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from school import audit, enrolments
from school.following.dropped import students_left
from school.students import student_code


def let_go(
    session: Session, school_id: int, leavers: Mapping[int, Mapping[str, Any]], last_day: date, now: datetime,
    *, by: int | None,
) -> None:  # fmt: skip
    """Students, possibly none, leave after their last day; a handful of statements however many they are.

    Their ID-codes open nothing, nobody follows them any more, and what was recorded stays. `leavers` has for each what
    the audit trail says beside the day: `class_id`, the class that they were in, and what else there is to say. `by`
    is the staff member; None: the product itself.
    """
    if not leavers:
        return
    enrolments.end(session, school_id, leavers.keys(), last_day)
    student_code.revoke_many(session, school_id, leavers.keys(), now, by)
    students_left(session, school_id, leavers.keys(), now, by=by)
    audit.write_many(
        session,
        [
            audit.row("student.left", "student", id_, now, school_id=school_id, by=by, on=str(last_day), **details)
            for id_, details in leavers.items()
        ],
    )
