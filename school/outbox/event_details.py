"""Events of the class book as the lines need them: one query for all events of a kind."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from db.events import EventRef
from db.kinds import EventKind
from db.models import Absence, Grade, HealthNote, Remark, SchoolEvent, Student, Subject
from school.wording import lines


@dataclass(frozen=True, slots=True)
class EventDetails:
    """An event, and whom it is about: a student, or the students of a class, of a level or (all None) of the school."""

    ref: EventRef
    school_id: int
    happening: lines.Happening
    student_id: int | None = None
    child: str = ""
    """The student's given name."""
    class_id: int | None = None
    level: int | None = None


def load(session: Session, refs: Iterable[EventRef]) -> list[EventDetails]:
    """The events, as they stand; those that do not exist are left out."""
    by_kind: dict[EventKind, list[int]] = {}
    for ref in refs:
        by_kind.setdefault(ref.kind, []).append(ref.id)
    return [happened for kind, ids in by_kind.items() for happened in _LOADERS[kind](session, kind, ids)]


def _grades(session: Session, kind: EventKind, ids: Sequence[int]) -> list[EventDetails]:
    columns = (Subject.name, Grade.kind, Grade.value, Grade.mark, Grade.on_date)
    return [
        _of_student(kind, row, lines.Grade(row.name, row.kind, row.value, row.mark, row.on_date))
        for row in _rows(session, Grade, ids, *columns)
    ]


def _absences(session: Session, kind: EventKind, ids: Sequence[int]) -> list[EventDetails]:
    columns = (Subject.name, Absence.kind, Absence.reason, Absence.on_date, Absence.lesson)
    return [
        _of_student(kind, row, lines.Absence(row.name, row.kind, row.reason, row.on_date, row.lesson))
        for row in _rows(session, Absence, ids, *columns)
    ]


def _remarks(session: Session, kind: EventKind, ids: Sequence[int]) -> list[EventDetails]:
    columns = (Subject.name, Remark.kind, Remark.text, Remark.on_date)
    return [
        _of_student(kind, row, lines.Remark(row.kind, row.name, row.text, row.on_date))
        for row in _rows(session, Remark, ids, *columns)
    ]


def _health_notes(session: Session, kind: EventKind, ids: Sequence[int]) -> list[EventDetails]:
    rows = session.execute(
        select(
            HealthNote.id,
            HealthNote.school_id,
            HealthNote.student_id,
            Student.first_name,
            HealthNote.starts_on,
            HealthNote.ends_on,
        )
        .join(Student, Student.id == HealthNote.student_id)
        .where(HealthNote.id.in_(ids))
    )
    return [_of_student(kind, row, lines.Health(row.starts_on, row.ends_on)) for row in rows]


def _school_events(session: Session, kind: EventKind, ids: Sequence[int]) -> list[EventDetails]:
    return [
        EventDetails(
            ref=EventRef(kind, row.id),
            school_id=row.school_id,
            happening=lines.SchoolEventDetails(row.kind, row.title, row.place, row.starts_at),
            class_id=row.class_id,
            level=row.level,
        )
        for row in session.scalars(select(SchoolEvent).where(SchoolEvent.id.in_(ids)))
    ]


def _rows(session: Session, model: Any, ids: Sequence[int], *columns: Any) -> Iterable[Row[*tuple[Any, ...]]]:
    """Rows of an event table with its subject, if it has one, and its student's given name."""
    return session.execute(
        select(model.id, model.school_id, model.student_id, Student.first_name, *columns)
        .select_from(model)
        .join(Student, Student.id == model.student_id)
        .join(Subject, Subject.id == model.subject_id, isouter=True)
        .where(model.id.in_(ids))
    )


def _of_student(kind: EventKind, row: Row[*tuple[Any, ...]], happening: lines.Happening) -> EventDetails:
    return EventDetails(EventRef(kind, row.id), row.school_id, happening, row.student_id, row.first_name)


_LOADERS: dict[EventKind, Callable[[Session, EventKind, Sequence[int]], list[EventDetails]]] = {
    EventKind.GRADE: _grades,
    EventKind.ABSENCE: _absences,
    EventKind.REMARK: _remarks,
    EventKind.HEALTH: _health_notes,
    EventKind.MEETING: _school_events,
    EventKind.EVENT: _school_events,
}
