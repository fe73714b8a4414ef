"""Timetables of different shapes, each from its file to the days of teachers."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, time

import pytest

from errors import InputError
from school import timetable_import
from school.timetable import bells, grid
from school.timetable.day import lessons_on
from school.timetable.publishing import conflicts_of, publish
from school.timetable.versions import Plan, version
from school.timetable_import import Answers, Imported, Read
from tests.school.joined import NOW
from tests.school.roster.old_excel import as_ods, as_xls
from tests.school.timetable_import.conftest import School
from tests.school.timetable_import.files import ASC, CLASSES_ACROSS, SHEET_FOR_EACH_CLASS, TEACHERS_DOWN, workbook

TEACHERS_HEAD = (["Учител", "пон", None, "вт", None, "ср", None], [None, 1, 2, 1, 2, 1, 2])
FIRST = date(2025, 9, 15)
"""A Monday."""


def read(school: School, data: bytes) -> Read:
    return timetable_import.prepare(school.session, school.id, timetable_import.read(data), FIRST)


def imported(school: School, found: Read, **more: dict[str, str]) -> Imported:
    """The guesses as they are, but for what is told otherwise."""
    answers = {kind: {name: one.text for name, one in found.guesses[kind].items()} for kind in timetable_import.KINDS}
    for kind, names in more.items():
        answers[kind] |= names
    return timetable_import.carry_out(
        school.session,
        school.id,
        found.found,
        Answers(answers["class"], answers["subject"], answers["teacher"]),
        Plan("От файл", FIRST),
        by=school.leader,
        now=NOW,
    )


def day(school: School, teacher: str, on: date = FIRST) -> list[tuple[int, str, str]]:
    found = lessons_on(school.session, school.id, school.people[teacher], on)
    return [(one.lesson, one.class_name, one.subject) for one in found]


def unclear(found: Read) -> dict[str, list[str]]:
    return {
        kind: [name for name, one in names.items() if not one.is_certain]
        for kind, names in found.guesses.items()
        if any(not one.is_certain for one in names.values())
    }


def test_classes_across_with_groups(school: School) -> None:
    found = read(school, CLASSES_ACROSS)
    assert unclear(found) == {}
    done = imported(school, found)
    assert (done.lessons, done.left_out) == (9, 0)
    assert conflicts_of(school.session, school.id, done.timetable_id) == ()
    publish(school.session, school.id, done.timetable_id, by=school.leader, now=NOW)
    assert day(school, "Орлин Петков") == [(1, "8а", "Математика"), (2, "8б", "Математика")]
    assert day(school, "Анна Радева") == [(3, "8а", "Английски език")]
    assert [one.group for one in lessons_on(school.session, school.id, school.people["Анна Радева"], FIRST)] == [
        "1 гр."
    ]
    tuesday = date(2025, 9, 16)
    assert day(school, "Христо Илиев", tuesday) == [(2, "8б", "Химия и опазване на околната среда")]
    assert lessons_on(school.session, school.id, school.people["Христо Илиев"], tuesday)[0].room == "каб. 12"


def test_a_sheet_for_each_class_with_weeks_a_and_b(school: School) -> None:
    found = read(school, SHEET_FOR_EACH_CLASS)
    assert [note.values["name"] for note in found.found.notes] == ["Бележки"]
    done = imported(school, found)
    assert (done.lessons, done.left_out) == (7, 0)
    assert version(school.session, school.id, done.timetable_id).week_a_on == FIRST
    publish(school.session, school.id, done.timetable_id, by=school.leader, now=NOW)
    second = date(2025, 9, 29)  # a free Monday lies between
    assert (
        day(school, "Христо Илиев")
        == [(1, "8а", "Химия и опазване на околната среда")]
        == day(school, "Христо Илиев", second)
    )
    assert day(school, "Калин Колев") == []
    assert day(school, "Калин Колев", date(2025, 10, 6)) == [(1, "8а", "Физика и астрономия")]


def test_teachers_down_with_merged_classes(school: School) -> None:
    found = read(school, TEACHERS_DOWN)
    assert unclear(found) == {}
    done = imported(school, found)
    assert (done.lessons, done.left_out) == (9, 0)
    (known,) = conflicts_of(school.session, school.id, done.timetable_id)
    assert known.conflict.is_known  # the file itself has two classes in one cell
    publish(school.session, school.id, done.timetable_id, by=school.leader, now=NOW)
    tuesday = date(2025, 9, 16)
    together = "Български език и литература"
    assert day(school, "Мария Стоянова", tuesday) == [(2, "8а", together), (2, "8б", together)]


@pytest.mark.parametrize(
    ("cell", "classes", "subject", "room"),
    [
        ("VIIIа", ("8а",), "", ""),
        ("VIII а Мат", ("8а",), "Мат", ""),
        ("5абв", ("5а", "5б", "5в"), "", ""),
        ("8аб Муз.", ("8а", "8б"), "Муз", ""),
        ("8а, б ФВС", ("8а", "8б"), "ФВС", ""),
        ("5а-5в ФВС", ("5а", "5б", "5в"), "ФВС", ""),
        ("5а и 5б 204", ("5а", "5б"), "", "204"),
        ("8а/8б Мат", ("8а", "8б"), "Мат", ""),
        ("8а, 8б/БЕЛ", ("8а", "8б"), "БЕЛ", ""),
        ("Мат 8 а", ("8а",), "Мат", ""),
        ("8а/204", ("8а",), "", "204"),
        ("8а 1 гр", ("8а",), "1 гр", ""),
        ("8B Мат", ("8B",), "Мат", ""),
    ],
)
def test_the_classes_in_a_teachers_cell(
    school: School, cell: str, classes: tuple[str, ...], subject: str, room: str
) -> None:
    found = read(school, workbook({"Учители": [*TEACHERS_HEAD, ["Петков", cell]]})).found
    assert found.notes == ()
    assert [(one.classes, one.subject, one.room) for one in found.lessons] == [(classes, subject, room)]


def test_a_teachers_cell_without_a_class_is_told(school: School) -> None:
    rows: list[list[str | None]] = [["Петков", "8а", "БЕЛ", "БЕЛ", "-"], ["Радева", "8б", "дежурство", None, "5а-8в"]]
    found = read(school, workbook({"Учители": [*TEACHERS_HEAD, *rows]})).found
    assert [one.classes for one in found.lessons] == [("8а",), ("8б",)]
    (note,) = found.notes
    assert dict(note.values) == {"name": "Учители", "count": 4, "texts": "„БЕЛ“, „дежурство“, „5а-8в“"}


def test_the_export_of_asc_timetables(school: School) -> None:
    found = read(school, ASC.encode("windows-1251"))
    assert unclear(found) == {}
    assert [note.values["count"] for note in found.found.notes] == [1, 1]
    done = imported(school, found)
    assert (done.lessons, done.left_out) == (5, 0)
    cells = grid.read_grid(school.session, school.id, done.timetable_id, school.of.classes["8а"]).cells
    assert cells == {
        (1, 1): ("Математика / Орлин Петков / 204",),
        (1, 2): ("Математика / Орлин Петков / 204",),
        (1, 3): ("А: Английски език / Анна Радева [1. група]",),
        (2, 1): ("Физическо възпитание и спорт / Спас Борисов",),
    }
    (known,) = conflicts_of(school.session, school.id, done.timetable_id)
    assert known.conflict.is_known
    (schedule,) = bells.schedules(school.session, school.id)
    assert schedule.hours[1] == (time(7, 30), time(8, 10))
    publish(school.session, school.id, done.timetable_id, by=school.leader, now=NOW)
    assert lessons_on(school.session, school.id, school.people["Орлин Петков"], FIRST)[0].starts_at == time(7, 30)


def test_two_shifts_that_begin_with_the_first_lesson_each(school: School) -> None:
    data = workbook(
        {
            "Разписание": [
                ["", "", "8а", "8б"],
                ["Понеделник"],
                ["", 1, "Мат", "Мат"],
                ["", 2, "БЕЛ", ""],
            ]
        }
    )
    done = imported(school, read(school, data))
    assert len(conflicts_of(school.session, school.id, done.timetable_id)) == 1
    shifts = [
        bells.save(
            school.session, school.id, None, name,
            {number: (time(hour + number), time(hour + number, 40)) for number in (1, 2)}, by=school.leader, now=NOW,
        )
        for name, hour in (("Първа смяна", 7), ("Втора смяна", 12))
    ]  # fmt: skip
    wanted = dict(zip((school.of.classes["8б"], school.of.classes["8а"]), shifts, strict=True))
    bells.follow(school.session, school.id, done.timetable_id, wanted, by=school.leader, now=NOW)
    publish(school.session, school.id, done.timetable_id, by=school.leader, now=NOW)
    assert day(school, "Орлин Петков") == [(1, "8б", "Математика"), (1, "8а", "Математика")]


def test_names_that_are_not_clear_are_for_a_person_and_what_is_left_empty_is_left_out(school: School) -> None:
    data = workbook({"8а": [["", "пон", "вт", "ср"], [1, "Матем. / Петкофф", "Готварство / Колев", "БЕЛ"]]})
    found = read(school, data)
    assert unclear(found) == {"subject": ["Готварство"], "teacher": ["Петкофф"]}
    done = imported(school, found, teacher={"Петкофф": "Орлин Петков"})
    assert (done.lessons, done.left_out) == (2, 1)
    with pytest.raises(InputError, match="No teacher is called"):
        imported(school, found, teacher={"Петкофф": "Никой Никого"})


def test_new_subjects_are_added_when_that_is_asked_for(school: School) -> None:
    data = workbook({"8а": [["", "пон", "вт", "ср"], [1, "Готварство / Колев", None, None]]})
    found = read(school, data)
    answers = Answers({"8а": "8а"}, {"Готварство": "Готварство"}, {"Колев": "Калин Колев"}, new_subjects=True)
    timetable_import.carry_out(
        school.session, school.id, found.found, answers, Plan("Есен", FIRST), by=school.leader, now=NOW
    )
    assert "Готварство" in read(school, data).offers["subject"]


@pytest.mark.parametrize("made", [as_xls, as_ods])
def test_workbooks_of_old_excel_and_of_libreoffice(
    school: School, made: Callable[[Mapping[str, Sequence[Sequence[str | int]]]], bytes]
) -> None:
    wide = ["8а" if at in (0, 150) else "" for at in range(160)]
    data = made({
        "Учители": [["Учител", "пон", *[""] * 79, "вт", *[""] * 79, "ср", ""], ["", *(at % 7 + 1 for at in range(160))],
                    ["Петков", *wide]],
    })  # fmt: skip
    found = read(school, data).found
    assert [(one.classes, one.weekday, one.lesson, one.teachers) for one in found.lessons] == [
        (("8а",), 1, 1, ("Петков",)), (("8а",), 2, 4, ("Петков",)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "neither Excel"),
        (b"%PDF-1.4", "neither Excel"),
        (b"PK\x03\x04broken", "damaged"),
        (b"<timetable><cards>", "damaged"),
        (b"<html><body/></html>", "no export of aSc"),
        (b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY b 'c'>]><timetable/>", "damaged"),
        (b"<timetable><lessons/><cards/></timetable>", "no lessons"),
        (b"<" * 200_000, "damaged"),
        (b"<" * (6 * 1024 * 1024), "larger"),
        (workbook({"Лист": [["Нищо", "за", "внасяне"]]}), "no lessons"),
        (workbook({"8а": [["", "пон", "вт", "ср"], [1, "/ / / /", None, None]]}), "row 2"),
        (ASC.replace('weeks="10" terms', 'weeks="100" terms').encode("windows-1251"), "more than two weeks"),
    ],
)
def test_what_is_no_timetable_is_refused_in_a_sentence(school: School, data: bytes, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        read(school, data)


def test_a_file_that_grows_while_it_is_read_is_refused(school: School) -> None:
    entities = "".join(f'<!ENTITY e{n} "{"&e" + str(n - 1) + ";" if n else "x"}{"y" * 50}">' for n in range(40))
    with pytest.raises(InputError, match="damaged"):
        read(school, f"<!DOCTYPE t [{entities}]><timetable>&e39;</timetable>".encode())


def test_the_file_is_kept_encrypted_for_two_hours(school: School) -> None:
    from datetime import timedelta

    timetable_import.keep(school.session, school.id, school.leader, ASC.encode(), "разписание.xml", NOW)
    assert timetable_import.kept(school.session, school.id, school.leader, NOW).file_name == "разписание.xml"
    with pytest.raises(InputError):
        timetable_import.kept(school.session, school.id + 1, school.leader, NOW)
    with pytest.raises(InputError):
        timetable_import.kept(school.session, school.id, school.leader, NOW + timedelta(hours=3))
