"""Putting a timetable in use: what stands in its way is told, lesson by lesson, and what the school knows is let be."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import and_, insert, select, update
from sqlalchemy.orm import Session

from db.kinds import GroupKind
from db.models import (
    Bell,
    ClassGroup,
    ClassGroupStudent,
    SchoolClass,
    Staff,
    Subject,
    TeachingAssignment,
    Timetable,
    TimetableClass,
    TimetableLesson,
)
from errors import InputError
from school import audit
from school.timetable import versions
from school.timetable.conflicts import Clash, Conflict, Parts, Placed, conflicts
from school.years import calendar


@dataclass(frozen=True, slots=True)
class Told:
    """A conflict with the names that a sentence about it needs."""

    conflict: Conflict
    teacher: str
    """Of the first lesson."""
    classes: tuple[str, str]
    subjects: tuple[str, str]

    @property
    def is_of_teacher(self) -> bool:
        """A teacher would be in two places; else a class, or a part of it."""
        return self.conflict.clash is Clash.TEACHER


@dataclass(frozen=True, slots=True)
class Missing:
    """What a timetable has a teacher teach without its being assigned to them: they could not record it."""

    class_id: int
    class_name: str
    subject_id: int
    subject: str
    staff_id: int
    teacher: str


def conflicts_of(session: Session, school_id: int, timetable_id: int) -> tuple[Told, ...]:
    """All conflicts of a version: two statements."""
    rows = session.execute(
        select(
            *(TimetableLesson.id, TimetableLesson.class_id, TimetableLesson.subject_id, TimetableLesson.staff_id),
            *(TimetableLesson.weekday, TimetableLesson.lesson, TimetableLesson.week, TimetableLesson.group_id),
            *(TimetableLesson.may_overlap, Bell.starts_at, Bell.ends_at, SchoolClass.level, SchoolClass.letter),
            *(Subject.name, Staff.first_name, Staff.last_name),
        )
        .join(SchoolClass, SchoolClass.id == TimetableLesson.class_id)
        .join(Subject, Subject.id == TimetableLesson.subject_id)
        .join(Staff, Staff.id == TimetableLesson.staff_id)
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
        .where(TimetableLesson.school_id == school_id, TimetableLesson.timetable_id == timetable_id)
    ).all()
    by_id = {row.id: row for row in rows}
    placed = [
        Placed(
            row.id, row.class_id, row.subject_id, row.staff_id, row.weekday, row.lesson, row.week, row.group_id,
            row.may_overlap, _minutes(row.starts_at), _minutes(row.ends_at),
        )
        for row in rows
    ]  # fmt: skip
    found = []
    for one in conflicts(placed, _parts(session, school_id, timetable_id)):
        first, second = by_id[one.one.id], by_id[one.other.id]
        found.append(
            Told(
                one,
                f"{first.first_name} {first.last_name}",
                (f"{first.level}{first.letter}", f"{second.level}{second.letter}"),
                (first.name, second.name),
            )
        )
    return tuple(found)


def know(
    session: Session, school_id: int, timetable_id: int, lessons: Sequence[int], *, by: int, now: datetime
) -> None:
    """The school knows that these lessons of a draft are at one time: merged classes. Raises InputError."""
    versions.draft(session, school_id, timetable_id, by)
    session.execute(
        update(TimetableLesson)
        .where(
            TimetableLesson.school_id == school_id,
            TimetableLesson.timetable_id == timetable_id,
            TimetableLesson.id.in_(lessons),
        )
        .values(may_overlap=True)
    )
    audit.write(
        session, "timetable.overlap_known", "timetable", timetable_id, now,
        school_id=school_id, by=by, lessons=list(lessons),
    )  # fmt: skip


def missing_assignments(session: Session, school_id: int, timetable_id: int) -> tuple[Missing, ...]:
    """Who would have lessons that they may not record, once each."""
    rows = session.execute(
        select(
            *(TimetableLesson.class_id, SchoolClass.level, SchoolClass.letter, TimetableLesson.subject_id),
            *(Subject.name, TimetableLesson.staff_id, Staff.first_name, Staff.last_name),
        )
        .join(SchoolClass, SchoolClass.id == TimetableLesson.class_id)
        .join(Subject, Subject.id == TimetableLesson.subject_id)
        .join(Staff, Staff.id == TimetableLesson.staff_id)
        .outerjoin(
            TeachingAssignment,
            and_(
                TeachingAssignment.school_id == TimetableLesson.school_id,
                TeachingAssignment.class_id == TimetableLesson.class_id,
                TeachingAssignment.subject_id == TimetableLesson.subject_id,
                TeachingAssignment.staff_id == TimetableLesson.staff_id,
            ),
        )
        .where(
            TimetableLesson.school_id == school_id,
            TimetableLesson.timetable_id == timetable_id,
            TeachingAssignment.id.is_(None),
        )
        .distinct()
        .order_by(SchoolClass.level, SchoolClass.letter, Subject.name, Staff.last_name, Staff.first_name)
    )
    return tuple(
        Missing(
            row.class_id, f"{row.level}{row.letter}", row.subject_id, row.name, row.staff_id,
            f"{row.first_name} {row.last_name}",
        )
        for row in rows
    )  # fmt: skip


def publish(session: Session, school_id: int, timetable_id: int, *, by: int, now: datetime, assign: bool = True) -> int:
    """Put a draft in use from its first day; gives how many lessons were assigned to their teachers with it.

    `assign` False: whoever may not record what they teach, still may not. Raises InputError for conflicts that the
    school has not said it knows of, and when days that are over would change.
    """
    found = versions.draft(session, school_id, timetable_id, by)
    versions.check_past_is_kept(session, found, school_id, calendar.today(now))
    if not found.lessons:
        raise InputError("The timetable is empty: enter its lessons first.")
    open_ = [one for one in conflicts_of(session, school_id, timetable_id) if not one.conflict.is_known]
    if open_:
        raise InputError(
            "The timetable has {count} conflicts: put each right, or say that the school knows of it.", count=len(open_)
        )
    wanting = missing_assignments(session, school_id, timetable_id) if assign else ()
    _assign(session, school_id, wanting, by=by, now=now)
    session.execute(update(Timetable).where(Timetable.id == timetable_id).values(published_at=now))
    audit.write(
        session, "timetable.published", "timetable", timetable_id, now,
        school_id=school_id, by=by, starts_on=str(found.starts_on), lessons=found.lessons,
    )  # fmt: skip
    return len(wanting)


def _assign(session: Session, school_id: int, wanting: Sequence[Missing], *, by: int, now: datetime) -> None:
    if not wanting:
        return
    rows = [
        {"school_id": school_id, "class_id": one.class_id, "subject_id": one.subject_id, "staff_id": one.staff_id}
        for one in wanting
    ]
    ids = session.execute(
        insert(TeachingAssignment).returning(TeachingAssignment.id, sort_by_parameter_order=True), rows
    )
    notes = [
        audit.row(
            "teaching.assigned", "teaching_assignment", id_, now, school_id=school_id, by=by,
            **{"class": one.class_id}, subject=one.subject_id, staff=one.staff_id,
        )
        for id_, one in zip(ids.scalars(), wanting, strict=True)
    ]  # fmt: skip
    audit.write_many(session, notes)


def _parts(session: Session, school_id: int, timetable_id: int) -> Parts:
    """Of the groups that have a lesson in the version."""
    members: dict[int, set[int]] = defaultdict(set)
    individual = set()
    for row in session.execute(
        select(ClassGroup.id, ClassGroup.kind, ClassGroupStudent.student_id)
        .outerjoin(ClassGroupStudent, ClassGroupStudent.group_id == ClassGroup.id)
        .where(
            ClassGroup.school_id == school_id,
            ClassGroup.id.in_(
                select(TimetableLesson.group_id).where(
                    TimetableLesson.school_id == school_id,
                    TimetableLesson.timetable_id == timetable_id,
                    TimetableLesson.group_id.is_not(None),
                )
            ),
        )
    ):
        if row.kind is GroupKind.INDIVIDUAL:
            individual.add(row.id)
        if row.student_id is not None:
            members[row.id].add(row.student_id)
    return Parts({id_: frozenset(of) for id_, of in members.items()}, frozenset(individual))


def _minutes(at: time | None) -> int | None:
    return None if at is None else at.hour * 60 + at.minute
