"""What a file holds, whatever its format: lessons by the names that stand in it, and the bells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time

from errors import InputError
from school.timetable.weeks import EVERY_WEEK

LARGEST_FILE = 5 * 1024 * 1024
"""Bytes: the aSc export of a school of 60 classes has two million."""
MOST_LESSONS = 6000
"""A school of 100 classes with groups has 4,000 a week."""


@dataclass(frozen=True, slots=True)
class FoundLesson:
    """A lesson of the file. Several classes: they have it together; several teachers: they give it together."""

    classes: tuple[str, ...]
    weekday: int
    lesson: int
    subject: str
    """Empty: the file does not say; the teacher's only one in the class is meant."""
    teachers: tuple[str, ...] = ()
    """None named: who teaches the subject to the class is meant."""
    week: int = EVERY_WEEK
    room: str = ""
    groups: tuple[tuple[str, str], ...] = ()
    """Class and group, where only a group of the class has it."""

    @property
    def is_together(self) -> bool:
        """The file itself says of an overlap that it is meant."""
        return len(self.classes) > 1 or len(self.teachers) > 1


@dataclass(frozen=True, slots=True)
class Note:
    """What was left out, as a sentence with its values."""

    sentence: str
    values: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FoundTimetable:
    """All of a file."""

    lessons: tuple[FoundLesson, ...]
    bells: Mapping[int, tuple[time, time]] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()

    @property
    def has_two_weeks(self) -> bool:
        """Weeks A and B differ."""
        return any(one.week != EVERY_WEEK for one in self.lessons)

    def names(self, kind: str) -> tuple[str, ...]:
        """The names of "class", "subject" or "teacher" that stand in it, in their order."""
        found: dict[str, None] = {}
        for one in self.lessons:
            of = {"class": one.classes, "subject": (one.subject,), "teacher": one.teachers}[kind]
            found.update(dict.fromkeys(name for name in of if name))
        return tuple(sorted(found))


def checked(found: FoundTimetable) -> FoundTimetable:
    """The same. Raises InputError for a file without lessons, or with more than a school has."""
    if not found.lessons:
        raise InputError("There are no lessons in the file: check that it is the timetable.")
    if len(found.lessons) > MOST_LESSONS:
        raise InputError("The file has more than {most} lessons: divide it.", most=MOST_LESSONS)
    return found
