"""The XML export of aSc Timetables (File - Export - aSc Timetables XML): lessons, and cards that place them.

A lesson names its classes, subject, teachers and groups; each of its cards is one place in the week: a period, the days
and weeks as patterns („01000“ is Tuesday, „10“ is week A), and the rooms. Source: the format's description by its
makers, https://help.asctimetables.com.
"""

from collections.abc import Iterator
from datetime import time
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from db.kinds import FIRST_LESSON, LAST_LESSON
from errors import InputError
from school.timetable.cell_text import LONGEST_ROOM
from school.timetable.weeks import EVERY_WEEK, WEEK_A, WEEK_B, WEEKDAYS
from school.timetable_import.found import FoundLesson, FoundTimetable, Note
from school.wording.translation import Words

DAMAGED = "The file is incomplete or damaged: save it again and upload it again."


def read_asc(data: bytes) -> FoundTimetable:
    """Raises InputError for a damaged file, or one of another program."""
    try:
        root = fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError):
        raise InputError(DAMAGED) from None
    if root.tag != "timetable" or root.find("cards") is None or root.find("lessons") is None:
        raise InputError("The file is no export of aSc Timetables: export the timetable as aSc Timetables XML.")
    return _Export(root).read()


class _Export:
    """One export, its tables by id."""

    def __init__(self, root: Element) -> None:
        self.root = root
        self.lessons = self._table("lessons/lesson")
        self.subjects = self._table("subjects/subject")
        self.teachers = self._table("teachers/teacher")
        self.classes = self._table("classes/class")
        self.groups = self._table("groups/group")
        self.rooms = self._table("classrooms/classroom")
        self.not_placed = self.of_other_terms = 0

    def read(self) -> FoundTimetable:
        cards = [found for card in self.root.iterfind("cards/card") for found in self._card(card.attrib)]
        left_out = (
            (self.not_placed, Words("{count} lessons are left out: they have no place in the week, or no class.")),
            (self.of_other_terms, Words("{count} lessons are left out: they are of a later term.")),
        )
        notes = [Note(sentence, {"count": count}) for count, sentence in left_out if count]
        return FoundTimetable(tuple(cards), self._bells(), tuple(notes))

    def _table(self, path: str) -> dict[str, dict[str, str]]:
        return {one.get("id", ""): dict(one.attrib) for one in self.root.iterfind(path)}

    def _card(self, card: dict[str, str]) -> Iterator[FoundLesson]:
        """The lessons of a card: one for each day, week and period that it covers."""
        lesson = self.lessons.get(card.get("lessonid", ""))
        if lesson is None:
            self.not_placed += 1
            return
        if not (card.get("terms", "1") or "1").startswith("1"):
            self.of_other_terms += 1
            return
        classes = [self.classes[id_] for id_ in _ids(lesson, "classids") if id_ in self.classes]
        period = card.get("period", "")
        days = [number for number, sign in enumerate(card.get("days", ""), 1) if sign == "1"]
        if not classes or not period.isdecimal() or not days or max(days) not in WEEKDAYS:
            self.not_placed += 1
            return
        teachers = [self._teacher(self.teachers[id_]) for id_ in _ids(lesson, "teacherids") if id_ in self.teachers]
        subject = self.subjects.get(lesson.get("subjectid", ""), {})
        length = lesson.get("periodspercard", "1")
        for day in days:
            for number in range(int(period), int(period) + (int(length) if length.isdecimal() else 1)):
                if FIRST_LESSON <= number <= LAST_LESSON:
                    yield FoundLesson(
                        tuple(one.get("name", "") for one in classes),
                        day,
                        number,
                        subject.get("name", "") or subject.get("short", ""),
                        tuple(teachers),
                        _week(card.get("weeks", "")),
                        self._room(card),
                        tuple(self._groups(lesson)),
                    )

    def _teacher(self, teacher: dict[str, str]) -> str:
        whole = f"{teacher.get('firstname', '')} {teacher.get('lastname', '')}".strip()
        return whole if " " in whole else teacher.get("name", "") or whole or teacher.get("short", "")

    def _room(self, card: dict[str, str]) -> str:
        for id_ in _ids(card, "classroomids"):
            if room := self.rooms.get(id_):
                return (room.get("short", "") or room.get("name", ""))[:LONGEST_ROOM]
        return ""

    def _groups(self, lesson: dict[str, str]) -> Iterator[tuple[str, str]]:
        for id_ in _ids(lesson, "groupids"):
            group = self.groups.get(id_, {})
            of = self.classes.get(group.get("classid", ""))
            if of is not None and group.get("entireclass") != "1" and group.get("name"):
                yield of.get("name", ""), group["name"]

    def _bells(self) -> dict[int, tuple[time, time]]:
        found: dict[int, tuple[time, time]] = {}
        for period in self.root.iterfind("periods/period"):
            number = period.get("period", "")
            try:
                begins, ends = (time.fromisoformat(period.get(name, "").zfill(5)) for name in ("starttime", "endtime"))
            except ValueError:
                continue
            if number.isdecimal() and FIRST_LESSON <= int(number) <= LAST_LESSON and begins < ends:
                found[int(number)] = begins, ends
        return found


def _ids(of: Any, name: str) -> list[str]:
    return [one for one in of.get(name, "").split(",") if one]


def _week(pattern: str) -> int:
    """„10“ is week A, „01“ week B; all, or one week only, is every week. Raises InputError for longer cycles."""
    if len(pattern) > 2 and len(set(pattern)) > 1:
        raise InputError("The file has a cycle of more than two weeks, which no timetable here can have.")
    return {"10": WEEK_A, "01": WEEK_B}.get(pattern, EVERY_WEEK)
