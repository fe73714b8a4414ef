"""How a lesson is written in a cell: „А: Математика / Орлин Петков / 204 [1 гр.]“.

The week (А or Б), the teacher, the room and the group may be left out; several lessons in one cell stand apart by
semicolons. The same is read from the grid on a page and from a cell of a workbook.
"""

import re
from dataclasses import dataclass

from errors import InputError
from school.timetable.weeks import EVERY_WEEK, WEEK_A, WEEK_B
from school.wording.one_line import on_one_line

LONGEST_ROOM = 20
_WEEK = re.compile(r"^(?:седмица\s+|сед\.?\s*)?([АБABаб])\s*[:)]\s*", re.IGNORECASE)
_GROUP = re.compile(r"\s*\[([^\[\]]{1,80})\]\s*$")
_WEEKS = {"а": WEEK_A, "a": WEEK_A, "б": WEEK_B, "b": WEEK_B}
LETTERS = {WEEK_A: "А", WEEK_B: "Б"}


@dataclass(frozen=True, slots=True)
class Written:
    """A lesson as it is written; what was left out is empty."""

    subject: str
    teacher: str = ""
    room: str = ""
    group: str = ""
    week: int = EVERY_WEEK


def read_cell(text: str) -> tuple[Written, ...]:
    """The lessons of a cell, none of an empty one. Raises InputError."""
    return tuple(_lesson(part) for part in re.split(r"[;\r\n]+", text) if part.strip())


def write_lesson(lesson: Written) -> str:
    """The same as a person would write it."""
    week = f"{LETTERS[lesson.week]}: " if lesson.week in LETTERS else ""
    group = f" [{lesson.group}]" if lesson.group else ""
    return week + " / ".join(one for one in (lesson.subject, lesson.teacher, lesson.room) if one) + group


def _lesson(text: str) -> Written:
    text = on_one_line(text)
    week = EVERY_WEEK
    if found := _WEEK.match(text):
        week, text = _WEEKS[found[1].casefold()], text[found.end() :]
    group = ""
    if found := _GROUP.search(text):
        group, text = found[1].strip(), text[: found.start()]
    parts = [part.strip() for part in (re.split(r"\s+/\s+", text) if " / " in text else text.split("/"))]
    if not re.search(r"\w", parts[0]) or len(parts) > 3:
        raise InputError("“{text}” is no lesson: write it as subject / teacher / room [group].", text=text[:60])
    subject, teacher, room = (*parts, "", "")[:3]
    if len(room) > LONGEST_ROOM:
        raise InputError("The room is longer than {most} characters: shorten it.", most=LONGEST_ROOM)
    return Written(subject, teacher, room, group, week)
