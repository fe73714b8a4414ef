"""Whether a lesson of a day was entered: the one place that says so of a student's day.

That a student was in class may only be said of a lesson of which something shows that it was entered: nothing entered
is not the same as present.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import AbsenceKind, GradeKind, SubstitutionKind
from db.models import Absence, ClassGroupStudent, Grade, Student, Substitution
from school.timetable.day import planned_on

_CLOSING = [kind for kind in GradeKind if kind.closes]


@dataclass(frozen=True, slots=True)
class LessonOfDay:
    """A lesson of a student. `absence`: what was entered of the student in it."""

    lesson: int
    was_entered: bool
    absence: AbsenceKind | None


@dataclass(frozen=True, slots=True)
class GivenLesson:
    """A lesson as it is given on a day: by the substitute, where there is one."""

    lesson: int
    subject_id: int
    staff_id: int
    group_id: int | None


@dataclass(frozen=True, slots=True)
class Entries:
    """What a class book holds of a class and day."""

    absences: frozenset[tuple[int, int, int]]
    """(lesson, subject, who entered it)."""
    grades: frozenset[tuple[int, int]]
    """(subject, who entered it): a grade names its day, not its lesson."""


def was_entered(lesson: GivenLesson, day: Sequence[GivenLesson], entries: Entries) -> bool:
    """Whether something shows that a lesson was entered; `day` are all lessons of the class, of every group.

    An absence of one of the class from this lesson does; so does a grade of the day where the class has the subject
    only once in it. Where other teachers have the class at the same time, it must be by this one.
    """
    is_alone = sum(one.lesson == lesson.lesson for one in day) == 1
    is_once = len({one.lesson for one in day if one.subject_id == lesson.subject_id}) == 1

    def by(staff_id: int) -> bool:
        return is_alone or staff_id == lesson.staff_id

    absent = any(
        number == lesson.lesson and subject == lesson.subject_id and by(staff)
        for number, subject, staff in entries.absences
    )
    return absent or (is_once and any(subject == lesson.subject_id and by(staff) for subject, staff in entries.grades))


def day_of_student(
    session: Session, school_id: int, class_id: int, student_id: int, on: date
) -> tuple[LessonOfDay, ...]:
    """The lessons of a student on a day, by number: of the timetable, and those of which is something entered.

    Five statements.
    """
    day = _given(session, school_id, class_id, on)
    groups = set(session.scalars(select(ClassGroupStudent.group_id).where(ClassGroupStudent.student_id == student_id)))
    entries, absences = _entries(session, school_id, class_id, student_id, on)
    own: Mapping[int, list[bool]] = defaultdict(list)
    for one in day:
        if one.group_id is None or one.group_id in groups:
            own[one.lesson].append(was_entered(one, day, entries))
    entered = {lesson: all(shown) for lesson, shown in own.items()}
    planned = Counter(one.lesson for one in day)
    for lesson, _subject, _staff in entries.absences:
        if not planned[lesson]:  # the timetable does not have it, or there is none
            entered[lesson] = True
    return tuple(
        LessonOfDay(lesson, entered.get(lesson, False), absences.get(lesson)) for lesson in sorted(entered | absences)
    )


def _given(session: Session, school_id: int, class_id: int, on: date) -> list[GivenLesson]:
    replaced = {
        (row.lesson, row.absent_id): row
        for row in session.execute(
            select(
                *(Substitution.lesson, Substitution.absent_id, Substitution.substitute_id),
                *(Substitution.subject_id, Substitution.kind),
            ).where(Substitution.school_id == school_id, Substitution.class_id == class_id, Substitution.on_date == on)
        )
    }
    given: list[GivenLesson] = []
    for one in planned_on(session, school_id, on, class_id=class_id):
        instead = replaced.get((one.lesson, one.staff_id))
        if instead is None:
            given.append(GivenLesson(one.lesson, one.subject_id, one.staff_id, one.group_id))
        elif instead.kind is not SubstitutionKind.EMPTY:
            given.append(GivenLesson(one.lesson, instead.subject_id, instead.substitute_id, one.group_id))
    return given


def _entries(
    session: Session, school_id: int, class_id: int, student_id: int, on: date
) -> tuple[Entries, dict[int, AbsenceKind]]:
    """What stands there of the class, and the student's absences by lesson."""
    students = select(Student.id).where(Student.school_id == school_id, Student.class_id == class_id)
    rows = session.execute(
        select(Absence.lesson, Absence.subject_id, Absence.staff_id, Absence.student_id, Absence.kind).where(
            Absence.school_id == school_id, Absence.on_date == on, Absence.student_id.in_(students)
        )
    ).all()
    grades = session.execute(
        select(Grade.subject_id, Grade.staff_id)
        .where(
            Grade.school_id == school_id,
            Grade.on_date == on,
            Grade.student_id.in_(students),
            Grade.kind.not_in(_CLOSING),
        )
        .distinct()
    )
    entries = Entries(
        frozenset((row.lesson, row.subject_id, row.staff_id) for row in rows),
        frozenset((row.subject_id, row.staff_id) for row in grades),
    )
    return entries, {row.lesson: row.kind for row in rows if row.student_id == student_id}
