"""A class's week as a grid: read, written whole, and copied from another day or another class."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from db.kinds import FIRST_LESSON, LAST_LESSON
from db.models import ClassGroup, Staff, Subject, TimetableLesson
from errors import InputError, MissingError
from school import audit
from school.timetable import versions
from school.timetable.cell_text import Written, read_cell, write_lesson
from school.timetable.known import Known, Meant, classes_of, known
from school.timetable.versions import Version
from school.timetable.weeks import EVERY_WEEK, WEEKDAYS

NO_CLASS = "There is no such class in this school year."
Place = tuple[int, int]
"""Weekday and number of the lesson."""


class GridError(InputError):
    """Cells of a grid cannot be understood, each for its own reason; nothing was saved."""

    def __init__(self, refused: Mapping[Place, InputError]) -> None:
        first = next(iter(refused.values()))
        super().__init__(first.sentence, **first.values)
        self.refused = dict(refused)


@dataclass(frozen=True, slots=True)
class Grid:
    """A class's week in one version; each lesson as it is written in its cell."""

    version: Version
    class_id: int
    class_name: str
    cells: Mapping[Place, tuple[str, ...]]
    known: Known

    @property
    def offers(self) -> tuple[str, ...]:
        """What can be written in a cell: what is taught to the class, then the rest of the subjects."""
        taught = self.known.taught.get(self.class_id, ())
        pairs = [
            write_lesson(Written(self.known.subjects[subject], self.known.teacher(staff)))
            for subject, staff in taught
            if staff in self.known.people
        ]
        there = {subject for subject, _staff in taught}
        return (*pairs, *(name for id_, name in self.known.subjects.items() if id_ not in there))


def read_grid(session: Session, school_id: int, timetable_id: int, class_id: int) -> Grid:
    """The grid of a class. Raises MissingError for a class that the version's year has not."""
    version = versions.version(session, school_id, timetable_id)
    facts = known(session, school_id, version.school_year_id)
    _check_class(facts, class_id)
    cells: dict[Place, list[str]] = defaultdict(list)
    for row in _lessons(session, school_id, timetable_id, class_id):
        teacher = facts.teacher(row.staff_id) if row.staff_id in facts.people else f"{row.first_name} {row.last_name}"
        written = Written(row.subject, teacher, row.room, row.group_name or "", row.week)
        cells[row.weekday, row.lesson].append(write_lesson(written))
    return Grid(
        version,
        class_id,
        facts.class_name(class_id),
        {place: tuple(texts) for place, texts in cells.items()},
        facts,
    )


def write_grid(
    session: Session,
    school_id: int,
    timetable_id: int,
    class_id: int,
    cells: Mapping[Place, str],
    *,
    by: int,
    now: datetime,
) -> int:
    """Make a class's week in a draft what the cells say; gives how many lessons it has.

    Groups that are not there yet are made, without students. Raises GridError, or InputError when it is in use.
    """
    version = versions.draft(session, school_id, timetable_id, by)
    facts = known(session, school_id, version.school_year_id)
    _check_class(facts, class_id)
    found: dict[Place, list[Meant]] = {}
    refused: dict[Place, InputError] = {}
    for place, text in sorted(cells.items()):
        try:
            found[place] = _meant(facts, version, class_id, place, text)
        except InputError as error:
            refused[place] = error
    if refused:
        raise GridError(refused)
    groups = make_groups(
        session, school_id, facts, ((class_id, one.written.group) for many in found.values() for one in many)
    )
    rows = [
        {
            "weekday": place[0],
            "lesson": place[1],
            "subject_id": one.subject_id,
            "staff_id": one.staff_id,
            "week": one.written.week,
            "room": one.written.room,
            "group_id": groups[class_id, one.written.group.casefold()] if one.written.group else None,
        }
        for place, many in found.items()
        for one in many
    ]
    replace_class(session, version, school_id, class_id, rows, by=by, now=now)
    return len(rows)


def copy_day(
    session: Session,
    school_id: int,
    timetable_id: int,
    class_id: int,
    source: int,
    target: int,
    *,
    by: int,
    now: datetime,
) -> None:
    """Give a class on one weekday the lessons of another. Raises InputError."""
    version = versions.draft(session, school_id, timetable_id, by)
    if class_id not in classes_of(session, school_id, version.school_year_id):
        raise MissingError(NO_CLASS)
    if source == target or {source, target} - set(WEEKDAYS):
        raise InputError("Choose two different days.")
    there = [_values(row) for row in _lessons(session, school_id, timetable_id, class_id)]
    kept = [row for row in there if row["weekday"] != target]
    copied = [row | {"weekday": target, "may_overlap": False} for row in there if row["weekday"] == source]
    replace_class(session, version, school_id, class_id, kept + copied, by=by, now=now)


def copy_class(
    session: Session, school_id: int, timetable_id: int, class_id: int, source: int, *, by: int, now: datetime
) -> None:
    """Give a class the week of another, each subject by its own teacher where it has one. Raises InputError."""
    version = versions.draft(session, school_id, timetable_id, by)
    facts = known(session, school_id, version.school_year_id)
    _check_class(facts, class_id)
    _check_class(facts, source)
    if source == class_id:
        raise InputError("Choose another class to copy from.")
    own: dict[int, list[int]] = defaultdict(list)
    for subject_id, staff_id in facts.taught.get(class_id, ()):
        own[subject_id].append(staff_id)
    there = _lessons(session, school_id, timetable_id, source)
    groups = make_groups(session, school_id, facts, ((class_id, row.group_name or "") for row in there))
    rows: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in there:
        values = _values(row) | {"may_overlap": False}
        if len(own[row.subject_id]) == 1 and not row.group_id:
            values["staff_id"] = own[row.subject_id][0]
        values["group_id"] = groups[class_id, row.group_name.casefold()] if row.group_name else None
        rows[values["weekday"], values["lesson"], values["week"], values["staff_id"]] = values
    replace_class(session, version, school_id, class_id, list(rows.values()), by=by, now=now)


def replace_class(
    session: Session,
    version: Version,
    school_id: int,
    class_id: int,
    rows: list[dict[str, Any]],
    *,
    by: int,
    now: datetime,
) -> None:
    """Write a class's lessons of a draft anew; what the school said of an overlap stays said of the same lesson."""
    same = ("weekday", "lesson", "week", "staff_id", "subject_id")
    before = [_values(row) for row in _lessons(session, school_id, version.id, class_id)]
    known_overlaps = {tuple(row[name] for name in same) for row in before if row["may_overlap"]}
    session.execute(
        delete(TimetableLesson).where(
            TimetableLesson.school_id == school_id,
            TimetableLesson.timetable_id == version.id,
            TimetableLesson.class_id == class_id,
        )
    )
    if rows:
        of = {"school_id": school_id, "timetable_id": version.id, "class_id": class_id}
        overlaps = [tuple(row[name] for name in same) in known_overlaps for row in rows]
        session.connection().execute(
            insert(TimetableLesson),
            [{**row, **of, "may_overlap": overlap} for row, overlap in zip(rows, overlaps, strict=True)],
        )
    audit.write(
        session, "timetable.lessons_changed", "timetable", version.id, now,
        school_id=school_id, by=by, **{"class": class_id}, before=len(before), after=len(rows),
    )  # fmt: skip


def make_groups(
    session: Session, school_id: int, facts: Known, wanted: Iterable[tuple[int, str]]
) -> dict[tuple[int, str], int]:
    """Groups by class and name in small letters; those that are not there are made. An empty name is none."""
    found = {(one.class_id, one.name.casefold()): one.id for one in facts.groups}
    new: dict[tuple[int, str], str] = {}
    for class_id, name in wanted:
        key = class_id, name.casefold()
        if name and key not in found:
            new.setdefault(key, name)
    if new:
        ids = session.execute(
            insert(ClassGroup).returning(ClassGroup.id, sort_by_parameter_order=True),
            [{"school_id": school_id, "class_id": class_id, "name": name} for (class_id, _key), name in new.items()],
        )
        found |= zip(new, ids.scalars(), strict=True)
    return found


def _meant(facts: Known, version: Version, class_id: int, place: Place, text: str) -> list[Meant]:
    weekday, lesson = place
    if weekday not in WEEKDAYS or not FIRST_LESSON <= lesson <= LAST_LESSON:
        raise InputError(
            "{lesson} is no lesson: give {first} to {last}.", lesson=lesson, first=FIRST_LESSON, last=LAST_LESSON
        )
    found = [facts.meant(class_id, written) for written in read_cell(text)]
    if not version.has_two_weeks and any(one.written.week != EVERY_WEEK for one in found):
        raise InputError("This timetable has no weeks A and B: leave the week out, or change the timetable.")
    places = [(one.written.week, one.staff_id) for one in found]
    if len(set(places)) != len(places):
        raise InputError("One teacher stands twice in this lesson: leave one of them.")
    return found


def _check_class(facts: Known, class_id: int) -> None:
    if class_id not in facts.classes:
        raise MissingError(NO_CLASS)


def _lessons(session: Session, school_id: int, timetable_id: int, class_id: int) -> list[Any]:
    return list(
        session.execute(
            select(
                *(TimetableLesson.weekday, TimetableLesson.lesson, TimetableLesson.week, TimetableLesson.room),
                *(TimetableLesson.subject_id, Subject.name.label("subject"), TimetableLesson.may_overlap),
                *(TimetableLesson.staff_id, Staff.first_name, Staff.last_name),
                *(TimetableLesson.group_id, ClassGroup.name.label("group_name")),
            )
            .join(Subject, Subject.id == TimetableLesson.subject_id)
            .join(Staff, Staff.id == TimetableLesson.staff_id)
            .outerjoin(ClassGroup, ClassGroup.id == TimetableLesson.group_id)
            .where(
                TimetableLesson.school_id == school_id,
                TimetableLesson.timetable_id == timetable_id,
                TimetableLesson.class_id == class_id,
            )
            .order_by(
                TimetableLesson.weekday,
                TimetableLesson.lesson,
                TimetableLesson.week,
                ClassGroup.name,
                TimetableLesson.id,
            )
        )
    )


def _values(row: Any) -> dict[str, Any]:
    names = ("weekday", "lesson", "week", "room", "subject_id", "staff_id", "group_id", "may_overlap")
    return {name: getattr(row, name) for name in names}
