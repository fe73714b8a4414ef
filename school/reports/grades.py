"""Grades: by student, class and teacher, and one student's in detail by subject.

Averages are of numeric grades only: marks in words (levels 1-3, special needs) have no numbers and are counted apart.
"""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Integer, Label, func, literal, select, type_coerce
from sqlalchemy.orm import Session

from db.kinds import GradeKind
from db.models import BroughtGrade, Grade, Subject
from school.reports import groups
from school.reports.filters import Asked, Found, Span, count_where, of_grades, of_members, of_one_student
from school.reports.groups import Counting, Group, Line
from school.reports.report import (
    Cell,
    Chart,
    ChartKind,
    Column,
    ColumnKind,
    Entity,
    Row,
    Table,
    Target,
    chart,
    mean,
    percent,
)
from school.reports.words import MARKS, OVERALL, TOTAL, grade_in_words, listed, plain, whole_grade

HUNDREDTHS: ColumnElement[int] = type_coerce(Grade.value, Integer)
"""A grade as it is stored: sums of it are exact on every database."""
FIGURES: tuple[Label[int], ...] = (
    func.count(Grade.value).label("numbers"),
    func.sum(HUNDREDTHS).label("total"),
    count_where(HUNDREDTHS < 300).label("weak"),
    count_where(HUNDREDTHS >= 550).label("excellent"),
    count_where(Grade.mark.is_not(None)).label("marks"),
)
"""Numeric grades, their sum in hundredths, weak ones, excellent ones, marks in words."""
COLUMNS = (
    Column("grades", "Оценки", ColumnKind.NUMBER),
    Column("average", "Среден успех", ColumnKind.GRADE),
    Column("words", "С думи"),
    Column("weak", "Слаби", ColumnKind.NUMBER),
    Column("excellent", "Отлични", ColumnKind.NUMBER),
    Column("marks", "Качествени", ColumnKind.NUMBER),
)
SHARES = (
    Column("weak_share", "Слаби, %", ColumnKind.PERCENT),
    Column("excellent_share", "Отлични, %", ColumnKind.PERCENT),
)
OF_STUDENT = (
    Column("subject", "Предмет"),
    Column("current", "Текущи оценки"),
    Column("average", "Среден успех", ColumnKind.GRADE),
    Column("words", "С думи"),
    Column("forecast", "Прогноза", ColumnKind.GRADE),
    Column("term_1", "I срок"),
    Column("term_2", "II срок"),
    Column("annual", "Годишна"),
)
WHICH = "Средният успех е от текущите оценки с цифри."
WHICH_KIND = "Средният успех е само от оценките от избрания вид."
BROUGHT = "*: от друго училище; влиза в успеха на ученика, а не на класа."
FORECAST = "Прогноза: цялата оценка, към която клони средният успех от текущите оценки; не е поставена от учител."


def by_student(session: Session, asked: Asked) -> Table:
    """Every student of the classes asked for, also those without a grade."""
    group = groups.students(session, asked, _counting(asked))
    return group.table(COLUMNS, _cells, _averages("Среден успех по ученици", group), which(asked))


def by_class(session: Session, asked: Asked) -> Table:
    """The classes of the year, by the grades of their students while they were in them."""
    group = groups.classes(session, asked, _counting(asked))
    return group.table(
        (*COLUMNS, *SHARES), _cells_and_shares, _averages("Среден успех по класове", group), which(asked)
    )


def by_teacher(session: Session, asked: Asked) -> Table:
    """The grades that each teacher gave."""
    group = groups.teachers(session, asked, _counting(asked), "Оценени ученици")
    return group.table(
        (*COLUMNS, *SHARES),
        _cells_and_shares,
        _averages("Среден успех по учители", group),
        which(asked),
        "По учителя, поставил оценката. Учители без поставени оценки не са показани.",
    )


def of_student(session: Session, asked: Asked) -> Table:
    """One student's grades by subject: the current ones, their average, and what closes the terms and the year."""
    statement = (
        select(
            Subject.id,
            Subject.name.label("subject"),
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
            of_members(of_one_student(asked), Grade),
        )
        .order_by(Subject.name, Grade.on_date, Grade.id)
    )
    brought = _brought(session, asked)
    by_subject: dict[str, list[Found]] = defaultdict(list)
    for row in (*brought, *session.execute(statement)):
        by_subject[row.subject or OVERALL].append(row)
    rows = tuple(
        Row(_of_subject(subject, found), Target(Entity.SUBJECT, found[-1].id) if found[-1].id else None)
        for subject, found in sorted(by_subject.items())
    )
    current = [row for found in by_subject.values() for row in found if not row.kind.closes]
    numbers = [row.hundredths for row in current if row.hundredths is not None]
    return Table(
        columns=OF_STUDENT,
        rows=rows,
        totals=(TOTAL, str(len(current)), mean(sum(numbers), len(numbers)), None, None, None, None, None),
        chart=chart(
            ChartKind.BAR,
            "Среден успех по предмети",
            "успех",
            [str(row.cells[0]) for row in rows],
            [("среден успех", [_decimal(row.cells[2]) for row in rows])],
            bottom=2,
        ),
        notes=(FORECAST, *((BROUGHT,) if brought else ())),
    )


def _brought(session: Session, asked: Asked) -> Sequence[Found]:
    """What the student brought along from another school that year, as the same rows; none of one teacher's grades."""
    wish = asked.filters
    if wish.staff_id or not asked.sees_student_whole:
        return ()
    conditions = [
        BroughtGrade.school_id == asked.school_id,
        BroughtGrade.student_id == wish.student_id,
        BroughtGrade.year == asked.year[0].year,
    ]
    if wish.span is not Span.YEAR:
        conditions.append(BroughtGrade.term == int(wish.span))
    if wish.since:
        conditions.append(BroughtGrade.on_date >= wish.since)
    if wish.until:
        conditions.append(BroughtGrade.on_date <= wish.until)
    if wish.subject_id:
        name = select(Subject.name).where(Subject.school_id == asked.school_id, Subject.id == wish.subject_id)
        conditions.append(BroughtGrade.subject == name.scalar_subquery())
    if wish.grade_kind:
        conditions.append(BroughtGrade.kind == wish.grade_kind)
    return session.execute(
        select(
            literal(None).label("id"),
            *(BroughtGrade.subject, BroughtGrade.kind, BroughtGrade.term),
            type_coerce(BroughtGrade.value, Integer).label("hundredths"),
            *(BroughtGrade.mark, BroughtGrade.from_school),
        )
        .where(*conditions)
        .order_by(BroughtGrade.on_date, BroughtGrade.id)
    ).all()


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
        listed([_shown(row) for row in current]),
        average,
        grade_in_words(average) or None,
        None if average is None else Decimal(whole_grade(average)),
        closing.get((GradeKind.TERM, 1)),
        closing.get((GradeKind.TERM, 2)),
        annual,
    )


def _shown(row: Found) -> str:
    shown = MARKS[row.mark] if row.mark else plain(Decimal(row.hundredths) / 100)
    return f"{shown}*" if hasattr(row, "from_school") else shown


def _decimal(cell: Any) -> Decimal | None:
    return cell if isinstance(cell, Decimal) else None


def _counting(asked: Asked) -> Counting:
    return Counting(Grade, of_grades(asked), FIGURES)


def _cells(line: Line) -> tuple[Cell, ...]:
    numbers, total, weak, excellent, marks = line.figures
    average = mean(total, numbers)
    return numbers, average, grade_in_words(average) or None, weak, excellent, marks


def _cells_and_shares(line: Line) -> tuple[Cell, ...]:
    numbers, _total, weak, excellent, _marks = line.figures
    return *_cells(line), percent(weak, numbers), percent(excellent, numbers)


def _averages(title: str, group: Group) -> Chart | None:
    names = [line.name for line in group.lines]
    values = [mean(line.figures[1], line.figures[0]) for line in group.lines]
    return chart(ChartKind.BAR, title, "успех", names, [("среден успех", values)], bottom=2)
