"""The classes of a year beside the year before: the same students, whichever classes they were in then."""

from dataclasses import replace
from decimal import Decimal

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from db.models import Grade, SchoolClass, SchoolYear
from school.reports import groups
from school.reports.filters import Asked, counted_first, of_classes, of_grades
from school.reports.grades import FIGURES, HUNDREDTHS, which
from school.reports.groups import Counting
from school.reports.report import ChartKind, Column, ColumnKind, Row, Table, chart, mean
from school.reports.stays import members, stays
from school.reports.words import TOTAL

COLUMNS = (
    Column("class", "Клас"),
    Column("students", "Ученици", ColumnKind.NUMBER),
    Column("grades", "Оценки", ColumnKind.NUMBER),
    Column("average", "Среден успех", ColumnKind.GRADE),
    Column("last_year_grades", "Оценки миналата година", ColumnKind.NUMBER),
    Column("last_year_average", "Успех миналата година", ColumnKind.GRADE),
    Column("difference", "Разлика", ColumnKind.GRADE),
)


def classes_with_last_year(session: Session, asked: Asked) -> Table:
    """Each class's mean, and that of the grades its students were given in the school year before."""
    group = groups.classes(session, asked, Counting(Grade, of_grades(asked), FIGURES))
    before = _before(session, asked)
    rows = []
    for line in group.lines:
        assert line.target is not None
        count, total = before.get(line.target.id, (0, 0))
        own, then = mean(line.figures[1], line.figures[0]), mean(total, count)
        rows.append(
            Row((line.name, line.students, line.figures[0], own, count, then, _difference(own, then)), line.target)
        )
    count, total = (sum(one[at] for one in before.values()) for at in (0, 1))
    own, then = mean(group.total.figures[1], group.total.figures[0]), mean(total, count)
    return Table(
        columns=COLUMNS,
        rows=tuple(rows),
        totals=(TOTAL, group.total.students, group.total.figures[0], own, count, then, _difference(own, then)),
        chart=chart(
            ChartKind.BAR,
            "Среден успех сега и миналата година",
            "успех",
            [line.name for line in group.lines],
            [
                ("тази година", [mean(line.figures[1], line.figures[0]) for line in group.lines]),
                (
                    "миналата година",
                    [mean(*reversed(before.get(row.target.id if row.target else 0, (0, 0)))) for row in rows],
                ),
            ],
            bottom=2,
        ),
        notes=(
            which(asked),
            "Миналата година: оценките на същите ученици от предходната учебна година, в който и клас да са били.",
        ),
    )


def _before(session: Session, asked: Asked) -> dict[int, tuple[int, int]]:
    """Class of the year -> number and sum (hundredths) of last year's grades of its students."""
    wish = replace(asked.filters, level=None, class_id=None, visible_classes=None)
    year_before = (
        select(SchoolYear.id)
        .where(SchoolYear.school_id == asked.school_id, SchoolYear.starts_on < asked.year[0])
        .order_by(SchoolYear.starts_on.desc())
        .limit(1)
        .scalar_subquery()
    )
    stay = stays(asked)
    member = members(asked, stay)
    counted = counted_first(
        select(Grade.student_id, func.count(Grade.value).label("number"), func.sum(HUNDREDTHS).label("total"))
        .where(of_grades(replace(asked, filters=wish), year_before))
        .group_by(Grade.student_id)
    )
    rows = session.execute(
        select(member.c.class_id, func.sum(counted.c.number), func.sum(counted.c.total))
        .join_from(counted, member, and_(member.c.student_id == counted.c.student_id, member.c.latest == 1))
        .join(SchoolClass, SchoolClass.id == member.c.class_id)
        .where(of_classes(asked))
        .group_by(member.c.class_id)
    )
    return {class_id: (int(number or 0), int(total or 0)) for class_id, number, total in rows}


def _difference(own: Decimal | None, then: Decimal | None) -> Decimal | None:
    return None if own is None or then is None else own - then
