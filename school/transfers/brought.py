"""What a student brought along from other schools: read beside the school's own, and changed by nobody."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import GradeKind, Mark
from db.models import BroughtAbsences, BroughtGrade
from school.staff import authority
from school.staff.authority import Author


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
    session: Session, by: int | Author, student_id: int, year: int
) -> tuple[tuple[Brought, ...], tuple[BroughtTerm, ...]]:
    """What came along in the school year that begins in `year`, the oldest first.

    For the school's leaders and who leads or teaches the student's present class. Raises InputError for others.
    """
    known = authority.known_student(session, by, student_id)
    authority.check_knows_class(session, known.by, known.of)
    grades = session.execute(
        select(
            *(BroughtGrade.from_school, BroughtGrade.subject, BroughtGrade.term, BroughtGrade.kind),
            *(BroughtGrade.value, BroughtGrade.mark, BroughtGrade.on_date),
        )
        .where(
            BroughtGrade.school_id == known.by.school_id,
            BroughtGrade.student_id == student_id,
            BroughtGrade.year == year,
        )
        .order_by(BroughtGrade.on_date, BroughtGrade.id)
    )
    absences = session.execute(
        select(
            *(BroughtAbsences.from_school, BroughtAbsences.term),
            *(BroughtAbsences.excused, BroughtAbsences.unexcused, BroughtAbsences.late),
        )
        .where(
            BroughtAbsences.school_id == known.by.school_id,
            BroughtAbsences.student_id == student_id,
            BroughtAbsences.year == year,
        )
        .order_by(BroughtAbsences.id)
    )
    return tuple(Brought(*row) for row in grades), tuple(BroughtTerm(*row) for row in absences)
