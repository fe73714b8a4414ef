"""Whether a lesson of a day was entered: the one place that says so.

That a student was in class may only be said of a lesson of which something shows that it was entered: nothing entered
is not the same as present.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, exists, or_, select
from sqlalchemy.orm import Session, aliased

from db.kinds import AbsenceKind, GradeKind
from db.models import Absence, Grade, Student, TimetableLesson

_CLOSING = [kind for kind in GradeKind if kind.closes]


@dataclass(frozen=True, slots=True)
class LessonOfDay:
    """A lesson of a class. `was_entered` is of the whole lesson: where it is taught in groups, of all of them."""

    lesson: int
    was_entered: bool
    absence: AbsenceKind | None
    """What was entered of the student who was asked about."""


def shows_entry(on: date) -> ColumnElement[bool]:
    """SQL: whether something shows that a `TimetableLesson` was entered on a date.

    An absence of one of its students from this lesson does; so does a grade of the day, where the class has the subject
    only once in it. Where other teachers have the class in the same lesson, it must be by this one.
    """
    beside, again = aliased(TimetableLesson), aliased(TimetableLesson)

    def others(table: type[TimetableLesson]) -> ColumnElement[bool]:
        return and_(
            table.school_id == TimetableLesson.school_id,
            table.class_id == TimetableLesson.class_id,
            table.weekday == TimetableLesson.weekday,
            table.id != TimetableLesson.id,
        )

    alone = ~exists().where(others(beside), beside.lesson == TimetableLesson.lesson)
    once = ~exists().where(
        others(again), again.subject_id == TimetableLesson.subject_id, again.lesson != TimetableLesson.lesson
    )

    def of_class(table: type[Absence] | type[Grade]) -> ColumnElement[bool]:
        return and_(
            table.school_id == TimetableLesson.school_id,
            table.on_date == on,
            table.subject_id == TimetableLesson.subject_id,
            table.student_id == Student.id,
            Student.school_id == TimetableLesson.school_id,
            Student.class_id == TimetableLesson.class_id,
            or_(alone, table.staff_id == TimetableLesson.staff_id),
        )

    absent = exists().where(of_class(Absence), Absence.lesson == TimetableLesson.lesson)
    graded = exists().where(of_class(Grade), Grade.kind.not_in(_CLOSING))
    return or_(absent, and_(once, graded))


def day_of_student(
    session: Session, school_id: int, class_id: int, student_id: int, on: date
) -> tuple[LessonOfDay, ...]:
    """The lessons of a student's class on a day, in their order: of the timetable, and those of which is something
    entered. Two statements."""
    entered: dict[int, bool] = _of_timetable(session, school_id, class_id, on)
    absences: dict[int, AbsenceKind] = {}
    for row in session.execute(
        select(Absence.lesson, Absence.student_id, Absence.kind)
        .join(Student, Student.id == Absence.student_id)
        .where(
            Student.school_id == school_id,
            Student.class_id == class_id,
            Absence.school_id == school_id,
            Absence.on_date == on,
        )
    ):
        entered.setdefault(row.lesson, True)  # a lesson that the timetable does not have
        if row.student_id == student_id:
            absences[row.lesson] = row.kind
    return tuple(LessonOfDay(lesson, entered[lesson], absences.get(lesson)) for lesson in sorted(entered))


def _of_timetable(session: Session, school_id: int, class_id: int, on: date) -> dict[int, bool]:
    rows = session.execute(
        select(TimetableLesson.lesson, shows_entry(on).label("was_entered")).where(
            TimetableLesson.school_id == school_id,
            TimetableLesson.class_id == class_id,
            TimetableLesson.weekday == on.isoweekday(),
        )
    )
    groups: Mapping[int, list[bool]] = defaultdict(list)
    for row in rows:
        groups[row.lesson].append(bool(row.was_entered))
    return {lesson: all(shown) for lesson, shown in groups.items()}
