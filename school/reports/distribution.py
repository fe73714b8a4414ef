"""How grades are distributed from 2 to 6, and marks over their words, by subject."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Integer, Label, cast, func, select
from sqlalchemy.orm import Session

from db.kinds import Mark
from db.models import Grade, Subject
from school.reports.filters import Asked, Found, count_where, counted_first, of_grades
from school.reports.grades import HUNDREDTHS, which
from school.reports.report import ChartKind, Column, ColumnKind, Entity, Row, Table, Target, chart, mean, percent
from school.reports.words import GRADES, MARKS, OVERALL, TOTAL, grade_in_words
from school.wording.translation import Words

BOUNDS = ((200, 300), (300, 350), (350, 450), (450, 550), (550, 601))
"""Hundredths from which and below which a grade has the word of 2, 3, 4, 5 and 6."""


NUMBERED = [Words("{word} ({grade})", word=word, grade=number) for number, word in enumerate(GRADES, 2)]
"""„Слаб (2)“."""


def of_grades_2_to_6(session: Session, asked: Asked) -> Table:
    """By subject: how many grades have each word, their mean, and the part of weak and excellent ones."""
    of_words = (
        count_where((low <= HUNDREDTHS) & (high > HUNDREDTHS)).label(f"of_{number}")
        for number, (low, high) in enumerate(BOUNDS, 2)
    )
    figures = (func.count(Grade.value).label("grades"), func.sum(HUNDREDTHS).label("total"), *of_words)
    found = _by_subject(session, asked, Grade.value.is_not(None), figures)
    spread = [[getattr(row, f"of_{number}") for number in range(2, 7)] for row in found]
    sums = [sum(column) for column in zip(*spread, strict=True)] if spread else [0] * 5
    total = sum(int(row.total) for row in found)
    return Table(
        columns=(
            Column("subject", "Предмет"),
            Column("grades", "Оценки", ColumnKind.NUMBER),
            *(Column(f"of_{number}", word, ColumnKind.NUMBER) for number, word in enumerate(NUMBERED, 2)),
            Column("average", "Среден успех", ColumnKind.GRADE),
            Column("words", "С думи"),
            Column("weak_share", "Слаби, %", ColumnKind.PERCENT),
            Column("excellent_share", "Отлични, %", ColumnKind.PERCENT),
        ),
        rows=tuple(
            Row((row.name, *_cells(each, int(row.total))), Target(Entity.SUBJECT, row.id))
            for row, each in zip(found, spread, strict=True)
        ),
        totals=(TOTAL, *_cells(sums, total)),
        chart=chart(
            ChartKind.STACKED,
            "Разпределение на оценките по предмети",
            "оценки",
            [row.name for row in found],
            [(word, [each[at] for each in spread]) for at, word in enumerate(NUMBERED)],
        ),
        notes=(
            which(asked),
            "По думата: под 3.00 слаб, под 3.50 среден, под 4.50 добър, под 5.50 мн. добър, от 5.50 отличен.",
        ),
    )


def _cells(spread: list[int], total: int) -> tuple[int | Decimal | str | None, ...]:
    grades = sum(spread)
    average = mean(total, grades)
    words = grade_in_words(average) or None
    return grades, *spread, average, words, percent(spread[0], grades), percent(spread[-1], grades)


def of_marks(session: Session, asked: Asked) -> Table:
    """By subject: how often each mark in words was given (levels 1-3, and students with special needs)."""
    figures = (func.count().label("marks"), *(count_where(Grade.mark == mark).label(mark.value) for mark in Mark))
    found = _by_subject(session, asked, Grade.mark.is_not(None), figures)
    spread = [[getattr(row, mark.value) for mark in Mark] for row in found]
    names = [row.name or OVERALL for row in found]
    return Table(
        columns=(
            Column("subject", "Предмет"),
            Column("marks", "Оценки", ColumnKind.NUMBER),
            *(Column(mark.value, MARKS[mark], ColumnKind.NUMBER) for mark in Mark),
        ),
        rows=tuple(
            Row((name, row.marks, *each), Target(Entity.SUBJECT, row.id) if row.id else None)
            for row, name, each in zip(found, names, spread, strict=True)
        ),
        totals=(
            TOTAL,
            sum(row.marks for row in found),
            *(sum(each[at] for each in spread) for at in range(len(Mark))),
        ),
        chart=chart(
            ChartKind.STACKED,
            "Разпределение на качествените оценки",
            "оценки",
            names,
            [
                (MARKS[mark], [each[at] for each in spread])
                for at, mark in enumerate(Mark)
                if any(each[at] for each in spread)
            ],
        ),
        notes=("Качествените оценки нямат числа и не влизат в среден успех.",),
    )


def _by_subject(
    session: Session, asked: Asked, which: ColumnElement[bool], figures: Sequence[Label[Any]]
) -> Sequence[Found]:
    """These figures of each subject's grades, with its id and name (None: the overall result).

    They are counted by student first: so a year's grades lie in their index.
    """
    keys = (Grade.student_id, Grade.subject_id)
    counted = counted_first(select(*keys, *figures).where(of_grades(asked), which).group_by(*keys))
    return session.execute(
        select(
            *(Subject.id, Subject.name),
            *(cast(func.sum(counted.c[figure.name]), Integer).label(figure.name) for figure in figures),
        )
        .join_from(counted, Subject, Subject.id == counted.c.subject_id, isouter=True)
        .group_by(Subject.id, Subject.name)
        .order_by(Subject.name)
    ).all()
