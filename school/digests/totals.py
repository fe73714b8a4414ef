"""The absences of a school year, as letters tell them."""

from collections.abc import Collection
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from db.kinds import AbsenceKind
from db.models import Absence, SchoolYear
from school.classbook.absence_weights import in_hours


def absences(
    session: Session, school_ids: Collection[int], students: Collection[int], of_year: ColumnElement[bool]
) -> dict[int, tuple[Decimal, int]]:
    """(unexcused, lateness as halves; excused) of each student with any; `of_year`: a condition on SchoolYear."""
    rows = session.execute(
        select(Absence.student_id, Absence.kind, func.count())
        .join(SchoolYear, SchoolYear.id == Absence.school_year_id)
        .where(Absence.school_id.in_(school_ids), Absence.student_id.in_(students), of_year)
        .group_by(Absence.student_id, Absence.kind)
    )
    found: dict[int, tuple[Decimal, int]] = {}
    for student_id, kind, number in rows:
        unexcused, excused = found.get(student_id, (Decimal(0), 0))
        if kind is AbsenceKind.EXCUSED:
            excused += number
        else:
            unexcused += in_hours(number * kind.half_hours)
        found[student_id] = (unexcused, excused)
    return found
