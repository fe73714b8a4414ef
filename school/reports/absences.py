"""Absences: by student, class and teacher, and one student's in detail. Lateness counts one half of an hour."""

from decimal import Decimal
from typing import Any

from sqlalchemy import CTE, and_, func, select
from sqlalchemy.orm import Session

from db.kinds import AbsenceKind
from db.models import Absence, SchoolClass, Staff, Student, Subject
from school.reports.filters import Asked, Found, count_where, counted_first, of_absences, of_classes
from school.reports.report import (
    Chart,
    ChartKind,
    Column,
    ColumnKind,
    Entity,
    Report,
    Row,
    Target,
    chart,
    hours,
    per_head,
)
from school.reports.words import ABSENCES, REASONS

EXCUSED = Column("excused", "Извинени", ColumnKind.NUMBER)
UNEXCUSED = Column("unexcused", "Неизвинени", ColumnKind.NUMBER)
LATE = Column("late", "Закъснения", ColumnKind.NUMBER)
TOTAL = Column("total_unexcused", "Общо неизвинени", ColumnKind.HOURS)
COUNTS = (EXCUSED, UNEXCUSED, LATE, TOTAL)
RULE = "Общо неизвинени = неизвинени + 1/2 от закъсненията."

_KINDS = (
    count_where(Absence.kind == AbsenceKind.EXCUSED).label("excused"),
    count_where(Absence.kind == AbsenceKind.UNEXCUSED).label("unexcused"),
    count_where(Absence.kind == AbsenceKind.LATE).label("late"),
)
Counted = tuple[int, int, int]
"""Excused, unexcused, late."""


def by_student(session: Session, asked: Asked) -> Report:
    """Every student of the classes asked for, also those who were never absent."""
    counted = _counted_by_student(asked)
    found = session.execute(
        select(
            Student.id,
            Student.first_name,
            Student.last_name,
            SchoolClass.level,
            SchoolClass.letter,
            counted.c.excused,
            counted.c.unexcused,
            counted.c.late,
        )
        .join_from(Student, SchoolClass, SchoolClass.id == Student.class_id)
        .outerjoin(counted, counted.c.student_id == Student.id)
        .where(Student.school_id == asked.school_id, of_classes(asked), *_one_student(asked))
        .order_by(SchoolClass.level, SchoolClass.letter, Student.number_in_class, Student.id)
    ).all()
    counts = [_counts(row) for row in found]
    names = [f"{row.first_name} {row.last_name}" for row in found]
    return Report(
        id="absences_by_student",
        title="Отсъствия по ученици",
        school=asked.school,
        filters=asked.words,
        columns=(Column("student", "Ученик"), Column("class", "Клас"), *COUNTS),
        rows=tuple(
            Row((name, f"{row.level}{row.letter}", *_cells(each)), Target(Entity.STUDENT, row.id))
            for row, name, each in zip(found, names, counts, strict=True)
        ),
        totals=("Общо", None, *_cells(_sum(counts))),
        chart=_most_absent(names, counts),
        notes=(RULE,),
    )


def by_class(session: Session, asked: Asked) -> Report:
    """The present classes of the year, by what their present students missed."""
    counted = _counted_by_student(asked)
    members = and_(Student.school_id == asked.school_id, Student.class_id == SchoolClass.id)
    found = session.execute(
        select(
            SchoolClass.id,
            SchoolClass.level,
            SchoolClass.letter,
            func.count(Student.id).label("students"),
            *(func.coalesce(func.sum(counted.c[name]), 0).label(name) for name in ("excused", "unexcused", "late")),
        )
        .join_from(SchoolClass, Student, members, isouter=True)
        .outerjoin(counted, counted.c.student_id == Student.id)
        .where(of_classes(asked), SchoolClass.school_year_id == asked.school_year_id)
        .group_by(SchoolClass.id, SchoolClass.level, SchoolClass.letter)
        .order_by(SchoolClass.level, SchoolClass.letter)
    ).all()
    counts = [_counts(row) for row in found]
    names = [f"{row.level}{row.letter}" for row in found]
    each = [per_head(hours(count[1], count[2]), row.students) for row, count in zip(found, counts, strict=True)]
    students = sum(row.students for row in found)
    total = _sum(counts)
    return Report(
        id="absences_by_class",
        title="Отсъствия по класове",
        school=asked.school,
        filters=asked.words,
        columns=(
            Column("class", "Клас"),
            Column("students", "Ученици", ColumnKind.NUMBER),
            *COUNTS,
            Column("per_student", "Неизвинени на ученик", ColumnKind.HOURS),
        ),
        rows=tuple(
            Row((name, row.students, *_cells(count), average), Target(Entity.SCHOOL_CLASS, row.id))
            for row, name, count, average in zip(found, names, counts, each, strict=True)
        ),
        totals=("Общо", students, *_cells(total), per_head(hours(*total[1:]), students)),
        chart=_stacked("Отсъствия по класове", names, counts),
        notes=(RULE,),
    )


def by_teacher(session: Session, asked: Asked) -> Report:
    """The lessons missed with each teacher, as they wrote them down."""
    statement = (
        select(
            Staff.id,
            Staff.first_name,
            Staff.last_name,
            func.count(Absence.student_id.distinct()).label("students"),
            *_KINDS,
        )
        .join_from(Absence, Staff, Staff.id == Absence.staff_id)
        .where(of_absences(asked))
        .group_by(Staff.id, Staff.first_name, Staff.last_name)
        .order_by(Staff.last_name, Staff.first_name, Staff.id)
    )
    found = session.execute(statement).all()
    counts = [_counts(row) for row in found]
    names = [f"{row.first_name} {row.last_name}" for row in found]
    return Report(
        id="absences_by_teacher",
        title="Отсъствия по учители",
        school=asked.school,
        filters=asked.words,
        columns=(Column("teacher", "Учител"), Column("students", "Отсъствали ученици", ColumnKind.NUMBER), *COUNTS),
        rows=tuple(
            Row((name, row.students, *_cells(count)), Target(Entity.TEACHER, row.id))
            for row, name, count in zip(found, names, counts, strict=True)
        ),
        totals=("Общо", None, *_cells(_sum(counts))),
        chart=_stacked("Отсъствия по учители", names, counts),
        notes=(RULE, "По учителя, вписал отсъствието. Учители без вписани отсъствия не са показани."),
    )


def of_student(session: Session, asked: Asked) -> Report:
    """Each missed lesson of one student, in order."""
    statement = (
        select(Absence.on_date, Absence.lesson, Subject.name, Absence.kind, Absence.reason, Staff.last_name)
        .join_from(Absence, Subject, Subject.id == Absence.subject_id)
        .join(Staff, Staff.id == Absence.staff_id)
        .where(of_absences(asked))
        .order_by(Absence.on_date, Absence.lesson)
    )
    found = session.execute(statement).all()
    kinds = [row.kind for row in found]
    unexcused, late = kinds.count(AbsenceKind.UNEXCUSED), kinds.count(AbsenceKind.LATE)
    return Report(
        id="absences_of_student",
        title="Отсъствия на ученик",
        school=asked.school,
        filters=asked.words,
        columns=(
            Column("date", "Дата", ColumnKind.DATE),
            Column("lesson", "Час", ColumnKind.NUMBER),
            Column("subject", "Предмет"),
            Column("kind", "Вид"),
            Column("reason", "Причина"),
            Column("teacher", "Вписал"),
            Column("hours", "Неизвинени часове", ColumnKind.HOURS),
        ),
        rows=tuple(
            Row(
                (
                    row.on_date,
                    row.lesson,
                    row.name,
                    ABSENCES[row.kind],
                    REASONS[row.reason] if row.reason else None,
                    row.last_name,
                    WEIGHTS[row.kind],
                )
            )
            for row in found
        ),
        totals=("Общо", len(found), None, None, None, None, hours(unexcused, late)),
        notes=(RULE,),
    )


WEIGHTS = {AbsenceKind.UNEXCUSED: Decimal(1), AbsenceKind.LATE: Decimal("0.5"), AbsenceKind.EXCUSED: Decimal(0)}


def _counted_by_student(asked: Asked) -> CTE:
    return counted_first(select(Absence.student_id, *_KINDS).where(of_absences(asked)).group_by(Absence.student_id))


def _one_student(asked: Asked) -> list[Any]:
    return [Student.id == asked.filters.student_id] if asked.filters.student_id else []


def _counts(row: Found) -> Counted:
    return int(row.excused or 0), int(row.unexcused or 0), int(row.late or 0)


def _cells(counted: Counted) -> tuple[int, int, int, Decimal]:
    return *counted, hours(*counted[1:])


def _sum(counts: list[Counted]) -> Counted:
    return sum(one[0] for one in counts), sum(one[1] for one in counts), sum(one[2] for one in counts)


def _stacked(title: str, names: list[str], counts: list[Counted]) -> Chart | None:
    return chart(
        ChartKind.STACKED,
        title,
        "часове",
        names,
        (
            ("неизвинени", [one[1] for one in counts]),
            ("закъснения (по 1/2)", [Decimal(one[2]) / 2 for one in counts]),
            ("извинени", [one[0] for one in counts]),
        ),
    )


def _most_absent(names: list[str], counts: list[Counted]) -> Chart | None:
    order = sorted(range(len(names)), key=lambda at: (-hours(*counts[at][1:]), -counts[at][0], at))
    missed = [at for at in order if any(counts[at])][:20]
    return _stacked(
        "Учениците с най-много неизвинени отсъствия", [names[at] for at in missed], [counts[at] for at in missed]
    )
