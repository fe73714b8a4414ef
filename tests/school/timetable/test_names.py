"""Which subject or teacher a shortened name means."""

import pytest

from school.setup.subjects import standard_subjects
from school.timetable import names

SUBJECTS = dict(enumerate((one.name for one in standard_subjects(range(5, 13))), 1))
PEOPLE = {
    1: ("Иван", "Иванов"),
    2: ("Ирина", "Иванова"),
    3: ("Мария", "Петрова-Колева"),
    4: ("Иво", "Иванов"),
    5: ("Ана", "Радева"),
}


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Математика", "Математика"),
        ("мат.", "Математика"),
        ("БЕЛ", "Български език и литература"),
        ("Бълг. ез. и лит.", "Български език и литература"),
        ("АЕ", "Английски език"),
        ("Англ. език", "Английски език"),
        ("ФВС", "Физическо възпитание и спорт"),
        ("Физ. възп. и спорт", "Физическо възпитание и спорт"),
        ("ИЦ", "История и цивилизации"),
        ("История и цив.", "История и цивилизации"),
        ("ХООС", "Химия и опазване на околната среда"),
        ("Час на класа", "Час на класа"),
        ("ЧК", "Час на класа"),
        ("литература", "Български език и литература"),
        ("Български", "Български език и литература"),
        ("бълг. език", "Български език и литература"),
        ("ФЕ", "Френски език"),
        ("немски", "Немски език"),
        ("история", "История и цивилизации"),
        ("География", "География и икономика"),
        ("биология", "Биология и здравно образование"),
        ("физика", "Физика и астрономия"),
        ("химия", "Химия и опазване на околната среда"),
        ("Физическо", "Физическо възпитание и спорт"),
        ("рисуване", "Изобразително изкуство"),
        ("КМИТ", "Компютърно моделиране и информационни технологии"),
    ],
)
def test_usual_ways_of_shortening_a_subject_are_certain(text: str, meant: str) -> None:
    guess = names.subject(text, SUBJECTS)
    assert guess is not None
    assert SUBJECTS[guess.id] == meant
    assert guess.is_certain


@pytest.mark.parametrize("text", ["Инф", "Математка", "Физ."])
def test_what_may_be_several_or_is_misspelt_is_for_a_person(text: str) -> None:
    guess = names.subject(text, SUBJECTS)
    assert guess is not None
    assert not guess.is_certain


def test_a_subject_that_the_school_has_not_is_not_guessed() -> None:
    assert names.subject("Готварство", SUBJECTS) is None


@pytest.mark.parametrize(
    ("text", "meant", "certain"),
    [
        ("Иван Иванов", 1, True),
        ("Иванов Иван", 1, True),
        ("г-жа Ирина Иванова", 2, True),
        ("И. Иванова", 2, True),
        ("Иванова И.", 2, True),
        ("Радева", 5, True),
        ("инж. А. Радева", 5, True),
        ("Ана Петрова Радева", 5, True),
        ("М. Петрова-Колева", 3, True),
        ("И. Иванов", 1, False),
        ("Иванов", 1, False),
        ("Ана Радове", 5, False),
    ],
)
def test_a_teacher_is_known_by_both_names_initials_or_the_family_name(text: str, meant: int, certain: bool) -> None:
    guess = names.person(text, PEOPLE)
    assert guess is not None
    assert (guess.id, guess.is_certain) == (meant, certain)


def test_a_stranger_is_nobody() -> None:
    assert names.person("Георги Тодоров", PEOPLE) is None
    assert names.person("", PEOPLE) is None
