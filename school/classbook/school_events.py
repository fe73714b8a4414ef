"""Meetings and events as the school's people see them: those they may know of, who announced them, who was told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from db.events import EventRef
from db.kinds import EventKind, SchoolEventKind
from db.models import SchoolClass, SchoolEvent, Staff, TeachingAssignment
from errors import MissingError
from school.classbook.delivery_counts import DeliveryCounts, of_events
from school.staff import authority

REMEMBERED = timedelta(days=120)
"""How long a past one is listed."""
MOST = 200


@dataclass(frozen=True, slots=True)
class SchoolEventRow:
    """A meeting or an event; of a class, of a level, or (both None) of the whole school."""

    event_id: int
    kind: SchoolEventKind
    title: str
    place: str
    starts_at: datetime
    text: str
    class_id: int | None
    class_name: str | None
    level: int | None
    announced_by: str
    recorded_at: datetime
    may_change: bool
    told: DeliveryCounts

    @property
    def ref(self) -> EventRef:
        """What it is to the outbox and the audit trail."""
        return EventRef(EventKind(self.kind), self.event_id)


def listed(
    session: Session, by: int | authority.Author, now: datetime, *, past: bool = False
) -> tuple[SchoolEventRow, ...]:
    """Those ahead, the next first; `past`: those of the last months, the latest first."""
    when = SchoolEvent.starts_at.between(now - REMEMBERED, now) if past else SchoolEvent.starts_at > now
    return _read(session, by, now, when, latest_first=past)


def one(session: Session, by: int, event_id: int, now: datetime) -> SchoolEventRow:
    """One of the reader's school. Raises MissingError when there is none that they may know of."""
    found = _read(session, by, now, SchoolEvent.id == event_id)
    if not found:
        raise MissingError("There is no such meeting or event in this school.")
    return found[0]


def classes_to_invite(session: Session, school_id: int, by: int, year_id: int) -> tuple[tuple[int, str], ...]:
    """Id and name of the classes whose parents this person may invite."""
    reader = authority.author(session, by)
    rows = session.execute(
        select(SchoolClass.id, SchoolClass.level, SchoolClass.letter)
        .where(SchoolClass.school_id == school_id, SchoolClass.school_year_id == year_id, _knows(reader))
        .order_by(SchoolClass.level, SchoolClass.letter)
    )
    return tuple((id_, f"{level}{letter}") for id_, level, letter in rows)


def _knows(reader: authority.Author) -> ColumnElement[bool]:
    """The class is one that the reader teaches or is class teacher of; a leader knows all."""
    if reader.leads:
        return SchoolClass.id.is_not(None)
    return or_(
        SchoolClass.class_teacher_id == reader.staff_id,
        SchoolClass.id.in_(
            select(TeachingAssignment.class_id).where(
                TeachingAssignment.school_id == reader.school_id, TeachingAssignment.staff_id == reader.staff_id
            )
        ),
    )


def _read(
    session: Session,
    by: int | authority.Author,
    now: datetime,
    which: ColumnElement[bool],
    *,
    latest_first: bool = False,
) -> tuple[SchoolEventRow, ...]:
    reader = authority.author(session, by)
    order = SchoolEvent.starts_at.desc() if latest_first else SchoolEvent.starts_at
    rows = session.execute(
        select(
            SchoolEvent,
            SchoolClass.level,
            SchoolClass.letter,
            SchoolClass.class_teacher_id,
            Staff.first_name,
            Staff.last_name,
        )
        .join(Staff, Staff.id == SchoolEvent.staff_id)
        .outerjoin(SchoolClass, SchoolClass.id == SchoolEvent.class_id)
        .where(SchoolEvent.school_id == reader.school_id, which, or_(SchoolEvent.class_id.is_(None), _knows(reader)))
        .order_by(order, SchoolEvent.id)
        .limit(MOST)
    ).all()
    marks = _told(session, reader.school_id, [row.SchoolEvent for row in rows])
    return tuple(
        SchoolEventRow(
            event.id,
            event.kind,
            event.title,
            event.place,
            event.starts_at,
            event.text,
            event.class_id,
            None if row.letter is None else f"{row.level}{row.letter}",
            event.level,
            f"{row.first_name} {row.last_name}",
            event.recorded_at,
            event.starts_at > now and (reader.leads or reader.staff_id in (event.staff_id, row.class_teacher_id)),
            marks.get((EventKind(event.kind), event.id), DeliveryCounts()),
        )
        for row in rows
        for event in (row.SchoolEvent,)
    )


def _told(
    session: Session, school_id: int, events: Sequence[SchoolEvent]
) -> dict[tuple[EventKind, int], DeliveryCounts]:
    if not events:
        return {}
    return of_events(session, school_id, [EventRef(EventKind(one.kind), one.id) for one in events])
