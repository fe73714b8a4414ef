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
from school.roster import cells
from school.roster.tables import Row, Table, Value
from school.roster.xlsx_reading import read_xlsx
from school.timetable.cell_text import LONGEST_ROOM, read_cell
from school.timetable_import.found import FoundLesson, FoundTimetable, Note
from school.wording.translation import Words

UNKNOWN_SHEET = Words("Sheet {name} is left out: it is no timetable that we know.")
HEADER_ROWS = 12
"""How far down the heading may stand."""
MOST_SHEETS = 120
MOST_COLUMNS = 200
_DAYS = {"пон": 1, "вто": 2, "вт": 2, "сря": 3, "ср": 3, "чет": 4, "чт": 4, "пет": 5, "пт": 5, "съб": 6, "сб": 6}
_DAY = re.compile(r"(понеделник|пон|пн|вторник|вто|вт|сряда|сря|ср|четвъртък|чет|чт|петък|пет|пт|събота|съб|сб)\.?")
_LESSON = re.compile(r"(\d{1,2})\s*[.)]?\s*(?:-?(?:ви|ри|ти|ми)\.?)?\s*(?:час)?")
_GROUP = re.compile(r"\[([^\[\]]{1,80})\]")
LONGEST_NAME = 80
_CLASS = re.compile(r"(?<![\w])((?:1[0-2]|[1-9])\s*-?\s*[а-яa-z])(?![\w])", re.IGNORECASE)


def read_workbook(data: bytes) -> FoundTimetable:
    """Raises InputError for a damaged file, or one in which no sheet is a timetable."""
    lessons: list[FoundLesson] = []
    notes: list[Note] = []
    for table in read_xlsx(data, most_sheets=MOST_SHEETS, most_columns=MOST_COLUMNS):
        found = _sheet(table)
        if found is None:
            notes.append(Note(UNKNOWN_SHEET, {"name": table.name}))
        else:
            lessons += found
    return FoundTimetable(tuple(lessons), {}, tuple(notes))


def _sheet(table: Table) -> list[FoundLesson] | None:
    for index, row in enumerate(table.rows[:HEADER_ROWS]):
        classes = {at: text for at, value in enumerate(row.cells) if (text := _text(value)) and _is_class(text)}
        days = {at: day for at, value in enumerate(row.cells) if (day := _day(value))}
        if len(days) >= 3:
            below = table.rows[index + 1] if index + 1 < len(table.rows) else None
            numbers = _lesson_numbers(below, min(days)) if below else {}
            if below and len(numbers) > len(days):
                return list(_down(table, index + 2, days, numbers))
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


def _down(table: Table, start: int, days: dict[int, int], numbers: dict[int, int]) -> Iterator[FoundLesson]:
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
            else:
                yield from _of_teacher(row, at, name, weekdays[at], number)


def _cell(
    table: Table, row: Row, at: int, classes: tuple[str, ...], weekday: int, number: int
) -> Iterator[FoundLesson]:
    raw = row.cells[at] if at < len(row.cells) else None
    text = raw.strip() if isinstance(raw, str) else _text(raw)
    if not text or text in ("-", "–", "—", "x", "х"):
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


def _of_teacher(row: Row, at: int, teacher: str, weekday: int, number: int) -> Iterator[FoundLesson]:
    """„8а“, „8а Мат“, „8а, 8б БЕЛ“, „8а 204 [1 гр.]“: the classes; what is left is the subject, or a room's number."""
    text = _text(row.cells[at] if at < len(row.cells) else None)
    group = found[1].strip() if (found := _GROUP.search(text)) else ""
    text = _GROUP.sub(" ", text)
    classes = tuple(dict.fromkeys("".join(name.split()) for name in _CLASS.findall(text)))
    rest = re.sub(r"^[\s,;+/.\-]+|[\s,;+/.\-]+$", "", _CLASS.sub(" ", text))
    if not classes:
        return
    room = rest if rest.isdecimal() and len(rest) <= LONGEST_ROOM else ""
    subject = "" if room else rest[:LONGEST_NAME]
    groups = tuple((name, group) for name in classes) if group else ()
    yield FoundLesson(classes, weekday, number, subject, (teacher,), room=room, groups=groups)


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
