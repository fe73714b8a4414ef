"""How a lesson is written in a cell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errors import InputError
from school.timetable.cell_text import Written, read_cell, write_lesson

WORDS = st.text("абвгдежзиклмнопрстуфхцчшщюя", min_size=3, max_size=12)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("Математика", (Written("Математика"),)),
        ("Математика / Орлин Петков", (Written("Математика", "Орлин Петков"),)),
        ("Математика/О. Петков/204", (Written("Математика", "О. Петков", "204"),)),
        ("А: Химия; Б: Физика / Колев", (Written("Химия", week=1), Written("Физика", "Колев", week=2))),
        ("a) Химия\nb) Физика", (Written("Химия", week=1),)),
        (
            "Английски / Ана [1 гр.]; Немски [2 гр.]",
            (Written("Английски", "Ана", "", "1 гр."), Written("Немски", group="2 гр.")),
        ),
        ("Химия / Колев / каб. 3 [1 гр.]", (Written("Химия", "Колев", "каб. 3", "1 гр."),)),
    ],
)
def test_what_is_written_is_read(text: str, expected: tuple[Written, ...]) -> None:
    found = read_cell(text)
    assert found[: len(expected)] == expected


@pytest.mark.parametrize("text", ["/ Иванов", "а / б / в / г", "Химия / Колев / " + "9" * 21, "[1 гр.]"])
def test_what_is_no_lesson_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        read_cell(text)


@given(WORDS, WORDS | st.just(""), st.sampled_from(["", "204"]), WORDS | st.just(""), st.integers(0, 2))
def test_what_is_shown_is_read_back_as_it_was(subject: str, teacher: str, room: str, group: str, week: int) -> None:
    lesson = Written(subject, teacher, room if teacher else "", group, week)
    assert read_cell(write_lesson(lesson)) == (lesson,)
