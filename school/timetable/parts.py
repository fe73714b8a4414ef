"""Whose lesson it is: the whole class, or the group that a teacher has in it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select, true
from sqlalchemy.orm import Session

from db.kinds import GroupKind
from db.models import (
    ClassGroup,
    ClassGroupStudent,
    Student,
    Substitution,
    Timetable,
    TimetableDay,
    TimetableLesson,
)
from school.staff.authority import Author
from school.timetable.in_force import of_day, version_on, weekday_of
from school.timetable.weeks import is_in, week_on


@dataclass(frozen=True, slots=True)
class Part:
    """Who belongs to a lesson: only these groups (none named: the class), and never these ones' students."""

    groups: frozenset[int] = frozenset()
    name: str = ""
    elsewhere: frozenset[int] = frozenset()

    def condition(self) -> ColumnElement[bool]:
        """Of Student, within a statement. A group that has nobody yet hides nobody."""
        conditions: list[ColumnElement[bool]] = []
        if self.groups:
            conditions.append(or_(_is_in(self.groups), ~_has_anybody(self.groups)))
        if self.elsewhere:
            conditions.append(~_is_in(self.elsewhere))
        return and_(true(), *conditions)


def part_of(session: Session, author: Author, class_id: int, subject_id: int, on: date, lesson: int) -> Part:
    """Whose lesson an author opens: one statement.

    In a lesson of the timetable it is the part that the author gives there, themselves or as a substitute. At other
    hours it is the groups that the author teaches this subject, when they teach it to groups alone. A leader who
    teaches nothing here sees the class.
    """
    rows = _lessons(session, author.school_id, class_id, subject_id, on, lesson)
    there = [row for row in rows if row.is_planned_now or row.substitution_id is not None]
    own = [row for row in there if _given_by(row) == author.staff_id] or (
        [] if author.leads else [row for row in rows if row.staff_id == author.staff_id]
    )
    groups = {row.group_id: row.group_name for row in own if row.group_id is not None}
    if own and all(row.group_id is not None for row in own):
        return Part(frozenset(groups), ", ".join(sorted(groups.values())))
    return Part(
        elsewhere=frozenset(
            row.group_id for row in rows if row.group_id is not None and row.group_kind is GroupKind.INDIVIDUAL
        )
    )


def members_of(session: Session, school_id: int, groups: Collection[int]) -> frozenset[int]:
    """The students of any of these groups."""
    return frozenset(
        session.scalars(
            select(ClassGroupStudent.student_id).where(
                ClassGroupStudent.school_id == school_id, ClassGroupStudent.group_id.in_(groups)
            )
        )
    )


@dataclass(frozen=True, slots=True)
class _Row:
    staff_id: int
    group_id: int | None
    group_name: str
    group_kind: GroupKind | None
    is_planned_now: bool
    substitution_id: int | None
    substitute_id: int | None


def _given_by(row: _Row) -> int | None:
    return row.substitute_id if row.substitution_id is not None else row.staff_id


def _lessons(session: Session, school_id: int, class_id: int, subject_id: int, on: date, lesson: int) -> Iterable[_Row]:
    """All lessons of the subject in the class's week, and what is taught as this subject in place of another."""
    found: Any = session.execute(
        select(
            *(TimetableLesson.staff_id, TimetableLesson.weekday, TimetableLesson.lesson, TimetableLesson.week),
            *(TimetableLesson.group_id, ClassGroup.name, ClassGroup.kind, Timetable.week_a_on),
            *(TimetableDay.week.label("day_week"), weekday_of(on).label("day_weekday")),
            *(Substitution.id.label("substitution_id"), Substitution.substitute_id),
        )
        .select_from(TimetableLesson)
        .join(Timetable, Timetable.id == TimetableLesson.timetable_id)
        .outerjoin(TimetableDay, of_day(school_id, on))
        .outerjoin(ClassGroup, ClassGroup.id == TimetableLesson.group_id)
        .outerjoin(
            Substitution,
            and_(
                Substitution.school_id == TimetableLesson.school_id,
                Substitution.class_id == TimetableLesson.class_id,
                Substitution.absent_id == TimetableLesson.staff_id,
                Substitution.on_date == on,
                Substitution.lesson == lesson,
                TimetableLesson.lesson == lesson,
                TimetableLesson.weekday == weekday_of(on),
            ),
        )
        .where(
            TimetableLesson.school_id == school_id,
            TimetableLesson.class_id == class_id,
            TimetableLesson.timetable_id == version_on(school_id, on),
            or_(TimetableLesson.subject_id == subject_id, Substitution.subject_id == subject_id),
        )
    )
    rows = []
    for row in found:
        is_this_week = is_in(row.week, row.day_week or week_on(row.week_a_on, on))
        now = is_this_week and (row.weekday, row.lesson) == (row.day_weekday, lesson)
        rows.append(
            _Row(
                row.staff_id, row.group_id, row.name or "", row.kind, now,
                row.substitution_id if now else None, row.substitute_id if now else None,
            )
        )  # fmt: skip
    return rows


def _is_in(groups: Collection[int]) -> ColumnElement[bool]:
    return Student.id.in_(select(ClassGroupStudent.student_id).where(ClassGroupStudent.group_id.in_(groups)))


def _has_anybody(groups: Collection[int]) -> ColumnElement[bool]:
    return select(ClassGroupStudent.student_id).where(ClassGroupStudent.group_id.in_(groups)).correlate(None).exists()
