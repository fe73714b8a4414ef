"""Lessons a week of each subject of each class, as the timetable of a date has them, within other statements."""

from datetime import date
from typing import Any

from sqlalchemy import Select, case, func, or_, select

from db.kinds import GroupKind
from db.models import ClassGroup, TimetableLesson
from school.timetable.in_force import version_on
from school.timetable.weeks import EVERY_WEEK


def hours_on(school_id: int, on: date) -> Select[*tuple[Any, ...]]:
    """By class and subject: `class_id, subject_id, halves`, which is twice the lessons a week.

    A lesson of every second week is a half. A class in groups has as many lessons as the group that has most, besides
    what it has together: each student is in one of them. Lessons of one student's own schedule are nobody else's.
    """
    of = (TimetableLesson.class_id, TimetableLesson.subject_id, TimetableLesson.group_id)
    slots = (
        select(*of, TimetableLesson.weekday, TimetableLesson.lesson, TimetableLesson.week)
        .outerjoin(ClassGroup, ClassGroup.id == TimetableLesson.group_id)
        .where(
            TimetableLesson.school_id == school_id,
            TimetableLesson.timetable_id == version_on(school_id, on),
            or_(ClassGroup.kind.is_(None), ClassGroup.kind != GroupKind.INDIVIDUAL),
        )
        .distinct()  # two teachers may be in one lesson
        .subquery()
    )
    by_group = (
        select(
            *(slots.c.class_id, slots.c.subject_id, slots.c.group_id),
            func.sum(case((slots.c.week == EVERY_WEEK, 2), else_=1)).label("halves"),
        )
        .group_by(slots.c.class_id, slots.c.subject_id, slots.c.group_id)
        .subquery()
    )
    together = func.sum(case((by_group.c.group_id.is_(None), by_group.c.halves), else_=0))
    in_groups = func.max(case((by_group.c.group_id.is_not(None), by_group.c.halves), else_=0))
    return select(by_group.c.class_id, by_group.c.subject_id, (together + in_groups).label("halves")).group_by(
        by_group.c.class_id, by_group.c.subject_id
    )
