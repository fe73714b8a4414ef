"""Students at risk of dropping out, as the state counts them: more than 5 unexcused hours in a calendar month."""

from collections.abc import Sequence
from decimal import Decimal

from sqlalchemy import extract, select
from sqlalchemy.orm import Session

from db.kinds import AbsenceKind
from db.models import Absence, SchoolClass, Student
from school.reports.absences import RULE
from school.reports.filters import Asked, Found, count_where, counted_first, of_absences, of_classes
from school.reports.report import ChartKind, Column, ColumnKind, Entity, Row, Table, Target, chart, hours
from school.reports.words import TOTAL, month
from school.wording.translation import Words

AT_MOST = 5
"""Unexcused hours in a month that are not yet a risk."""
COLUMNS = (
    Column("month", "Месец"),
    Column("student", "Ученик"),
    Column("class", "Клас"),
    Column("unexcused", "Неизвинени", ColumnKind.NUMBER),
    Column("late", "Закъснения", ColumnKind.NUMBER),
    Column("total_unexcused", "Общо неизвинени", ColumnKind.HOURS),
)


def at_risk(session: Session, asked: Asked) -> Table:
    """A row for every student and month with more than AT_MOST unexcused hours, the latest month first."""
    found = _found(session, asked)
    ordered = sorted(
        found,
        key=lambda row: (-row.year, -row.month, -hours(row.unexcused, row.late), row.level, row.letter, row.id),
    )
    months = sorted({(int(row.year), int(row.month)) for row in found})
    of_month = [{row.id for row in found if (row.year, row.month) == one} for one in months]
    return Table(
        columns=COLUMNS,
        rows=tuple(
            Row(
                (
                    month(int(row.year), int(row.month)),
                    f"{row.first_name} {row.last_name}",
                    f"{row.level}{row.letter}",
                    row.unexcused,
                    row.late,
                    hours(row.unexcused, row.late),
                ),
                Target(Entity.STUDENT, row.id),
            )
            for row in ordered
        ),
        totals=(
            TOTAL,
            Words("{count} различни ученици", count=len({row.id for row in found})),
            None,
            sum(row.unexcused for row in found),
            sum(row.late for row in found),
            sum((hours(row.unexcused, row.late) for row in found), Decimal()),
        ),
        chart=chart(
            ChartKind.BAR,
            "Ученици в риск по месеци",
            "ученици",
            [month(*one) for one in months],
            [("ученици", [len(students) for students in of_month])],
        ),
        notes=(
            Words("В риск: повече от {hours} часа общо неизвинени отсъствия в календарен месец.", hours=AT_MOST),
            RULE,
        ),
    )


def _found(session: Session, asked: Asked) -> Sequence[Found]:
    unexcused = count_where(Absence.kind == AbsenceKind.UNEXCUSED)
    late = count_where(Absence.kind == AbsenceKind.LATE)
    year, number = extract("year", Absence.on_date), extract("month", Absence.on_date)
    monthly = counted_first(
        select(
            Absence.student_id,
            year.label("year"),
            number.label("month"),
            unexcused.label("unexcused"),
            late.label("late"),
        )
        .where(of_absences(asked))
        .group_by(Absence.student_id, year, number)
        .having(2 * unexcused + late > 2 * AT_MOST)
    )
    return session.execute(
        select(
            Student.id,
            Student.first_name,
            Student.last_name,
            SchoolClass.level,
            SchoolClass.letter,
            monthly.c.year,
            monthly.c.month,
            monthly.c.unexcused,
            monthly.c.late,
        )
        .join_from(monthly, Student, Student.id == monthly.c.student_id)
        .join(SchoolClass, SchoolClass.id == Student.class_id)
        .where(Student.school_id == asked.school_id, of_classes(asked))
    ).all()
