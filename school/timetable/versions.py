"""The versions of a timetable: a draft is entered, put in use from a date, and stays as it was when another follows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Integer, delete, exists, func, insert, literal, or_, select, update
from sqlalchemy.orm import Session

from db.base import Base
from db.models import School, Timetable, TimetableClass, TimetableLesson
from errors import InputError, MissingError
from school import audit
from school.staff.leaders import check_leads
from school.timetable.in_force import ORDER, covers
from school.wording.one_line import on_one_line
from school.years import calendar

LONGEST_TITLE = 80


@dataclass(frozen=True, slots=True)
class Plan:
    """What a person says of a version. `week_a_on` is a day of a week A, None: all weeks are alike."""

    title: str
    starts_on: date
    ends_on: date | None = None
    week_a_on: date | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """A version of the school's timetable."""

    id: int
    school_year_id: int
    title: str
    starts_on: date
    ends_on: date | None
    week_a_on: date | None
    published_at: datetime | None
    lessons: int

    @property
    def has_two_weeks(self) -> bool:
        """Weeks A and B alternate."""
        return self.week_a_on is not None

    @property
    def is_published(self) -> bool:
        """It is in use from its first day."""
        return self.published_at is not None


def versions(session: Session, school_id: int) -> tuple[Version, ...]:
    """All of them, the one that begins last first, in the order in which they go before each other."""
    return tuple(_read(session, Timetable.school_id == school_id))


def in_force(rows: Iterable[Version], on: date) -> int | None:
    """Which of `versions` a date follows, by the rule of `school.timetable.in_force`; None: none."""
    return next((one.id for one in rows if one.is_published and covers(one, on)), None)


def version(session: Session, school_id: int, timetable_id: int) -> Version:
    """One of them. Raises MissingError."""
    for found in _read(session, (Timetable.school_id == school_id) & (Timetable.id == timetable_id)):
        return found
    raise MissingError("There is no such timetable in this school.")


def create(session: Session, school_id: int, plan: Plan, *, copy_of: int | None = None, by: int, now: datetime) -> int:
    """A new draft, empty or with all that another version of the same year has; gives its id. Raises InputError."""
    check_leads(session, school_id, by)
    values = _checked(session, school_id, plan)
    if copy_of is not None and version(session, school_id, copy_of).school_year_id != values["school_year_id"]:
        raise InputError("A timetable is copied within its school year: its classes are of that year.")
    timetable_id = session.execute(
        insert(Timetable).values(school_id=school_id, created_at=now, **values).returning(Timetable.id)
    ).scalar_one()
    if copy_of is not None:
        copy_lessons(session, copy_of, timetable_id)
    audit.write(
        session, "timetable.created", "timetable", timetable_id, now,
        school_id=school_id, by=by, title=values["title"], starts_on=str(plan.starts_on), copy_of=copy_of,
    )  # fmt: skip
    return timetable_id


def change(session: Session, school_id: int, timetable_id: int, plan: Plan, *, by: int, now: datetime) -> None:
    """Give a draft other dates or another title. Raises InputError."""
    before = draft(session, school_id, timetable_id, by)
    values = _checked(session, school_id, plan)
    if before.school_year_id != values["school_year_id"]:
        raise InputError("A timetable stays within its school year: its classes are of that year.")
    if before.has_two_weeks and plan.week_a_on is None and _alternates(session, timetable_id):
        raise InputError("There are lessons of weeks A and B: remove them before the weeks become alike.")
    session.execute(update(Timetable).where(Timetable.id == timetable_id).values(**values))
    audit.write(
        session, "timetable.changed", "timetable", timetable_id, now,
        school_id=school_id, by=by, title=values["title"], starts_on=str(plan.starts_on),
    )  # fmt: skip


def remove(session: Session, school_id: int, timetable_id: int, *, by: int, now: datetime) -> None:
    """Throw a draft away. Raises InputError when it is in use."""
    before = draft(session, school_id, timetable_id, by)
    session.execute(delete(TimetableLesson).where(TimetableLesson.timetable_id == timetable_id))
    session.execute(delete(TimetableClass).where(TimetableClass.timetable_id == timetable_id))
    session.execute(delete(Timetable).where(Timetable.id == timetable_id))
    audit.write(
        session, "timetable.removed", "timetable", timetable_id, now, school_id=school_id, by=by, title=before.title
    )


def withdraw(session: Session, school_id: int, timetable_id: int, *, by: int, now: datetime) -> None:
    """Make a version that has not begun a draft again. Raises InputError when a day has followed it."""
    check_leads(session, school_id, by)
    found = version(session, school_id, timetable_id)
    if not found.is_published or found.starts_on <= calendar.today(now):
        raise InputError("Days have followed this timetable: make another one from a date.")
    session.execute(update(Timetable).where(Timetable.id == timetable_id).values(published_at=None))
    audit.write(session, "timetable.withdrawn", "timetable", timetable_id, now, school_id=school_id, by=by)


def draft(session: Session, school_id: int, timetable_id: int, by: int) -> Version:
    """A version that may be changed, held until the transaction ends. Raises InputError when it is in use."""
    check_leads(session, school_id, by)
    session.execute(
        select(Timetable.id).where(Timetable.school_id == school_id, Timetable.id == timetable_id).with_for_update()
    )
    found = version(session, school_id, timetable_id)
    if found.is_published:
        raise InputError("This timetable is in use and stays as it is: make another one from a date.")
    return found


def check_past_is_kept(session: Session, found: Version, school_id: int, today: date) -> None:
    """Raises InputError when days that are over would follow another timetable than they did."""
    if found.starts_on >= today:
        return
    session.execute(select(School.id).where(School.id == school_id).with_for_update())
    other = select(Timetable.id).where(
        Timetable.school_id == school_id,
        Timetable.published_at.is_not(None),
        Timetable.starts_on < today,
        or_(Timetable.ends_on.is_(None), Timetable.ends_on >= found.starts_on),
        *([Timetable.starts_on <= found.ends_on] if found.ends_on else []),
    )
    if session.scalar(other.limit(1)) is not None:
        raise InputError("Another timetable was in use then, and the past stays as it was: begin today or later.")


def _checked(session: Session, school_id: int, plan: Plan) -> dict[str, object]:
    title = on_one_line(plan.title)
    if not title or len(title) > LONGEST_TITLE:
        raise InputError("Give the timetable a title of up to {most} characters.", most=LONGEST_TITLE)
    if plan.ends_on is not None and plan.ends_on < plan.starts_on:
        raise InputError("The timetable ends before it begins: check the dates.")
    year_id, year_ends_on = calendar.year_of(session, school_id, plan.starts_on)
    if plan.ends_on is not None and plan.ends_on > year_ends_on:
        raise InputError("The timetable goes beyond its school year: check the dates.")
    return {
        "school_year_id": year_id,
        "title": title,
        "starts_on": plan.starts_on,
        "ends_on": plan.ends_on,
        "weeks": 1 if plan.week_a_on is None else 2,
        "week_a_on": plan.week_a_on,
    }


def copy_lessons(session: Session, source: int, target: int) -> None:
    """Give an empty version all that another one of its year has: the lessons, and which bells each class follows."""
    bells = ("school_id", "class_id", "bell_schedule_id")
    lessons = (
        *("school_id", "class_id", "subject_id", "staff_id", "weekday", "lesson"),
        *("week", "group_id", "room", "may_overlap"),
    )
    tables: tuple[tuple[type[Base], tuple[str, ...]], ...] = ((TimetableClass, bells), (TimetableLesson, lessons))
    for model, columns in tables:
        table = model.__table__
        rows = select(*(table.c[name] for name in columns), literal(target, Integer)).where(
            table.c.timetable_id == source
        )
        session.execute(insert(model).from_select([*columns, "timetable_id"], rows))


def _alternates(session: Session, timetable_id: int) -> bool:
    of_one_week = exists().where(TimetableLesson.timetable_id == timetable_id, TimetableLesson.week != 0)
    return bool(session.scalar(select(of_one_week)))


def _read(session: Session, condition: ColumnElement[bool]) -> Iterator[Version]:
    lessons = (
        select(func.count())
        .where(TimetableLesson.school_id == Timetable.school_id, TimetableLesson.timetable_id == Timetable.id)
        .correlate(Timetable)
        .scalar_subquery()
    )
    rows = session.execute(
        select(
            *(Timetable.id, Timetable.school_year_id, Timetable.title, Timetable.starts_on, Timetable.ends_on),
            *(Timetable.week_a_on, Timetable.published_at, lessons.label("lessons")),
        )
        .where(condition)
        .order_by(*ORDER)
    )
    for row in rows:
        yield Version(*row)
