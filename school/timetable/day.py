"""The lessons of a date: of a teacher with what they substitute, or of the whole school."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, exists, literal, or_, select
from sqlalchemy.orm import Session, aliased

from db.kinds import SubstitutionKind
from db.models import (
    Absence,
    Bell,
    ClassGroup,
    Grade,
    SchoolClass,
    Staff,
    Subject,
    Substitution,
    Timetable,
    TimetableClass,
    TimetableDay,
    TimetableLesson,
)
from school.timetable.in_force import is_school_day, of_day, version_on, weekday_of
from school.timetable.weeks import is_in, week_on


@dataclass(frozen=True, slots=True)
class Lesson:
    """A lesson of a teacher's day; `has_entries`: something was entered for it already."""

    class_id: int
    class_name: str
    subject_id: int
    subject: str
    lesson: int
    has_entries: bool
    starts_at: time | None = None
    ends_at: time | None = None
    group: str = ""
    room: str = ""
    instead_of: str = ""
    """The absent teacher whose lesson it is."""


@dataclass(frozen=True, slots=True)
class PlannedLesson:
    """A lesson that the timetable has on a date, whoever gives it."""

    class_id: int
    level: int
    letter: str
    subject_id: int
    subject: str
    staff_id: int
    teacher: str
    lesson: int
    group_id: int | None
    group: str
    room: str
    starts_at: time | None
    ends_at: time | None
    has_entries: bool

    @property
    def class_name(self) -> str:
        """„8а“."""
        return f"{self.level}{self.letter}"


def planned_on(
    session: Session,
    school_id: int,
    on: date,
    *,
    staff_id: int | None = None,
    class_id: int | None = None,
    entered_by: int | None = None,
) -> tuple[PlannedLesson, ...]:
    """What the timetable has on a date, in the order of the day: one statement; `staff_id` None: of all teachers.

    Nothing on a day without school. `class_id` None: of all classes. `entered_by` tells which lessons that person has
    entries for.
    """
    entered: ColumnElement[Any] = literal(0, Integer)
    if entered_by is not None:
        entered = _entered(
            on, entered_by, TimetableLesson.school_id, TimetableLesson.lesson, TimetableLesson.subject_id
        )
    statement = (
        select(
            *(TimetableLesson.class_id, SchoolClass.level, SchoolClass.letter),
            *(TimetableLesson.subject_id, Subject.name.label("subject"), TimetableLesson.lesson, TimetableLesson.week),
            *(TimetableLesson.staff_id, Staff.first_name, Staff.last_name, TimetableLesson.room),
            *(TimetableLesson.group_id, ClassGroup.name.label("group_name"), Bell.starts_at, Bell.ends_at),
            *(Timetable.week_a_on, TimetableDay.week.label("day_week"), entered.label("has_entries")),
        )
        .select_from(TimetableLesson)
        .join(Timetable, Timetable.id == TimetableLesson.timetable_id)
        .join(SchoolClass, SchoolClass.id == TimetableLesson.class_id)
        .join(Subject, Subject.id == TimetableLesson.subject_id)
        .join(Staff, Staff.id == TimetableLesson.staff_id)
        .outerjoin(TimetableDay, of_day(school_id, on))
        .outerjoin(ClassGroup, ClassGroup.id == TimetableLesson.group_id)
        .outerjoin(
            TimetableClass,
            and_(
                TimetableClass.timetable_id == TimetableLesson.timetable_id,
                TimetableClass.class_id == TimetableLesson.class_id,
            ),
        )
        .outerjoin(
            Bell,
            and_(Bell.bell_schedule_id == TimetableClass.bell_schedule_id, Bell.lesson == TimetableLesson.lesson),
        )
        .where(
            TimetableLesson.school_id == school_id,
            TimetableLesson.timetable_id == version_on(school_id, on),
            TimetableLesson.weekday == weekday_of(on),
            is_school_day(school_id, on),
        )
    )
    if staff_id is not None:
        statement = statement.where(TimetableLesson.staff_id == staff_id)
    if class_id is not None:
        statement = statement.where(TimetableLesson.class_id == class_id)
    found = [
        PlannedLesson(
            row.class_id, row.level, row.letter, row.subject_id, row.subject, row.staff_id,
            f"{row.first_name} {row.last_name}", row.lesson, row.group_id, row.group_name or "", row.room,
            row.starts_at, row.ends_at, bool(row.has_entries),
        )
        for row in session.execute(statement)
        if is_in(row.week, row.day_week or week_on(row.week_a_on, on))
    ]  # fmt: skip
    return tuple(in_order(found))


def lessons_on(session: Session, school_id: int, staff_id: int, on: date) -> tuple[Lesson, ...]:
    """A teacher's lessons of a date in the order of the day, without those that others substitute; two statements."""
    replaced = _substitutions(session, school_id, staff_id, on)
    taken = {(row.class_id, row.lesson) for row in replaced if row.absent_id == staff_id}
    own = [
        Lesson(
            one.class_id, one.class_name, one.subject_id, one.subject, one.lesson, one.has_entries,
            one.starts_at, one.ends_at, one.group, one.room,
        )
        for one in planned_on(session, school_id, on, staff_id=staff_id, entered_by=staff_id)
        if (one.class_id, one.lesson) not in taken
    ]  # fmt: skip
    taken_over = [
        Lesson(
            row.class_id, f"{row.level}{row.letter}", row.subject_id, row.subject, row.lesson, bool(row.has_entries),
            row.starts_at, row.ends_at, row.group_name or "", "", f"{row.first_name} {row.last_name}",
        )
        for row in replaced
        if row.substitute_id == staff_id
    ]  # fmt: skip
    return tuple(in_order([*own, *taken_over]))


def in_order(lessons: Iterable[Any]) -> list[Any]:
    """By the bells where those of all are known, else by number: in two shifts a fifth lesson may be before a first."""
    lessons = list(lessons)
    by_bells = all(one.starts_at is not None for one in lessons)
    return sorted(
        lessons,
        key=lambda one: (one.starts_at if by_bells else one.lesson, one.lesson, _class(one.class_name), one.group),
    )


def _class(name: str) -> tuple[int, str]:
    digits = "".join(one for one in name if one.isdigit())
    return int(digits), name[len(digits) :]


def _substitutions(session: Session, school_id: int, staff_id: int, on: date) -> Sequence[Any]:
    """Of that date, by the teacher and of the teacher's own lessons."""
    absent = aliased(Staff)
    entered = _entered(on, staff_id, Substitution.school_id, Substitution.lesson, Substitution.subject_id)
    return session.execute(
        select(
            *(Substitution.class_id, SchoolClass.level, SchoolClass.letter, Substitution.lesson),
            *(Substitution.subject_id, Subject.name.label("subject"), Substitution.absent_id),
            *(Substitution.substitute_id, absent.first_name, absent.last_name, ClassGroup.name.label("group_name")),
            *(Bell.starts_at, Bell.ends_at, entered.label("has_entries")),
        )
        .join(SchoolClass, SchoolClass.id == Substitution.class_id)
        .join(Subject, Subject.id == Substitution.subject_id)
        .join(absent, absent.id == Substitution.absent_id)
        .outerjoin(ClassGroup, ClassGroup.id == Substitution.group_id)
        .outerjoin(
            TimetableClass,
            and_(
                TimetableClass.timetable_id == version_on(school_id, on),
                TimetableClass.class_id == Substitution.class_id,
            ),
        )
        .outerjoin(
            Bell, and_(Bell.bell_schedule_id == TimetableClass.bell_schedule_id, Bell.lesson == Substitution.lesson)
        )
        .where(
            Substitution.school_id == school_id,
            Substitution.on_date == on,
            or_(
                Substitution.absent_id == staff_id,
                and_(Substitution.substitute_id == staff_id, Substitution.kind != SubstitutionKind.EMPTY),
            ),
        )
    ).all()


def _entered(on: date, staff_id: int, school_id: Any, lesson: Any, subject_id: Any) -> ColumnElement[bool]:
    return or_(
        exists().where(
            Absence.school_id == school_id,
            Absence.on_date == on,
            Absence.lesson == lesson,
            Absence.subject_id == subject_id,
            Absence.staff_id == staff_id,
        ),
        exists().where(
            Grade.school_id == school_id,
            Grade.subject_id == subject_id,
            Grade.on_date == on,
            Grade.staff_id == staff_id,
        ),
    )
