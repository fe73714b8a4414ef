"""The frame that counts by student, class and teacher, shared by absences and grades."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import CTE, ColumnElement, Label, func, or_, select, true
from sqlalchemy.orm import Session

from db.models import Absence, Grade, SchoolClass, Staff, Student
from school.reports.filters import Asked, Found, counted_first, of_classes
from school.reports.report import Cell, Chart, Column, ColumnKind, Entity, Row, Table, Target
from school.reports.stays import Placed, in_period, members, placed, stays
from school.reports.words import TOTAL


@dataclass(frozen=True, slots=True)
class Counting:
    """What is counted: of the rows of a table that fulfil a condition, these figures."""

    of: type[Absence] | type[Grade]
    where: ColumnElement[bool]
    figures: tuple[Label[Any], ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The figures' labels."""
        return tuple(figure.name for figure in self.figures)

    def by_stay(self, stay: CTE) -> Placed:
        """The figures of each student who has any, by the stay into which they fall."""
        return placed(stay, self.of, self.where, self.figures)

    def by_teacher(self) -> CTE:
        """The figures of each student, subject and teacher: the order in which a year's grades lie in their index."""
        of = self.of
        keys = (of.student_id, of.subject_id, of.staff_id)
        return counted_first(select(*keys, *self.figures).where(self.where).group_by(*keys))

    def read(self, row: Found) -> tuple[int, ...]:
        """A row's figures; 0 where nothing was counted."""
        return tuple(int(getattr(row, name) or 0) for name in self.names)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a report: whom it is about, how many students, and what was counted of them."""

    heads: tuple[Cell, ...]
    students: int
    figures: tuple[int, ...]
    target: Target | None = None

    @property
    def name(self) -> str:
        """What its first cell says."""
        return str(self.heads[0])


@dataclass(frozen=True, slots=True)
class Group:
    """Lines with the columns of their heads, and all of them together."""

    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    total: Line

    def table(
        self,
        columns: Iterable[Column],
        cells: Callable[[Line], tuple[Cell, ...]],
        chart: Chart | None,
        *notes: str,
    ) -> Table:
        """The report: `cells` makes of a line what stands below `columns`."""
        return Table(
            columns=(*self.columns, *columns),
            rows=tuple(Row((*line.heads, *cells(line)), line.target) for line in self.lines),
            totals=(*self.total.heads, *cells(self.total)),
            chart=chart,
            notes=notes,
        )


def students(session: Session, asked: Asked, counting: Counting) -> Group:
    """Every student who was in the classes asked for during the period, also those of whom nothing was counted.

    A student stands once, with the last of these classes, and with what was counted in all of them. Of the whole school
    also those are shown of whom something is recorded and no class is known.
    """
    wish = asked.filters
    stay = stays(asked)
    counted = counting.by_stay(stay)
    member = members(asked, stay)
    of = counted.table.c
    sums = (func.sum(of[name]).label(name) for name in counting.names)
    whole = wish.visible_classes is None and not (wish.level or wish.class_id)
    if whole:
        figures = counted_first(select(of.student_id, *sums).group_by(of.student_id), "figures")
    else:
        figures = counted_first(
            select(of.student_id, *sums)
            .join_from(counted.table, stay, counted.falls_to(stay))
            .join(SchoolClass, SchoolClass.id == stay.c.class_id)
            .where(of_classes(asked))
            .group_by(of.student_id),
            "figures",
        )
    here = member.c.student_id.is_not(None)
    found = session.execute(
        select(
            *(Student.id, Student.first_name, Student.last_name, SchoolClass.level, SchoolClass.letter),
            *(figures.c[name] for name in counting.names),
        )
        .join_from(Student, member, (member.c.student_id == Student.id) & (member.c.latest == 1), isouter=True)
        .outerjoin(SchoolClass, SchoolClass.id == member.c.class_id)
        .outerjoin(figures, figures.c.student_id == Student.id)
        .where(
            Student.school_id == asked.school_id,
            or_(here, figures.c.student_id.is_not(None)) if whole else here,
            Student.id == wish.student_id if wish.student_id else true(),
        )
        .order_by(SchoolClass.level.is_(None), SchoolClass.level, SchoolClass.letter, member.c.number, Student.id)
    )
    lines = [
        Line(
            (f"{row.first_name} {row.last_name}", f"{row.level}{row.letter}" if row.letter is not None else None),
            1,
            counting.read(row),
            Target(Entity.STUDENT, row.id),
        )
        for row in found
    ]
    return _group((Column("student", "Ученик"), Column("class", "Клас")), lines, (TOTAL, None), counting)


def classes(session: Session, asked: Asked, counting: Counting) -> Group:
    """The classes of the year with the students who were in them during the period, by what was counted there."""
    stay = stays(asked)
    counted = counting.by_stay(stay)
    of = counted.table.c
    there = counted_first(
        select(stay.c.class_id, func.count(stay.c.student_id.distinct()).label("students"))
        .where(in_period(asked, stay))
        .group_by(stay.c.class_id),
        "there",
    )
    figures = counted_first(
        select(stay.c.class_id, *(func.sum(of[name]).label(name) for name in counting.names))
        .join_from(counted.table, stay, counted.falls_to(stay))
        .group_by(stay.c.class_id),
        "figures",
    )
    found = session.execute(
        select(
            *(SchoolClass.id, SchoolClass.level, SchoolClass.letter),
            func.coalesce(there.c.students, 0).label("students"),
            *(figures.c[name] for name in counting.names),
        )
        .outerjoin(there, there.c.class_id == SchoolClass.id)
        .outerjoin(figures, figures.c.class_id == SchoolClass.id)
        .where(of_classes(asked), SchoolClass.school_year_id == asked.school_year_id)
        .order_by(SchoolClass.level, SchoolClass.letter)
    )
    lines = [
        Line(
            (f"{row.level}{row.letter}", row.students),
            row.students,
            counting.read(row),
            Target(Entity.SCHOOL_CLASS, row.id),
        )
        for row in found
    ]
    columns = (Column("class", "Клас"), Column("students", "Ученици", ColumnKind.NUMBER))
    return _group(columns, lines, (TOTAL, sum(line.students for line in lines)), counting)


def teachers(session: Session, asked: Asked, counting: Counting, heading: str) -> Group:
    """Those who wrote down what is counted; `heading` says what the number of their students is."""
    counted = counting.by_teacher()
    found = session.execute(
        select(
            *(Staff.id, Staff.first_name, Staff.last_name),
            func.count(counted.c.student_id.distinct()).label("students"),
            *(func.sum(counted.c[name]).label(name) for name in counting.names),
        )
        .join_from(counted, Staff, Staff.id == counted.c.staff_id)
        .where(Staff.school_id == asked.school_id)
        .group_by(Staff.id, Staff.first_name, Staff.last_name)
        .order_by(Staff.last_name, Staff.first_name, Staff.id)
    )
    lines = [
        Line(
            (f"{row.first_name} {row.last_name}", row.students),
            row.students,
            counting.read(row),
            Target(Entity.TEACHER, row.id),
        )
        for row in found
    ]
    columns = (Column("teacher", "Учител"), Column("students", heading, ColumnKind.NUMBER))
    return _group(columns, lines, (TOTAL, None), counting)


def _group(columns: tuple[Column, ...], lines: list[Line], heads: tuple[Cell, ...], counting: Counting) -> Group:
    figures = tuple(sum(line.figures[at] for line in lines) for at in range(len(counting.figures)))
    return Group(columns, tuple(lines), Line(heads, sum(line.students for line in lines), figures))
