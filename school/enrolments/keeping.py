"""Putting students into classes and taking them out: enrolments and the present class are written here together."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Integer, bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from db.base import Base
from db.kinds import EnrolmentReason
from db.lists import among
from db.models import Enrolment, SchoolClass, SchoolYear, Student

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Placement:
    """A student is in a class, with this number there, from a day on."""

    student_id: int
    class_id: int
    number: int | None
    starts_on: date
    reason: EnrolmentReason


@dataclass(frozen=True, slots=True)
class _Stay:
    id: int
    class_id: int
    starts_on: date
    ends_on: date | None

    def lasts_until(self, day: date) -> bool:
        return self.ends_on is None or self.ends_on >= day


def place(session: Session, school_id: int, placements: Sequence[Placement]) -> None:
    """Put students into classes; a handful of statements however many they are, and possibly none.

    From its first day on a placement replaces whatever stood there: an enrolment that is in force ends the day before,
    one that began on that day or later goes. Where the student is in that very class already, only the number changes.
    """
    if not placements:
        return
    stays = _stays(session, school_id, [one.student_id for one in placements])
    gone: list[int] = []
    changed: list[dict[str, Any]] = []
    new: list[dict[str, Any]] = []
    for one in placements:
        own = stays[one.student_id]
        same = next((s for s in own if (s.class_id, s.starts_on) == (one.class_id, one.starts_on)), None)
        gone += (stay.id for stay in own if stay.starts_on >= one.starts_on and stay is not same)
        if same is not None:
            changed.append({"row_id": same.id, "new_ends_on": None, "new_number": one.number})
            continue
        before = next((stay for stay in own if stay.starts_on < one.starts_on), None)  # the latest comes first
        if before is not None and before.lasts_until(one.starts_on - DAY) and before.class_id == one.class_id:
            changed.append({"row_id": before.id, "new_ends_on": None, "new_number": one.number})
            continue
        if before is not None and before.lasts_until(one.starts_on):
            changed.append({"row_id": before.id, "new_ends_on": one.starts_on - DAY, "new_number": None})
        new.append(
            {
                "school_id": school_id,
                "student_id": one.student_id,
                "class_id": one.class_id,
                "number_in_class": one.number,
                "starts_on": one.starts_on,
                "ends_on": None,
                "reason": one.reason,
            }
        )
    _write(session, school_id, gone, changed, new)
    _present(session, school_id, [(one.student_id, one.class_id, one.number, None) for one in placements])


def end(session: Session, school_id: int, student_ids: Collection[int], last_day: date) -> None:
    """Students, possibly none, leave the school: `last_day` is the last on which they were in a class."""
    if not student_ids:
        return
    gone: list[int] = []
    changed: list[dict[str, Any]] = []
    for own in _stays(session, school_id, student_ids).values():
        gone += (stay.id for stay in own if stay.starts_on > last_day)
        before = next((stay for stay in own if stay.starts_on <= last_day), None)
        if before is not None and before.lasts_until(last_day + DAY):
            changed.append({"row_id": before.id, "new_ends_on": last_day, "new_number": None})
    _write(session, school_id, gone, changed, [])
    _present(session, school_id, [(id_, None, None, last_day) for id_ in student_ids])


def first_day_in(session: Session, class_ids: Collection[int], today: date) -> Mapping[int, tuple[date, date]]:
    """Of each class the first day of its school year, and the first day on which somebody may join it: today, or the
    year's first day where that is still ahead.

    Who is new in the school, or comes from a class of another year, counts as there since the first; who changes
    classes within a year, or returns, since the second.
    """
    rows = session.execute(
        select(SchoolClass.id, SchoolYear.starts_on)
        .join(SchoolYear, SchoolYear.id == SchoolClass.school_year_id)
        .where(among(SchoolClass.__table__.c.id, "classes")),
        {"classes": sorted(class_ids)},
    )
    return {row.id: (row.starts_on, max(row.starts_on, today)) for row in rows}


def _stays(session: Session, school_id: int, student_ids: Collection[int]) -> Mapping[int, list[_Stay]]:
    """Each student's enrolments, the latest first."""
    rows = session.execute(
        select(Enrolment.student_id, Enrolment.id, Enrolment.class_id, Enrolment.starts_on, Enrolment.ends_on)
        .where(Enrolment.school_id == school_id, among(Enrolment.__table__.c.student_id, "students"))
        .order_by(Enrolment.starts_on.desc()),
        {"students": sorted(student_ids)},
    )
    found: dict[int, list[_Stay]] = defaultdict(list)
    for row in rows:
        found[row.student_id].append(_Stay(row.id, row.class_id, row.starts_on, row.ends_on))
    return found


def _write(
    session: Session, school_id: int, gone: list[int], changed: list[dict[str, Any]], new: list[dict[str, Any]]
) -> None:
    """In this order no two enrolments share a day at any moment."""
    connection = session.connection()
    if gone:
        connection.execute(
            delete(Enrolment).where(Enrolment.school_id == school_id, among(Enrolment.__table__.c.id, "rows")),
            {"rows": gone},
        )
    for ending in (True, False):
        rows = [row for row in changed if (row["new_ends_on"] is not None) is ending]
        if ending:  # a past number in a class stays as it was
            rows = [{name: value for name, value in row.items() if name != "new_number"} for row in rows]
        if rows:
            values: dict[str, Any] = {"ends_on": bindparam("new_ends_on")}
            values |= {} if ending else {"number_in_class": bindparam("new_number", type_=Integer)}
            connection.execute(_by_id(Enrolment, school_id).values(values), rows)
    if new:
        connection.execute(insert(Enrolment), new)


def _present(session: Session, school_id: int, rows: Sequence[tuple[int, int | None, int | None, date | None]]) -> None:
    session.connection().execute(
        _by_id(Student, school_id).values(
            class_id=bindparam("new_class"), number_in_class=bindparam("new_number"), left_on=bindparam("new_left")
        ),
        [
            {"row_id": id_, "new_class": class_id, "new_number": number, "new_left": left}
            for id_, class_id, number, left in rows
        ],
    )


def _by_id(table: type[Base], school_id: int) -> Any:
    columns = table.__table__.c
    return update(table).where(columns.school_id == school_id, columns.id == bindparam("row_id"))
