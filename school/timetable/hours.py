"""Lessons a week of each subject of each class, as the timetables of some dates have them."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from db.kinds import GroupKind
from db.models import ClassGroup, TimetableLesson
from school.timetable.in_force import version_on
from school.timetable.weeks import lessons_a_week

Taught = tuple[int, int]
"""Class and subject."""


def hours_on(session: Session, school_id: int, dates: Sequence[date]) -> tuple[dict[Taught, float], ...]:
    """For each date, the lessons a week by class and subject, in halves: two statements.

    A class in groups has as many as the group that has most, besides what it has together: each student is in one of
    them. Lessons of one student's own schedule are nobody else's.
    """
    if not dates:
        return ()
    in_force = session.execute(select(*(version_on(school_id, on) for on in dates))).one()
    slots = session.execute(
        select(
            *(TimetableLesson.timetable_id, TimetableLesson.class_id, TimetableLesson.subject_id),
            *(TimetableLesson.group_id, TimetableLesson.weekday, TimetableLesson.lesson, TimetableLesson.week),
        )
        .outerjoin(ClassGroup, ClassGroup.id == TimetableLesson.group_id)
        .where(
            TimetableLesson.school_id == school_id,
            TimetableLesson.timetable_id.in_({one for one in in_force if one is not None}),
            or_(ClassGroup.kind.is_(None), ClassGroup.kind != GroupKind.INDIVIDUAL),
        )
        .distinct()  # two teachers may be in one lesson
    )
    weeks: dict[tuple[int, Taught], dict[int | None, list[int]]] = defaultdict(lambda: defaultdict(list))
    for row in slots:
        weeks[row.timetable_id, (row.class_id, row.subject_id)][row.group_id].append(row.week)
    found: dict[int | None, dict[Taught, float]] = defaultdict(dict)
    for (version, taught), by_group in weeks.items():
        together = lessons_a_week(by_group.pop(None, []))
        found[version][taught] = together + max(map(lessons_a_week, by_group.values()), default=0.0)
    return tuple(found[version] for version in in_force)
