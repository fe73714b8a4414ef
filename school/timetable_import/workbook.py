"""A timetable as a workbook, in the shapes that Bulgarian schools have: what a sheet is, it tells itself.

- Classes across, days and lessons down: a row names the classes; to its left stand the days and the lessons' numbers.
- One sheet for each class: a row names the days, lessons go down, the sheet or a cell above names the class.
- Teachers (or classes) down, days across, and under each day the lessons' numbers.

A cell is written as `school.timetable.cell_text` has it; on two lines the second is the teacher.
"""

import re
from collections.abc import Iterator

from db.kinds import FIRST_LESSON, LAST_LESSON
from errors import InputError
from school.roster import cells, class_names
from school.roster.opening import open_file
from school.roster.tables import Limits, Row, Table, Value
from school.timetable.cell_text import LONGEST_ROOM, read_cell
from school.timetable_import.found import FoundLesson, FoundTimetable, Note
from school.wording.translation import Words

UNKNOWN_SHEET = Words("Sheet {name} is left out: it is no timetable that we know.")
NO_CLASS = Words("Sheet {name}: cells ({count}) are left out, because they name no class: {texts}.")
TEXTS_SHOWN = 8
HEADER_ROWS = 12
"""How far down the heading may stand."""
LIMITS = Limits(columns=200, sheets=120)
_DAYS = {"пон": 1, "вто": 2, "вт": 2, "сря": 3, "ср": 3, "чет": 4, "чт": 4, "пет": 5, "пт": 5, "съб": 6, "сб": 6}
_DAY = re.compile(r"(понеделник|пон|пн|вторник|вто|вт|сряда|сря|ср|четвъртък|чет|чт|петък|пет|пт|събота|съб|сб)\.?")
_LESSON = re.compile(r"(\d{1,2})\s*[.)]?\s*(?:-?(?:ви|ри|ти|ми)\.?)?\s*(?:час)?")
_GROUP = re.compile(r"\[([^\[\]]{1,80})\]")
LONGEST_NAME = 80
LONGEST_CELL = 120
"""Characters of a teacher's cell: a longer one is somebody's note."""
LONGEST_SPAN = 12
"""Words of a cell that are read as classes together."""
_NOTHING = ("", "-", "–", "—", "x", "х")
_CLASS = re.compile(r"(?<![\w])((?:1[0-2]|[1-9])\s*-?\s*[а-яa-z])(?![\w])", re.IGNORECASE)


def read_workbook(data: bytes) -> FoundTimetable:
    """Raises InputError for a damaged file, or one in which no sheet is a timetable."""
    lessons: list[FoundLesson] = []
    notes: list[Note] = []
    for table in open_file(data, "", LIMITS).tables:
        unread: list[str] = []
        found = _sheet(table, unread)
        if found is None:
            notes.append(Note(UNKNOWN_SHEET, {"name": table.name}))
        else:
            lessons += found
        if unread:
            notes.append(Note(NO_CLASS, {"name": table.name, "count": len(unread), "texts": _some(unread)}))
    return FoundTimetable(tuple(lessons), {}, tuple(notes))


def _some(texts: list[str]) -> str:
    """Each once, and not too many of them."""
    once = [f"„{one[:40]}“" for one in dict.fromkeys(texts)]
    return ", ".join(once[:TEXTS_SHOWN]) + (", …" if len(once) > TEXTS_SHOWN else "")


def _sheet(table: Table, unread: list[str]) -> list[FoundLesson] | None:
    """Its lessons; None: it is no timetable. Cells that say nothing of a class are added to `unread`."""
    for index, row in enumerate(table.rows[:HEADER_ROWS]):
        classes = {at: text for at, value in enumerate(row.cells) if (text := _text(value)) and _is_class(text)}
        days = {at: day for at, value in enumerate(row.cells) if (day := _day(value))}
        if len(days) >= 3:
            below = table.rows[index + 1] if index + 1 < len(table.rows) else None
            numbers = _lesson_numbers(below, min(days)) if below else {}
            if below and len(numbers) > len(days):
                return list(_down(table, index + 2, days, numbers, unread))
            name = _class_of_sheet(table, index)
            return None if name is None else list(_one_class(table, index, days, name))
        if classes and not days and (len(classes) > 1 or _has_days_below(table, index)):
            return list(_across(table, index, classes))
    return None


def _across(table: Table, header: int, classes: dict[int, str]) -> Iterator[FoundLesson]:
    """Classes across; a day stands once before its lessons, in a column or in a row of its own."""
    weekday, first = 0, min(classes)
    for row in table.rows[header + 1 :]:
        number = 0
        for value in row.cells[:first]:
            if day := _day(value):
                weekday = day
            elif found := _number(value):
                number = found
        if weekday and number:
            for at, name in classes.items():
                yield from _cell(table, row, at, (name,), weekday, number)


def _one_class(table: Table, header: int, days: dict[int, int], name: str) -> Iterator[FoundLesson]:
    first, counted = min(days), 0
    for row in table.rows[header + 1 :]:
        number = next((found for value in row.cells[:first] if (found := _number(value))), 0)
        counted = number or counted + 1
        if counted <= LAST_LESSON:
            for at, weekday in days.items():
                yield from _cell(table, row, at, (name,), weekday, counted)


def _down(
    table: Table, start: int, days: dict[int, int], numbers: dict[int, int], unread: list[str]
) -> Iterator[FoundLesson]:
    """Teachers or classes down; a day's heading stands over the first of its lessons."""
    weekdays = {at: days[max(day for day in days if day <= at)] for at in numbers}
    first = min(days)
    for row in table.rows[start:]:
        name = next((text for value in row.cells[:first] if (text := _text(value)) and not text.isdecimal()), "")
        if not name:
            continue
        for at, number in numbers.items():
            if _is_class(name):
                yield from _cell(table, row, at, (name,), weekdays[at], number)
            elif (text := _text(row.cells[at] if at < len(row.cells) else None)) not in _NOTHING:
                lesson = _of_teacher(text, name, weekdays[at], number)
                if lesson is None:
                    unread.append(text)
                else:
                    yield lesson


def _cell(
    table: Table, row: Row, at: int, classes: tuple[str, ...], weekday: int, number: int
) -> Iterator[FoundLesson]:
    raw = row.cells[at] if at < len(row.cells) else None
    text = raw.strip() if isinstance(raw, str) else _text(raw)
    if text in _NOTHING:
        return
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) in (2, 3) and "/" not in text and ";" not in text:
        text = " / ".join(lines)
    try:
        written = read_cell(text)
    except InputError as error:
        raise InputError(
            "Sheet {name}, row {row}: “{text}” is no lesson: write it as subject / teacher / room [group].",
            name=table.name, row=row.number, text=text[:60],
        ) from error  # fmt: skip
    for one in written:
        groups = tuple((name, one.group) for name in classes) if one.group else ()
        teachers = (one.teacher,) if one.teacher else ()
        yield FoundLesson(classes, weekday, number, one.subject, teachers, one.week, one.room, groups)


def _of_teacher(text: str, teacher: str, weekday: int, number: int) -> FoundLesson | None:
    """„8а“, „8а Мат“, „VIII а, б БЕЛ“, „8а 204 [1 гр.]“: classes; what is left is the subject, or a room's number."""
    group = found[1].strip() if (found := _GROUP.search(text)) else ""
    classes, rest = _classes(_GROUP.sub(" ", text))
    if not classes:
        return None
    rest = re.sub(r"^[\s,;+/.\-]+|[\s,;+/.\-]+$", "", rest)
    room = rest if rest.isdecimal() and len(rest) <= LONGEST_ROOM else ""
    subject = "" if room else rest[:LONGEST_NAME]
    groups = tuple((name, group) for name in classes) if group else ()
    return FoundLesson(classes, weekday, number, subject, (teacher,), room=room, groups=groups)


def _classes(text: str) -> tuple[tuple[str, ...], str]:
    """The classes that a cell names in any of its places, and the rest of its words; no classes: they are not clear."""
    words = text.split() if len(text) <= LONGEST_CELL else []
    found: list[str] = []
    rest: list[str] = []
    at = 0
    while at < len(words):
        spans = ((end, _named(" ".join(words[at:end]))) for end in range(min(len(words), at + LONGEST_SPAN), at, -1))
        end, named = next((one for one in spans if one[1] is not None), (at + 1, None))
        if named == ():
            return (), text
        found += named or ()
        rest += words[at:end] if named is None else ()
        at = end
    left = " ".join(rest)
    found += ["".join(name.split()) for name in _CLASS.findall(left)]  # „8а/204“, and Latin letters, for a person
    return tuple(dict.fromkeys(found)), _CLASS.sub(" ", left)


def _named(text: str) -> tuple[str, ...] | None:
    """The classes of a text that is nothing else; none for „5а-8в“, which only the school's classes tell."""
    try:
        names, ranges = class_names.class_names(text)
    except InputError:
        return None
    if any(not one.letters for one in ranges) or not all(_is_letters(letters) for _, letters in names):
        return None
    if any(one.first_level != one.last_level for one in ranges):
        return ()
    names += tuple((one.first_level, letter) for one in ranges for letter in one.letters)
    return tuple(f"{level}{letter}" for level, letters in names for letter in letters)


def _is_letters(text: str) -> bool:
    """One letter, or neighbours („5аб“ are two classes); „1 гр“ is a group."""
    return bool(text) and text in class_names.LETTERS


def _class_of_sheet(table: Table, header: int) -> str | None:
    """The sheet's name, or a cell over the heading."""
    above = [_text(value) for row in table.rows[: header + 1] for value in row.cells]
    for text in (table.name, *above):
        for part in (text, *(str(one) for one in _CLASS.findall(text))):
            if part and _is_class(part):
                return part
    return None


def _has_days_below(table: Table, header: int) -> bool:
    return any(_day(value) for row in table.rows[header + 1 :] for value in row.cells[:2])


def _lesson_numbers(row: Row, first: int) -> dict[int, int]:
    return {at: number for at, value in enumerate(row.cells) if at >= first and (number := _number(value))}


def _is_class(text: str) -> bool:
    try:
        return bool(cells.class_name(text)[1])
    except InputError:
        return bool(_CLASS.fullmatch(text))


def _day(value: Value) -> int:
    found = _DAY.fullmatch(_text(value).casefold())
    if not found:
        return 0
    return 1 if found[1] == "пн" else next(day for short, day in _DAYS.items() if found[1].startswith(short))


def _number(value: Value) -> int:
    found = _LESSON.fullmatch(_text(value).casefold())
    number = int(found[1]) if found else 0
    return number if FIRST_LESSON <= number <= LAST_LESSON else 0


def _text(value: Value) -> str:
    return cells.text_of(value)
