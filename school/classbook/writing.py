"""The one way in which the class book changes, for one row or thirty, through whichever entrance they came.

In the caller's transaction: the rows, the audit row of each, what was heard of them, and what parents are to be told.
Who heard the old wording is to hear the new one: heard marks go away, the row counts as recorded now, and who was told
of it is told again. The number of statements does not grow with the number of rows recorded.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db.events import EventRef
from db.kinds import AbsenceKind, EventKind, GradeKind
from db.models import EVENT_TABLES, Absence, Grade, HeardEvent, Student
from errors import InputError
from school import audit, outbox
from school.classbook.excused_days import ExcusedFor, excused_days
from school.staff.authority import Author

_Row = TypeVar("_Row", "New", "Change")
_UNIQUE_VIOLATION = "23505"
"""PostgreSQL's SQLSTATE."""
_TAKEN = {
    EventKind.GRADE: "This student has such a term or annual grade already: correct that one.",
    EventKind.ABSENCE: "An absence of this student from this lesson is recorded already: change that one.",
}


@dataclass(frozen=True, slots=True)
class New:
    """A row that the rules allow: the columns of its table, and what its audit row says more."""

    kind: EventKind
    values: Mapping[str, Any]
    details: Mapping[str, Any]

    @property
    def student_id(self) -> int | None:
        """None: a meeting or an event."""
        return self.values.get("student_id")


@dataclass(frozen=True, slots=True)
class Change:
    """Another wording of a row; `is_news` False: parents know all of it that they are told."""

    ref: EventRef
    student_id: int | None
    values: Mapping[str, Any]
    details: Mapping[str, Any]
    is_news: bool = True

    @property
    def is_missed(self) -> bool:
        """A student who came late did not come at all."""
        before, after = self.details.get("before"), self.values.get("kind")
        return before is AbsenceKind.LATE and after is AbsenceKind.UNEXCUSED


@dataclass(frozen=True, slots=True)
class Removal:
    """A row that is to go."""

    ref: EventRef
    student_id: int | None
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Family:
    """Who changes an absence by excusing it: a subscriber, nobody of the staff."""

    school_id: int
    subscriber_id: int


class TakenError(InputError):
    """Another row stands where one of these was to be: of a student's term grades and of a lesson's absences is one."""

    def __init__(self, kind: EventKind, student_ids: Collection[int]) -> None:
        super().__init__(_TAKEN[kind])
        self.kind, self.student_ids = kind, frozenset(student_ids)


def write(
    session: Session,
    by: Author | Family,
    now: datetime,
    *,
    new: Sequence[New] = (),
    changes: Sequence[Change] = (),
    removals: Sequence[Removal] = (),
    is_told: bool = True,
) -> tuple[EventRef, ...]:
    """Write rows that were checked; gives the refs of the new ones, in their order.

    `is_told` False: new rows are no news to anybody, as those of an earlier diary. `changes` and `removals` are of rows
    that the caller has locked. An unexcused absence of a day that is excused already is written as an excused one.
    Raises TakenError, and then nothing is written.
    """
    new, changes = _excused(session, by.school_id, new, changes)
    refs = _insert(session, now, new)
    removed = [one.ref for one in removals]
    news = [one for one in changes if one.is_news]
    outbox.deleted(session, removed, now)  # while they still stand
    _hear_again(session, by.school_id, [*removed, *(one.ref for one in news)])
    _delete(session, removed)
    _update(session, changes, now)
    audit.write_many(
        session,
        [
            audit.row(
                f"{ref.kind}.{what}",
                ref.kind,
                ref.id,
                now,
                school_id=by.school_id,
                **_author(by),
                student_id=one.student_id,
                **one.details,
            )
            for what, pairs in (
                ("recorded", zip(refs, new, strict=True)),
                ("corrected", ((one.ref, one) for one in changes)),
                ("deleted", ((one.ref, one) for one in removals)),
            )
            for ref, one in pairs
        ],
    )
    if is_told:
        outbox.recorded(session, refs, now)
    outbox.corrected(session, [one.ref for one in news], now)
    return refs


def _author(by: Author | Family) -> dict[str, int]:
    return {"subscriber_id": by.subscriber_id} if isinstance(by, Family) else {"by": by.staff_id}


def _excused(
    session: Session, school_id: int, new: Sequence[New], changes: Sequence[Change]
) -> tuple[Sequence[New], Sequence[Change]]:
    """New unexcused absences, and lateness that becomes one, are excused on days on which the student is."""
    asked = {
        (one.values["student_id"], one.values["on_date"])
        for one in new
        if one.kind is EventKind.ABSENCE and one.values["kind"] is AbsenceKind.UNEXCUSED
    }
    missed = [one for one in changes if one.is_missed]
    days = _days_of(session, missed)
    asked |= set(days.values())
    wait_for_notes(session, {student for student, _on in asked})
    found = excused_days(session, school_id, asked)
    if not found:
        return new, changes

    def as_excused(one: _Row, why: ExcusedFor | None, name: str) -> _Row:
        if why is None:
            return one
        kind = AbsenceKind.EXCUSED
        values = {**one.values, "kind": kind, "reason": why.reason}
        return replace(one, values=values, details={**one.details, name: kind, "excuse_note": why.note_id})

    def why_new(one: New) -> ExcusedFor | None:
        is_one = one.kind is EventKind.ABSENCE and one.values["kind"] is AbsenceKind.UNEXCUSED
        return found.get((one.values["student_id"], one.values["on_date"])) if is_one else None

    return (
        [as_excused(one, why_new(one), "kind") for one in new],
        [as_excused(one, found.get(days[one.ref.id]) if one.is_missed else None, "after") for one in changes],
    )


def wait_for_notes(session: Session, student_ids: Collection[int]) -> None:
    """A note that is being recorded is read once it is there, and the next one finds these absences.

    A statement of its own, before the notes are read: what it waited for is seen only by those behind it. Shared, so
    that teachers of one class do not wait for each other (`excuses.lock` is what it stands against).
    """
    if student_ids:
        session.execute(
            select(Student.id).where(Student.id.in_(student_ids)).order_by(Student.id).with_for_update(read=True)
        )


def _days_of(session: Session, changes: Sequence[Change]) -> dict[int, tuple[int, date]]:
    """Student and day of absences, by id."""
    if not changes:
        return {}
    rows = session.execute(
        select(Absence.id, Absence.student_id, Absence.on_date).where(Absence.id.in_([one.ref.id for one in changes]))
    )
    return {row.id: (row.student_id, row.on_date) for row in rows}


def _insert(session: Session, now: datetime, new: Sequence[New]) -> tuple[EventRef, ...]:
    if not any(_place(one.kind, one.values) for one in new):
        return _inserted(session, now, new)
    try:
        with session.begin_nested():
            return _inserted(session, now, new)
    except IntegrityError as error:
        if getattr(error.orig, "sqlstate", None) == _UNIQUE_VIOLATION or "UNIQUE" in str(error.orig):
            raise _taken(session, new) from error
        raise


def _inserted(session: Session, now: datetime, new: Sequence[New]) -> tuple[EventRef, ...]:
    """One statement for each table; an id for every row, in the order given."""
    by_kind: dict[EventKind, list[int]] = defaultdict(list)
    for number, one in enumerate(new):
        by_kind[one.kind].append(number)
    ids: dict[int, int] = {}
    for kind, numbers in by_kind.items():
        table = EVENT_TABLES[kind]
        statement = insert(table).returning(table.id, sort_by_parameter_order=True)
        rows = [{**new[number].values, "recorded_at": now} for number in numbers]
        ids |= zip(numbers, session.scalars(statement, rows), strict=True)
    return tuple(EventRef(one.kind, ids[number]) for number, one in enumerate(new))


def _place(kind: EventKind, row: Mapping[str, Any]) -> tuple[Any, ...] | None:
    """The place that only one row may have, as the unique constraints say it; None: any number may stand there."""
    if kind is EventKind.ABSENCE:
        return row["student_id"], row["on_date"], row["lesson"]
    if kind is EventKind.GRADE and row["kind"].closes:
        term = row["term"] if row["kind"] is GradeKind.TERM else None
        return row["student_id"], row["subject_id"], row["school_year_id"], row["kind"], term
    return None


def _taken(session: Session, new: Sequence[New]) -> TakenError:
    """Whose places are taken: by rows that stood there before, or that another transaction has just put there."""
    for kind in (EventKind.GRADE, EventKind.ABSENCE):
        wanted = {place: one for one in new if one.kind is kind and (place := _place(kind, one.values))}
        standing = {_place(kind, row._asdict()) for row in _standing(session, kind, list(wanted.values()))}
        if taken := [one.values["student_id"] for place, one in wanted.items() if place in standing]:
            return TakenError(kind, taken)
    twice = next(one for one in new if _place(one.kind, one.values))
    return TakenError(twice.kind, ())


def _standing(session: Session, kind: EventKind, wanted: Sequence[New]) -> Iterable[Row[Any]]:
    if not wanted:
        return ()
    table: Any
    columns: tuple[Any, ...]
    if kind is EventKind.GRADE:
        table, columns = Grade, (Grade.subject_id, Grade.school_year_id, Grade.kind, Grade.term)
        which = Grade.kind.in_([one for one in GradeKind if one.closes])
    else:
        table, columns = Absence, (Absence.on_date, Absence.lesson)
        which = Absence.on_date.in_({one.values["on_date"] for one in wanted})
    return session.execute(
        select(table.student_id, *columns).where(
            table.school_id == wanted[0].values["school_id"],
            table.student_id.in_({one.values["student_id"] for one in wanted}),
            which,
        )
    )


def _update(session: Session, changes: Sequence[Change], now: datetime) -> None:
    """One statement for all rows of a table that get the same values."""
    alike: dict[tuple[EventKind, bool, tuple[tuple[str, Any], ...]], list[int]] = defaultdict(list)
    for one in changes:
        alike[one.ref.kind, one.is_news, tuple(one.values.items())].append(one.ref.id)
    for (kind, is_news, values), ids in alike.items():
        moved = {"recorded_at": now} if is_news else {}
        table = EVENT_TABLES[kind]
        session.execute(update(table).where(table.id.in_(ids)).values(**dict(values), **moved))


def _delete(session: Session, refs: Iterable[EventRef]) -> None:
    for kind, ids in _by_kind(refs).items():
        session.execute(delete(EVENT_TABLES[kind]).where(EVENT_TABLES[kind].id.in_(ids)))


def _hear_again(session: Session, school_id: int, refs: Iterable[EventRef]) -> None:
    for kind, ids in _by_kind(refs).items():
        session.execute(
            delete(HeardEvent).where(
                HeardEvent.school_id == school_id, HeardEvent.kind == kind, HeardEvent.event_id.in_(ids)
            )
        )


def _by_kind(refs: Iterable[EventRef]) -> dict[EventKind, list[int]]:
    found: dict[EventKind, list[int]] = defaultdict(list)
    for ref in refs:
        found[ref.kind].append(ref.id)
    return found
