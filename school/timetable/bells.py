"""Bell schedules: when the lessons of a shift begin and end, and which classes follow which."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from sqlalchemy import delete, exists, insert, select, update
from sqlalchemy.orm import Session

from db.kinds import FIRST_LESSON, LAST_LESSON
from db.models import Bell, BellSchedule, SchoolClass, TimetableClass
from errors import InputError, MissingError
from school import audit
from school.staff.leaders import check_leads
from school.timetable import versions
from school.wording.one_line import on_one_line

LONGEST_NAME = 80
Hours = Mapping[int, tuple[time, time]]
"""Lesson -> when it begins and ends."""


@dataclass(frozen=True, slots=True)
class Bells:
    """A bell schedule."""

    id: int
    name: str
    hours: dict[int, tuple[time, time]]


def schedules(session: Session, school_id: int) -> tuple[Bells, ...]:
    """The school's bell schedules by name: one statement."""
    found: dict[int, Bells] = {}
    for row in session.execute(
        select(BellSchedule.id, BellSchedule.name, Bell.lesson, Bell.starts_at, Bell.ends_at)
        .outerjoin(Bell, Bell.bell_schedule_id == BellSchedule.id)
        .where(BellSchedule.school_id == school_id)
        .order_by(BellSchedule.name, BellSchedule.id, Bell.lesson)
    ):
        bells = found.setdefault(row.id, Bells(row.id, row.name, {}))
        if row.lesson is not None:
            bells.hours[row.lesson] = row.starts_at, row.ends_at
    return tuple(found.values())


def save(
    session: Session, school_id: int, schedule_id: int | None, name: str, hours: Hours, *, by: int, now: datetime
) -> int:
    """Make a bell schedule (None), or give one another name and other hours; gives its id. Raises InputError."""
    check_leads(session, school_id, by)
    _check_is_there(session, school_id, schedule_id)
    name = on_one_line(name)
    if not name or len(name) > LONGEST_NAME:
        raise InputError("Give the bell schedule a name of up to {most} characters.", most=LONGEST_NAME)
    _check_hours(hours)
    same = select(BellSchedule.id).where(BellSchedule.school_id == school_id, BellSchedule.name == name)
    if session.scalar(same.where(BellSchedule.id != (schedule_id or 0))) is not None:
        raise InputError("There is a bell schedule of this name already: choose another name.")
    if schedule_id is None:
        schedule_id = session.execute(
            insert(BellSchedule).values(school_id=school_id, name=name).returning(BellSchedule.id)
        ).scalar_one()
    else:
        session.execute(
            update(BellSchedule)
            .where(BellSchedule.school_id == school_id, BellSchedule.id == schedule_id)
            .values(name=name)
        )
        session.execute(delete(Bell).where(Bell.school_id == school_id, Bell.bell_schedule_id == schedule_id))
    rows = [
        {"school_id": school_id, "bell_schedule_id": schedule_id, "lesson": lesson, "starts_at": begin, "ends_at": end}
        for lesson, (begin, end) in sorted(hours.items())
    ]
    session.connection().execute(insert(Bell), rows)
    audit.write(
        session, "bells.changed", "bell_schedule", schedule_id, now,
        school_id=school_id, by=by, name=name, lessons=len(rows),
    )  # fmt: skip
    return schedule_id


def remove(session: Session, school_id: int, schedule_id: int, *, by: int, now: datetime) -> None:
    """Take back a bell schedule that no timetable uses. Raises InputError."""
    check_leads(session, school_id, by)
    of = (BellSchedule.school_id == school_id) & (BellSchedule.id == schedule_id)
    name = session.scalar(select(BellSchedule.name).where(of))
    if name is None:
        raise MissingError("There is no such bell schedule in this school.")
    if session.scalar(select(exists().where(TimetableClass.bell_schedule_id == schedule_id))):
        raise InputError("Classes follow this bell schedule, so it cannot be removed.")
    session.execute(delete(Bell).where(Bell.school_id == school_id, Bell.bell_schedule_id == schedule_id))
    session.execute(delete(BellSchedule).where(of))
    audit.write(session, "bells.removed", "bell_schedule", schedule_id, now, school_id=school_id, by=by, name=name)


def followed(session: Session, school_id: int, timetable_id: int) -> dict[int, int]:
    """Class -> bell schedule in a version."""
    rows = session.execute(
        select(TimetableClass.class_id, TimetableClass.bell_schedule_id).where(
            TimetableClass.school_id == school_id, TimetableClass.timetable_id == timetable_id
        )
    )
    return {row.class_id: row.bell_schedule_id for row in rows}


def follow(
    session: Session,
    school_id: int,
    timetable_id: int,
    wanted: Mapping[int, int | None],
    *,
    by: int,
    now: datetime,
) -> None:
    """Say which bells classes follow in a draft; None: unknown. Raises InputError."""
    version = versions.draft(session, school_id, timetable_id, by)
    of_year = select(SchoolClass.id).where(
        SchoolClass.school_id == school_id, SchoolClass.school_year_id == version.school_year_id
    )
    if set(wanted) - set(session.scalars(of_year)):
        raise MissingError("There is no such class in this school year.")
    chosen = {one for one in wanted.values() if one is not None}
    own = set(session.scalars(select(BellSchedule.id).where(BellSchedule.school_id == school_id)))
    if chosen - own:
        raise MissingError("There is no such bell schedule in this school.")
    session.execute(
        delete(TimetableClass).where(
            TimetableClass.school_id == school_id,
            TimetableClass.timetable_id == timetable_id,
            TimetableClass.class_id.in_(wanted),
        )
    )
    rows = [
        {"school_id": school_id, "timetable_id": timetable_id, "class_id": class_id, "bell_schedule_id": schedule}
        for class_id, schedule in wanted.items()
        if schedule is not None
    ]
    if rows:
        session.connection().execute(insert(TimetableClass), rows)
    audit.write(
        session, "timetable.bells_chosen", "timetable", timetable_id, now, school_id=school_id, by=by, classes=len(rows)
    )


def _check_is_there(session: Session, school_id: int, schedule_id: int | None) -> None:
    own = select(BellSchedule.id).where(BellSchedule.school_id == school_id, BellSchedule.id == schedule_id)
    if schedule_id is not None and session.scalar(own.with_for_update()) is None:
        raise MissingError("There is no such bell schedule in this school.")


def _check_hours(hours: Hours) -> None:
    if not hours:
        raise InputError("Write when at least one lesson begins and ends.")
    before: time | None = None
    for lesson, (begin, end) in sorted(hours.items()):
        if not FIRST_LESSON <= lesson <= LAST_LESSON:
            raise InputError(
                "{lesson} is no lesson: give {first} to {last}.", lesson=lesson, first=FIRST_LESSON, last=LAST_LESSON
            )
        if begin >= end or (before is not None and begin < before):
            raise InputError(
                "Lesson {lesson} ends before it begins, or begins before the one before it has ended: check its hours.",
                lesson=lesson,
            )
        before = end
