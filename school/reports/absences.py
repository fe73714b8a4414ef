"""Absences: by student, class and teacher, and one student's in detail; weighted as `absence_weights` says."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import AbsenceKind
from db.models import Absence, Staff, Subject
from school.classbook.absence_weights import in_hours, unexcused_hours
from school.reports import groups
from school.reports.filters import Asked, count_where, of_absences, of_one_student
from school.reports.groups import Counting, Line
from school.reports.report import Cell, Chart, ChartKind, Column, ColumnKind, Row, Table, chart, per_head
from school.reports.words import ABSENCES, REASONS, TOTAL

COUNTS = (
    Column("excused", "Извинени", ColumnKind.NUMBER),
    Column("unexcused", "Неизвинени", ColumnKind.NUMBER),
    Column("late", "Закъснения", ColumnKind.NUMBER),
    Column("total_unexcused", "Общо неизвинени", ColumnKind.HOURS),
)
KINDS = (
    count_where(Absence.kind == AbsenceKind.EXCUSED).label("excused"),
    count_where(Absence.kind == AbsenceKind.UNEXCUSED).label("unexcused"),
    count_where(Absence.kind == AbsenceKind.LATE).label("late"),
)
"""What is counted of absences."""
RULE = "Общо неизвинени = неизвинени + 1/2 от закъсненията."
WITHOUT_LATENESS = "Закъсненията не се броят."
"""The rule where the state counts whole hours only."""
MOST_ABSENT = 20
"""Students whom the chart shows."""


def by_student(session: Session, asked: Asked) -> Table:
    """Every student of the classes asked for, also those who were never absent."""
    group = groups.students(session, asked, _counting(asked))
    order = sorted(group.lines, key=lambda line: (-_unexcused(line), -line.figures[0]))
    missed = [line for line in order if any(line.figures)][:MOST_ABSENT]
    return group.table(COUNTS, _cells, _stacked("Учениците с най-много неизвинени отсъствия", missed), RULE)


def by_class(session: Session, asked: Asked) -> Table:
    """The classes of the year, by what their students missed while they were in them."""
    group = groups.classes(session, asked, _counting(asked))
    per_student = Column("per_student", "Неизвинени на ученик", ColumnKind.HOURS)
    return group.table(
        (*COUNTS, per_student),
        lambda line: (*_cells(line), per_head(_unexcused(line), line.students)),
        _stacked("Отсъствия по класове", group.lines),
        RULE,
    )


def by_teacher(session: Session, asked: Asked) -> Table:
    """The lessons missed with each teacher, as they wrote them down."""
    group = groups.teachers(session, asked, _counting(asked), "Отсъствали ученици")
    return group.table(
        COUNTS,
        _cells,
        _stacked("Отсъствия по учители", group.lines),
        RULE,
        "По учителя, вписал отсъствието. Учители без вписани отсъствия не са показани.",
    )


def of_student(session: Session, asked: Asked) -> Table:
    """Each missed lesson of one student, in order."""
    statement = (
        select(Absence.on_date, Absence.lesson, Subject.name, Absence.kind, Absence.reason, Staff.last_name)
        .join_from(Absence, Subject, Subject.id == Absence.subject_id)
        .join(Staff, Staff.id == Absence.staff_id)
        .where(of_absences(of_one_student(asked)))
        .order_by(Absence.on_date, Absence.lesson)
    )
    found = session.execute(statement).all()
    kinds = [row.kind for row in found]
    unexcused, late = kinds.count(AbsenceKind.UNEXCUSED), kinds.count(AbsenceKind.LATE)
    return Table(
        columns=(
            Column("date", "Дата", ColumnKind.DATE),
            Column("lesson", "Учебен час", ColumnKind.NUMBER),
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
                    in_hours(row.kind.half_hours),
                )
            )
            for row in found
        ),
        totals=(TOTAL, len(found), None, None, None, None, unexcused_hours(unexcused, late)),
        notes=(RULE,),
    )


def _counting(asked: Asked) -> Counting:
    return Counting(Absence, of_absences(asked), KINDS)


def _unexcused(line: Line) -> Decimal:
    return unexcused_hours(*line.figures[1:])


def _cells(line: Line) -> tuple[Cell, ...]:
    return *line.figures, _unexcused(line)


def _stacked(title: str, lines: Sequence[Line]) -> Chart | None:
    return chart(
        ChartKind.STACKED,
        title,
        "часове",
        [line.name for line in lines],
        (
            ("неизвинени", [line.figures[1] for line in lines]),
            ("закъснения (по 1/2)", [unexcused_hours(0, line.figures[2]) for line in lines]),
            ("извинени", [line.figures[0] for line in lines]),
        ),
    )
