"""Students at risk, as the state counts them: 5 unexcused hours or more in a calendar month.

So many end the family's child benefit for a year (Закон за семейни помощи за деца). Whether half hours of
lateness are among them is the platform's setting.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import extract, func, select, true
from sqlalchemy.orm import Session

from db.kinds import AbsenceKind
from db.models import Absence, SchoolClass, Student
from school.classbook.absence_weights import in_hours, unexcused_half_hours
from school.classbook.benefit import LOST_AT
from school.reports.absences import RULE, WITHOUT_LATENESS
from school.reports.filters import Asked, Found, count_where, counted_first, of_absences, of_classes
from school.reports.report import ChartKind, Column, ColumnKind, Entity, Row, Table, Target, chart
from school.reports.stays import on_day, stays
from school.reports.words import TOTAL, month
from school.wording.translation import Words

COLUMNS = (
    Column("month", "Месец"),
    Column("student", "Ученик"),
    Column("class", "Клас"),
    Column("unexcused", "Неизвинени", ColumnKind.NUMBER),
    Column("late", "Закъснения", ColumnKind.NUMBER),
    Column("total_unexcused", "Общо неизвинени", ColumnKind.HOURS),
)


def at_risk(session: Session, asked: Asked) -> Table:
    """A row for every student and month with LOST_AT unexcused hours or more, the latest month first.

    A month is counted whole, also where the student changed classes in it; it stands at the class of its last absence.
    """
    found = _found(session, asked)
    with_lateness = asked.filters.state_counts_lateness
    ordered = sorted(
        found,
        key=lambda row: (-row.year, -row.month, -row.half_hours, row.level or 0, row.letter or "", row.id),
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
                    f"{row.level}{row.letter}" if row.letter is not None else None,
                    row.unexcused,
                    row.late,
                    in_hours(row.half_hours),
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
            in_hours(sum(row.half_hours for row in found)),
        ),
        chart=chart(
            ChartKind.BAR,
            "Ученици в риск по месеци",
            "ученици",
            [month(*one) for one in months],
            [("ученици", [len(students) for students in of_month])],
        ),
        notes=(
            Words("В риск: {hours} или повече часа общо неизвинени отсъствия в календарен месец.", hours=LOST_AT),
            RULE if with_lateness else WITHOUT_LATENESS,
        ),
    )


def _found(session: Session, asked: Asked) -> Sequence[Found]:
    unexcused = count_where(Absence.kind == AbsenceKind.UNEXCUSED)
    late = count_where(Absence.kind == AbsenceKind.LATE)
    half_hours = unexcused_half_hours(Absence.kind, with_lateness=asked.filters.state_counts_lateness)
    year, number = extract("year", Absence.on_date), extract("month", Absence.on_date)
    wish = asked.filters
    whole = not (wish.level or wish.class_id) and wish.visible_classes is None
    everybody = replace(asked, filters=replace(wish, level=None, class_id=None, visible_classes=None))
    stay = stays(asked)
    monthly = counted_first(
        select(
            Absence.student_id,
            year.label("year"),
            number.label("month"),
            unexcused.label("unexcused"),
            late.label("late"),
            half_hours.label("half_hours"),
            func.max(Absence.on_date).label("last"),
        )
        .where(of_absences(everybody))
        .group_by(Absence.student_id, year, number)
        .having(half_hours >= LOST_AT * AbsenceKind.UNEXCUSED.half_hours)
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
            monthly.c.half_hours,
        )
        .join_from(monthly, Student, Student.id == monthly.c.student_id)
        .join(stay, (stay.c.student_id == monthly.c.student_id) & on_day(stay, monthly.c.last), isouter=whole)
        .join(SchoolClass, SchoolClass.id == stay.c.class_id, isouter=whole)
        .where(Student.school_id == asked.school_id, true() if whole else of_classes(asked))
    ).all()
