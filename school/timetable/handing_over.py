"""What happens to the timetable when a teacher leaves: others give their lessons from a day on.

Days that are over keep the lessons that they had: a version that days have followed stays as it was, and a copy of it
is in use from the first day on which it would have been followed again.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.orm import Session

from db.models import School, SchoolYear, Timetable, TimetableLesson
from school import audit
from school.timetable import substitutions
from school.timetable.in_force import ORDER, covers
from school.timetable.versions import copy_lessons

Taught = tuple[int, int]
"""Class and subject."""


def hand_over(
    session: Session,
    school_id: int,
    staff_id: int,
    to: Mapping[Taught, int | None],
    on: date,
    *,
    by: int,
    now: datetime,
) -> None:
    """From a day on others give a teacher's lessons; of what `to` has nobody for, or does not name, they go from it.

    Whoever has a lesson of the class at that time already keeps theirs. Substitutions after that day in which the
    teacher is absent or the substitute are taken back: they are to be said anew.
    """
    session.execute(select(School.id).where(School.id == school_id).with_for_update(key_share=True))
    substitutions.remove_of(session, school_id, staff_id, on, by=by, now=now)
    _continue_begun(session, school_id, staff_id, on, by, now)
    own = session.execute(
        select(
            *(TimetableLesson.id, TimetableLesson.timetable_id, TimetableLesson.class_id, TimetableLesson.subject_id),
            *(TimetableLesson.weekday, TimetableLesson.lesson, TimetableLesson.week),
        )
        .join(Timetable, Timetable.id == TimetableLesson.timetable_id)
        .where(
            TimetableLesson.school_id == school_id,
            TimetableLesson.staff_id == staff_id,
            or_(Timetable.published_at.is_(None), Timetable.starts_on >= on),
        )
    ).all()
    places = {
        (row.staff_id, row.timetable_id, row.class_id, row.weekday, row.lesson, row.week)
        for row in session.execute(
            select(
                *(TimetableLesson.staff_id, TimetableLesson.timetable_id, TimetableLesson.class_id),
                *(TimetableLesson.weekday, TimetableLesson.lesson, TimetableLesson.week),
            ).where(
                TimetableLesson.school_id == school_id,
                TimetableLesson.timetable_id.in_({row.timetable_id for row in own}),
                TimetableLesson.staff_id.in_({one for one in to.values() if one is not None}),
            )
        )
    }
    gone: list[int] = []
    taken: dict[int, list[int]] = defaultdict(list)
    for row in own:
        heir = to.get((row.class_id, row.subject_id))
        place = (heir, row.timetable_id, row.class_id, row.weekday, row.lesson, row.week)
        if heir is None or place in places:
            gone.append(row.id)
        else:
            taken[heir].append(row.id)
    for heir, lessons in taken.items():
        session.execute(update(TimetableLesson).where(TimetableLesson.id.in_(lessons)).values(staff_id=heir))
    session.execute(delete(TimetableLesson).where(TimetableLesson.id.in_(gone)))


def lessons_from(session: Session, school_id: int, staff_id: int, on: date) -> set[Taught]:
    """What of which class a teacher has lessons of, in drafts and in versions that a day from `on` follows."""
    ranked = _ranked(session, school_id, on)
    followed = [one.id for at, one in enumerate(ranked) if _in_force_again(one, ranked[:at], on) is not None]
    rows = session.execute(
        select(TimetableLesson.class_id, TimetableLesson.subject_id)
        .join(Timetable, Timetable.id == TimetableLesson.timetable_id)
        .join(SchoolYear, SchoolYear.id == Timetable.school_year_id)
        .where(
            TimetableLesson.school_id == school_id,
            TimetableLesson.staff_id == staff_id,
            SchoolYear.ends_on >= on,
            or_(Timetable.published_at.is_(None), Timetable.id.in_(followed)),
        )
        .distinct()
    )
    return {(row.class_id, row.subject_id) for row in rows}


def _ranked(session: Session, school_id: int, on: date) -> Sequence[Timetable]:
    """The versions in use that are not over, before each those that go before it."""
    return session.scalars(
        select(Timetable)
        .join(SchoolYear, SchoolYear.id == Timetable.school_year_id)
        .where(
            Timetable.school_id == school_id,
            Timetable.published_at.is_not(None),
            or_(Timetable.ends_on.is_(None), Timetable.ends_on >= on),
            SchoolYear.ends_on >= on,
        )
        .order_by(*ORDER)
    ).all()


def _continue_begun(session: Session, school_id: int, staff_id: int, on: date, by: int, now: datetime) -> None:
    """Copy each version that days before have followed and that has such lessons, from when it is in force again."""
    ranked = _ranked(session, school_id, on)
    affected = set(
        session.scalars(
            select(TimetableLesson.timetable_id)
            .where(TimetableLesson.school_id == school_id, TimetableLesson.staff_id == staff_id)
            .distinct()
        )
    )
    for at, one in enumerate(ranked):
        if one.starts_on >= on or one.id not in affected:
            continue
        first = _in_force_again(one, ranked[:at], on)
        if first is not None:
            _continue(session, one, first, by, now)


def _in_force_again(one: Timetable, before: Sequence[Timetable], on: date) -> date | None:
    """The first day from `on` that follows a version, where `before` are those that go before it; None: never."""
    day = on
    while True:
        other = next((it for it in before if covers(it, day)), None)
        if other is None:
            return day if one.ends_on is None or one.ends_on >= day else None
        if other.ends_on is None:
            return None
        day = other.ends_on + timedelta(days=1)


def _continue(session: Session, one: Timetable, starts_on: date, by: int, now: datetime) -> None:
    values = {
        "school_id": one.school_id,
        "school_year_id": one.school_year_id,
        "title": one.title,
        "starts_on": starts_on,
        "ends_on": one.ends_on,
        "weeks": one.weeks,
        "week_a_on": one.week_a_on,
        "published_at": now,
        "created_at": now,
    }
    copy = session.scalars(insert(Timetable).values(values).returning(Timetable.id)).one()
    copy_lessons(session, one.id, copy)
    audit.write(
        session, "timetable.continued", "timetable", copy, now,
        school_id=one.school_id, by=by, starts_on=str(starts_on), copy_of=one.id,
    )  # fmt: skip
