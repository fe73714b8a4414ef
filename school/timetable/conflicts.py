"""Which lessons of a timetable cannot take place at once. Nothing here asks the database.

Two lessons are at one time when their bells overlap; where the bells of either are unknown, when they have the same
number. A teacher cannot be in two, nor can a student: the parts of a class may, as long as nobody is in both.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from itertools import combinations
from typing import TypeVar

from school.timetable.weeks import meet

T = TypeVar("T", int, time)
Hours = tuple[int, T | None, T | None]
"""A lesson's number, its beginning and its end, in minutes of the day or as hours; None: its bells are unknown."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A lesson in its place. `begins` and `ends` are minutes of the day, None where its bells are unknown."""

    id: int
    class_id: int
    subject_id: int
    staff_id: int
    weekday: int
    lesson: int
    week: int = 0
    group_id: int | None = None
    may_overlap: bool = False
    begins: int | None = None
    ends: int | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """The groups of classes: who is in each, and which are one student's own schedule."""

    members: Mapping[int, frozenset[int]] = field(default_factory=dict)
    individual: frozenset[int] = frozenset()


class Clash(StrEnum):
    """Who would be in two places."""

    TEACHER = "teacher"
    CLASS = "class"


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two lessons at one time; `is_known`: the school said of both that they may be."""

    clash: Clash
    one: Placed
    other: Placed

    @property
    def is_known(self) -> bool:
        """Merged classes, or two teachers in one lesson: nobody need be told again."""
        return self.one.may_overlap and self.other.may_overlap


def conflicts(lessons: Iterable[Placed], parts: Parts) -> tuple[Conflict, ...]:
    """All pairs that clash, by weekday and lesson; one that shares teacher and class is told once, as a teacher's."""
    by_day: dict[tuple[Clash, int, int], list[Placed]] = defaultdict(list)
    for lesson in lessons:
        by_day[Clash.TEACHER, lesson.staff_id, lesson.weekday].append(lesson)
        by_day[Clash.CLASS, lesson.class_id, lesson.weekday].append(lesson)
    found: dict[tuple[int, int], Conflict] = {}
    for (clash, _whose, _weekday), of_day in sorted(by_day.items(), key=lambda item: item[0][0] is Clash.CLASS):
        for one, other in combinations(of_day, 2):
            if at_one_time(one, other) and (clash is Clash.TEACHER or share_students(one, other, parts)):
                found.setdefault((one.id, other.id), Conflict(clash, one, other))
    return tuple(sorted(found.values(), key=_place))


def at_one_time(one: Placed, other: Placed) -> bool:
    """Whether there is a moment at which both take place."""
    if one.weekday != other.weekday or not meet(one.week, other.week):
        return False
    return hours_meet((one.lesson, one.begins, one.ends), (other.lesson, other.begins, other.ends))


def hours_meet(one: Hours[T], other: Hours[T]) -> bool:
    """Whether two lessons of a day have a moment in common; without bells they have when they have one number."""
    (number, begins, ends), (other_number, other_begins, other_ends) = one, other
    if begins is None or ends is None or other_begins is None or other_ends is None:
        return number == other_number
    return begins < other_ends and other_begins < ends


def share_students(one: Placed, other: Placed, parts: Parts) -> bool:
    """Whether somebody would have to be in both; a group that has nobody yet is in nobody's way."""
    if one.class_id != other.class_id:
        return False
    if one.group_id is None or other.group_id is None:
        groups = {one.group_id, other.group_id} - {None}
        return not groups & parts.individual  # who has a schedule of their own is not with the class then
    if one.group_id == other.group_id:
        return True
    nobody: frozenset[int] = frozenset()
    return bool(parts.members.get(one.group_id, nobody) & parts.members.get(other.group_id, nobody))


def _place(conflict: Conflict) -> tuple[int, ...]:
    one, other = conflict.one, conflict.other
    return one.weekday, one.lesson, other.lesson, one.class_id, other.class_id, one.id, other.id
