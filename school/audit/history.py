"""The audit trail as people read it: who recorded, changed or deleted what at a school, newest first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.kinds import EventKind
from db.models import Audit, Staff, Student
from runtime.localtime import SOFIA

PAGE = 100


@dataclass(frozen=True, slots=True)
class HistoryRow:
    """One change. `by` is the staff member's name, None when a parent or the product did it."""

    id: int
    at: datetime
    by: str | None
    action: str
    entity: str
    entity_id: int
    student: str | None
    details: Mapping[str, Any]

    @property
    def reason(self) -> str:
        """What the person who changed it gave as the reason."""
        return str(self.details.get("reason") or "")

    @property
    def change(self) -> tuple[str | None, str | None]:
        """What stood there before and after, where a value changed."""
        before, after = self.details.get("before"), self.details.get("after")
        return (before if isinstance(before, str) else None, after if isinstance(after, str) else None)


def of_event(session: Session, school_id: int, kind: EventKind, event_id: int) -> tuple[HistoryRow, ...]:
    """Everything that happened to one event, the oldest first."""
    return _read(
        session,
        select(Audit.id).where(Audit.school_id == school_id, Audit.entity == kind, Audit.entity_id == event_id),
    )[::-1]


def of_student(session: Session, school_id: int, student_id: int, actions: Sequence[str]) -> tuple[HistoryRow, ...]:
    """The last changes of these kinds ("grade.deleted") that concern one student, whose name they leave out."""
    ids = (
        select(Audit.id)
        .where(
            Audit.school_id == school_id,
            Audit.action.in_(actions),
            Audit.details["student_id"].as_integer() == student_id,
        )
        .order_by(Audit.id.desc())
        .limit(PAGE)
    )
    return _read(session, ids, with_students=False)


def of_school(
    session: Session,
    school_id: int,
    *,
    area: str = "",
    staff_id: int | None = None,
    since: date | None = None,
    until: date | None = None,
    before_id: int | None = None,
) -> tuple[HistoryRow, ...]:
    """A page of PAGE rows; `area` is the beginning of an action ("grade"), `before_id` the last row of the page before.

    `since` and `until` are days in Sofia, both included.
    """
    ids = select(Audit.id).where(Audit.school_id == school_id)
    if area:
        ids = ids.where(Audit.action.like(f"{area}.%"))
    if staff_id is not None:
        ids = ids.where(Audit.staff_id == staff_id)
    if since is not None:
        ids = ids.where(Audit.at >= datetime.combine(since, time(), SOFIA))
    if until is not None:
        ids = ids.where(Audit.at < datetime.combine(until + timedelta(days=1), time(), SOFIA))
    if before_id is not None:
        ids = ids.where(Audit.id < before_id)
    return _read(session, ids.order_by(Audit.id.desc()).limit(PAGE))


def _read(session: Session, ids: Any, *, with_students: bool = True) -> tuple[HistoryRow, ...]:
    rows = session.execute(
        select(
            Audit.id,
            Audit.at,
            Staff.first_name,
            Staff.last_name,
            Audit.action,
            Audit.entity,
            Audit.entity_id,
            Audit.details,
            Audit.school_id,
        )
        .outerjoin(Staff, Staff.id == Audit.staff_id)
        .where(Audit.id.in_(ids))
        .order_by(Audit.id.desc())
    ).all()
    about = {row.id: _student_of(row.entity, row.entity_id, row.details) for row in rows}
    names: dict[int, str] = {}
    if with_students and (wanted := {student for student in about.values() if student}):
        found = session.execute(
            select(Student.id, Student.first_name, Student.last_name).where(
                Student.school_id == rows[0].school_id, Student.id.in_(wanted)
            )
        )
        names = {id_: f"{first} {last}" for id_, first, last in found}
    return tuple(
        HistoryRow(
            row.id,
            row.at,
            f"{row.first_name} {row.last_name}" if row.first_name else None,
            row.action,
            row.entity,
            row.entity_id,
            names.get(about[row.id] or 0),
            row.details,
        )
        for row in rows
    )


def _student_of(entity: str, entity_id: int, details: Mapping[str, Any]) -> int | None:
    student = details.get("student_id")
    return student if isinstance(student, int) else entity_id if entity == "student" else None
