"""One lesson's sheet: the class with its entries for this subject, this term and this lesson."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.kinds import AbsenceKind, GradeKind, Mark, RemarkKind, SubscriptionStatus
from db.models import Absence, Enrolment, Grade, RemarkPhrase, SchoolClass, Staff, Student, Subject, Subscription
from school import enrolments
from school.classbook import grade_scales, rules
from school.classbook.checks import Checks
from school.staff import authority
from school.staff.authority import At, Author
from school.timetable.parts import Part, part_of
from school.years import calendar


@dataclass(frozen=True, slots=True)
class GradeOnSheet:
    """A grade of this term: a number or a mark."""

    grade_id: int
    value: Decimal | None
    mark: Mark | None
    kind: GradeKind
    on: date


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One student. `absence` is what stands there for this lesson, `absence_by` who entered it."""

    student_id: int
    number: int | None
    name: str
    has_special_needs: bool
    grades: tuple[GradeOnSheet, ...]
    absence: AbsenceKind | None
    absence_by: str | None
    followers: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A lesson: who, what, when, and the rows by number in class."""

    class_id: int
    class_name: str
    level: int
    subject_id: int
    subject: str
    on: date
    lesson: int
    term: int
    rows: tuple[SheetRow, ...]
    phrases: tuple[tuple[RemarkKind, str], ...]
    group: str = ""
    """The part of the class whose lesson it is."""
    is_substituted: bool = False
    """Who opens it may record this lesson only, and see of the students what stands on it."""

    @property
    def is_in_words(self) -> bool:
        """Whether the class is graded in words."""
        return self.level in grade_scales.QUALITATIVE_LEVELS


def read_sheet(
    session: Session, by: int | Author, class_id: int, subject_id: int, on: date, lesson: int, now: datetime
) -> Sheet:
    """The sheet of a lesson that `by` may enter.

    Raises InputError when they may not, or when there can be no such lesson.
    """
    rules.check_lesson(lesson)
    checks = Checks(session, by, now)
    author = checks.author
    of = authority.class_of_school(session, author, class_id)
    assignment = checks.teaches(of, subject_id, At(on, lesson))
    where = checks.entry_date(on)
    names = session.execute(
        select(Subject.name, SchoolClass.letter)
        .join(SchoolClass, SchoolClass.school_id == Subject.school_id)
        .where(Subject.id == subject_id, Subject.school_id == author.school_id, SchoolClass.id == class_id)
    ).one()
    part = part_of(session, author, class_id, subject_id, on, lesson)
    return Sheet(
        class_id=class_id,
        class_name=f"{of.level}{names.letter}",
        level=of.level,
        subject_id=subject_id,
        subject=names.name,
        on=on,
        lesson=lesson,
        term=where.term,
        rows=_rows(session, author.school_id, class_id, subject_id, where, lesson, part),
        phrases=_phrases(session, author.school_id),
        group=part.name,
        is_substituted=assignment.substitution_id is not None and not author.leads,
    )


def _rows(
    session: Session,
    school_id: int,
    class_id: int,
    subject_id: int,
    where: calendar.SchoolDate,
    lesson: int,
    part: Part,
) -> tuple[SheetRow, ...]:
    followers = (
        select(func.count())
        .where(
            Subscription.school_id == school_id,
            Subscription.student_id == Student.id,
            Subscription.status == SubscriptionStatus.ACTIVE,
        )
        .scalar_subquery()
    )
    students = session.execute(
        select(
            Student.id,
            Enrolment.number_in_class,
            Student.first_name,
            Student.last_name,
            Student.has_special_needs,
            Absence.kind,
            Staff.first_name.label("by_first"),
            Staff.last_name.label("by_last"),
            followers.label("followers"),
        )
        .join_from(Enrolment, Student, Student.id == Enrolment.student_id)
        .outerjoin(
            Absence,
            (Absence.school_id == Student.school_id)
            & (Absence.student_id == Student.id)
            & (Absence.on_date == where.on)
            & (Absence.lesson == lesson),
        )
        .outerjoin(Staff, Staff.id == Absence.staff_id)
        .where(Enrolment.school_id == school_id, Enrolment.class_id == class_id, enrolments.covers(where.on))
        .where(Student.class_id.is_not(None), part.condition())
        .order_by(Enrolment.number_in_class, Student.first_name, Student.last_name)
    ).all()
    grades = _grades(session, school_id, [row.id for row in students], subject_id, where)
    return tuple(
        SheetRow(
            student_id=row.id,
            number=row.number_in_class,
            name=f"{row.first_name} {row.last_name}",
            has_special_needs=row.has_special_needs,
            grades=tuple(grades[row.id]),
            absence=row.kind,
            absence_by=f"{row.by_first} {row.by_last}" if row.kind else None,
            followers=row.followers,
        )
        for row in students
    )


def _grades(
    session: Session, school_id: int, students: list[int], subject_id: int, where: calendar.SchoolDate
) -> dict[int, list[GradeOnSheet]]:
    found: dict[int, list[GradeOnSheet]] = defaultdict(list)
    rows = session.execute(
        select(Grade.student_id, Grade.id, Grade.value, Grade.mark, Grade.kind, Grade.on_date)
        .where(
            Grade.school_id == school_id,
            Grade.student_id.in_(students),
            Grade.subject_id == subject_id,
            Grade.school_year_id == where.school_year_id,
            Grade.term == where.term,
        )
        .order_by(Grade.on_date, Grade.id)
    )
    for row in rows:
        found[row.student_id].append(GradeOnSheet(row.id, row.value, row.mark, row.kind, row.on_date))
    return found


def _phrases(session: Session, school_id: int) -> tuple[tuple[RemarkKind, str], ...]:
    rows = session.execute(
        select(RemarkPhrase.kind, RemarkPhrase.text)
        .where(RemarkPhrase.school_id == school_id)
        .order_by(RemarkPhrase.id)
    )
    return tuple((row.kind, row.text) for row in rows)
