"""Grades: by student, class and teacher, and one student's in detail by subject.

Averages are of numeric grades only: marks in words (levels 1-3, special needs) have no numbers and are counted apart.
"""

from collections import defaultdict
from decimal import Decimal
from typing import Any

from sqlalchemy import CTE, ColumnElement, Integer, and_, func, select, type_coerce
from sqlalchemy.orm import Session

from db.kinds import GradeKind
from db.models import Grade, SchoolClass, Staff, Student, Subject
from school.reports.filters import Asked, Found, Span, count_where, counted_first, of_classes, of_grades, of_members
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
    mean,
    percent,
)
from school.reports.words import MARKS, grade_in_words, plain, whole_grade

HUNDREDTHS: ColumnElement[int] = type_coerce(Grade.value, Integer)
"""A grade as it is stored: sums of it are exact on every database."""
FIGURES = (
    func.count(Grade.value).label("numbers"),
    func.sum(HUNDREDTHS).label("total"),
    count_where(Grade.mark.is_not(None)).label("marks"),
    count_where(HUNDREDTHS < 300).label("weak"),
    count_where(HUNDREDTHS >= 550).label("excellent"),
)
COLUMNS = (
    Column("grades", "Оценки", ColumnKind.NUMBER),
    Column("average", "Среден успех", ColumnKind.GRADE),
    Column("words", "С думи"),
    Column("weak", "Слаби", ColumnKind.NUMBER),
    Column("excellent", "Отлични", ColumnKind.NUMBER),
    Column("marks", "Качествени", ColumnKind.NUMBER),
)
WHICH = "Средният успех е от текущите оценки с цифри."
WHICH_KIND = "Средният успех е само от оценките от избрания вид."
FORECAST = "Прогноза: цялата оценка, към която клони средният успех от текущите оценки; не е поставена от учител."
Figures = tuple[int, int, int, int, int]
"""Numeric grades, their sum in hundredths, weak ones, excellent ones, marks in words."""


def by_student(session: Session, asked: Asked) -> Report:
    """Every student of the classes asked for, also those without a grade."""
    counted = _figures_by_student(asked)
    wanted = [Student.id == asked.filters.student_id] if asked.filters.student_id else []
    found = session.execute(
        select(
            Student.id,
            Student.first_name,
            Student.last_name,
            SchoolClass.level,
            SchoolClass.letter,
            *(counted.c[name] for name in ("numbers", "total", "marks", "weak", "excellent")),
        )
        .join_from(Student, SchoolClass, SchoolClass.id == Student.class_id)
        .outerjoin(counted, counted.c.student_id == Student.id)
        .where(Student.school_id == asked.school_id, of_classes(asked), *wanted)
        .order_by(SchoolClass.level, SchoolClass.letter, Student.number_in_class, Student.id)
    ).all()
    figures = [_figures(row) for row in found]
    names = [f"{row.first_name} {row.last_name}" for row in found]
    return Report(
        id="grades_by_student",
        title="Оценки по ученици",
        school=asked.school,
        filters=asked.words,
        columns=(Column("student", "Ученик"), Column("class", "Клас"), *COLUMNS),
        rows=tuple(
            Row((name, f"{row.level}{row.letter}", *_cells(each)), Target(Entity.STUDENT, row.id))
            for row, name, each in zip(found, names, figures, strict=True)
        ),
        totals=("Общо", None, *_cells(_sum(figures))),
        chart=_averages("Среден успех по ученици", names, figures),
        notes=(which(asked),),
    )


def by_class(session: Session, asked: Asked) -> Report:
    """The classes of the year, by their present students' grades."""
    counted = _figures_by_student(asked)
    members = and_(Student.school_id == asked.school_id, Student.class_id == SchoolClass.id)
    found = session.execute(
        select(
            SchoolClass.id,
            SchoolClass.level,
            SchoolClass.letter,
            func.count(Student.id).label("students"),
            *(func.sum(counted.c[name]).label(name) for name in ("numbers", "total", "marks", "weak", "excellent")),
        )
        .join_from(SchoolClass, Student, members, isouter=True)
        .outerjoin(counted, counted.c.student_id == Student.id)
        .where(of_classes(asked), SchoolClass.school_year_id == asked.school_year_id)
        .group_by(SchoolClass.id, SchoolClass.level, SchoolClass.letter)
        .order_by(SchoolClass.level, SchoolClass.letter)
    ).all()
    figures = [_figures(row) for row in found]
    names = [f"{row.level}{row.letter}" for row in found]
    return Report(
        id="grades_by_class",
        title="Оценки по класове",
        school=asked.school,
        filters=asked.words,
        columns=(Column("class", "Клас"), Column("students", "Ученици", ColumnKind.NUMBER), *COLUMNS, *SHARES),
        rows=tuple(
            Row((name, row.students, *_cells(each), *_shares(each)), Target(Entity.SCHOOL_CLASS, row.id))
            for row, name, each in zip(found, names, figures, strict=True)
        ),
        totals=("Общо", sum(row.students for row in found), *_cells(_sum(figures)), *_shares(_sum(figures))),
        chart=_averages("Среден успех по класове", names, figures),
        notes=(which(asked),),
    )


def by_teacher(session: Session, asked: Asked) -> Report:
    """The grades that each teacher gave."""
    statement = (
        select(
            Staff.id,
            Staff.first_name,
            Staff.last_name,
            func.count(Grade.student_id.distinct()).label("students"),
            *FIGURES,
        )
        .join_from(Grade, Staff, Staff.id == Grade.staff_id)
        .where(of_grades(asked))
        .group_by(Staff.id, Staff.first_name, Staff.last_name)
        .order_by(Staff.last_name, Staff.first_name, Staff.id)
    )
    found = session.execute(statement).all()
    figures = [_figures(row) for row in found]
    names = [f"{row.first_name} {row.last_name}" for row in found]
    return Report(
        id="grades_by_teacher",
        title="Оценки по учители",
        school=asked.school,
        filters=asked.words,
        columns=(
            Column("teacher", "Учител"),
            Column("students", "Оценени ученици", ColumnKind.NUMBER),
            *COLUMNS,
            *SHARES,
        ),
        rows=tuple(
            Row((name, row.students, *_cells(each), *_shares(each)), Target(Entity.TEACHER, row.id))
            for row, name, each in zip(found, names, figures, strict=True)
        ),
        totals=("Общо", None, *_cells(_sum(figures)), *_shares(_sum(figures))),
        chart=_averages("Среден успех по учители", names, figures),
        notes=(which(asked), "По учителя, поставил оценката. Учители без поставени оценки не са показани."),
    )


SHARES = (
    Column("weak_share", "Слаби, %", ColumnKind.PERCENT),
    Column("excellent_share", "Отлични, %", ColumnKind.PERCENT),
)


def of_student(session: Session, asked: Asked) -> Report:
    """One student's grades by subject: the current ones, their average, and what closes the terms and the year."""
    statement = (
        select(
            Subject.id,
            func.coalesce(Subject.name, "Общ годишен резултат").label("subject"),
            Grade.kind,
            Grade.term,
            HUNDREDTHS.label("hundredths"),
            Grade.mark,
        )
        .join_from(Grade, Subject, Subject.id == Grade.subject_id, isouter=True)
        .where(
            Grade.school_id == asked.school_id,
            Grade.school_year_id == asked.school_year_id,
            Grade.student_id == asked.filters.student_id,
            *_detail(asked),
            of_members(asked, Grade.student_id),
        )
        .order_by(Subject.name, Grade.on_date, Grade.id)
    )
    by_subject: dict[str, list[Found]] = defaultdict(list)
    for row in session.execute(statement):
        by_subject[row.subject].append(row)
    rows = tuple(
        Row(_of_subject(subject, found), Target(Entity.SUBJECT, found[0].id) if found[0].id else None)
        for subject, found in sorted(by_subject.items())
    )
    current = [row for found in by_subject.values() for row in found if not row.kind.closes]
    numbers = [row.hundredths for row in current if row.hundredths is not None]
    return Report(
        id="grades_of_student",
        title="Оценки на ученик",
        school=asked.school,
        filters=asked.words,
        columns=(
            Column("subject", "Предмет"),
            Column("current", "Текущи оценки"),
            Column("average", "Среден успех", ColumnKind.GRADE),
            Column("words", "С думи"),
            Column("forecast", "Прогноза", ColumnKind.GRADE),
            Column("term_1", "I срок"),
            Column("term_2", "II срок"),
            Column("annual", "Годишна"),
        ),
        rows=rows,
        totals=("Общо", str(len(current)), mean(sum(numbers), len(numbers)), None, None, None, None, None),
        chart=chart(
            ChartKind.BAR,
            "Среден успех по предмети",
            "успех",
            [str(row.cells[0]) for row in rows],
            [("среден успех", [_decimal(row.cells[2]) for row in rows])],
            bottom=2,
        ),
        notes=(FORECAST,),
    )


def which(asked: Asked) -> str:
    """Which grades an average is of."""
    return WHICH_KIND if asked.filters.grade_kind else WHICH


def _detail(asked: Asked) -> list[ColumnElement[bool]]:
    """The filters of a student's detail: it always shows the closing grades too."""
    wish = asked.filters
    conditions: list[ColumnElement[bool]] = []
    if wish.span is not Span.YEAR:
        conditions.append(Grade.term == int(wish.span))
    if wish.since:
        conditions.append(Grade.on_date >= wish.since)
    if wish.until:
        conditions.append(Grade.on_date <= wish.until)
    if wish.subject_id:
        conditions.append(Grade.subject_id == wish.subject_id)
    if wish.staff_id:
        conditions.append(Grade.staff_id == wish.staff_id)
    if wish.grade_kind:
        conditions.append(Grade.kind == wish.grade_kind)
    return conditions


def _of_subject(subject: str, found: list[Found]) -> tuple[str | Decimal | None, ...]:
    current = [row for row in found if not row.kind.closes]
    numbers = [row.hundredths for row in current if row.hundredths is not None]
    average = mean(sum(numbers), len(numbers))
    closing = {(row.kind, row.term): _shown(row) for row in found if row.kind.closes}
    annual = next((shown for (kind, _), shown in closing.items() if kind is GradeKind.ANNUAL), None)
    return (
        subject,
        ", ".join(map(_shown, current)),
        average,
        grade_in_words(average) or None,
        None if average is None else Decimal(whole_grade(average)),
        closing.get((GradeKind.TERM, 1)),
        closing.get((GradeKind.TERM, 2)),
        annual,
    )


def _shown(row: Found) -> str:
    return MARKS[row.mark] if row.mark else plain(Decimal(row.hundredths) / 100)


def _decimal(cell: Any) -> Decimal | None:
    return cell if isinstance(cell, Decimal) else None


def _figures_by_student(asked: Asked) -> CTE:
    return counted_first(select(Grade.student_id, *FIGURES).where(of_grades(asked)).group_by(Grade.student_id))


def _figures(row: Found) -> Figures:
    return tuple(int(getattr(row, name) or 0) for name in ("numbers", "total", "weak", "excellent", "marks"))  # type: ignore[return-value]


def _cells(figures: Figures) -> tuple[int, Decimal | None, str | None, int, int, int]:
    numbers, total, weak, excellent, marks = figures
    average = mean(total, numbers)
    return numbers, average, grade_in_words(average) or None, weak, excellent, marks


def _shares(figures: Figures) -> tuple[Decimal | None, Decimal | None]:
    return percent(figures[2], figures[0]), percent(figures[3], figures[0])


def _sum(all_figures: list[Figures]) -> Figures:
    return tuple(sum(figures[at] for figures in all_figures) for at in range(5))  # type: ignore[return-value]


def _averages(title: str, names: list[str], figures: list[Figures]) -> Chart | None:
    values = [mean(each[1], each[0]) for each in figures]
    return chart(ChartKind.BAR, title, "успех", names, [("среден успех", values)], bottom=2)
