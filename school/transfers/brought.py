"""What a student brought along from other schools: read beside the school's own, and changed by nobody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import null, select, union_all
from sqlalchemy.orm import Session

from db.kinds import GradeKind, Mark
from db.models import BroughtAbsences, BroughtGrade


@dataclass(frozen=True, slots=True)
class Brought:
    """A grade given at another school; `subject` as it is called there."""

    from_school: str
    subject: str | None
    term: int
    kind: GradeKind
    value: Decimal | None
    mark: Mark | None
    on: date


@dataclass(frozen=True, slots=True)
class BroughtTerm:
    """The absences of a term at another school."""

    from_school: str
    term: int
    excused: int
    unexcused: int
    late: int


def brought(
    session: Session, school_id: int, student_id: int, year: int
) -> tuple[tuple[Brought, ...], tuple[BroughtTerm, ...]]:
    """What came along in the school year that begins in `year`, the oldest first: one statement.

    For whoever may see all of the student's year at this school, which is asked before.
    """
    grade, absent = BroughtGrade, BroughtAbsences
    rows: Sequence[Any] = session.execute(
        union_all(
            select(
                *(grade.id, grade.from_school, grade.subject, grade.term, grade.kind, grade.value, grade.mark),
                *(grade.on_date, null().label("excused"), null().label("unexcused"), null().label("late")),
            ).where(grade.school_id == school_id, grade.student_id == student_id, grade.year == year),
            select(
                *(absent.id, absent.from_school, null(), absent.term, null(), null(), null()),
                *(null(), absent.excused, absent.unexcused, absent.late),
            ).where(absent.school_id == school_id, absent.student_id == student_id, absent.year == year),
        )
    ).all()
    grades = sorted((row for row in rows if row.excused is None), key=lambda row: (row.on_date, row.id))
    terms = sorted((row for row in rows if row.excused is not None), key=lambda row: int(row.id))
    return (
        tuple(
            Brought(row.from_school, row.subject, row.term, row.kind, row.value, row.mark, row.on_date)
            for row in grades
        ),
        tuple(BroughtTerm(row.from_school, row.term, row.excused, row.unexcused, row.late) for row in terms),
    )
