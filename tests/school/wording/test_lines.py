"""The lines parents read: good Bulgarian, and short enough for the parts they are meant for."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.kinds import (
    FIRST_LESSON,
    LAST_LESSON,
    AbsenceKind,
    AbsenceReason,
    Channel,
    EventChange,
    GradeKind,
    Language,
    Mark,
    RemarkKind,
    SchoolEventKind,
)
from school.wording.lines import Absence, Grade, Happening, Health, Remark, SchoolEventDetails, called, cut, line, units
from school.wording.words import short_subject

DAY = date(2026, 11, 23)
MATHS = "Математика"
LITERATURE = "Български език и литература"


def grade(value: str | Mark = "6", kind: GradeKind = GradeKind.CONTROL_WORK, subject: str | None = MATHS) -> Grade:
    if isinstance(value, Mark):
        return Grade(subject, kind, None, value, DAY)
    return Grade(subject, kind, Decimal(value), None, DAY)


@pytest.mark.parametrize(
    ("happening", "expected"),
    [
        (grade(), "Математика – Отличен (6), контролна работа, 23.11"),
        (grade("5.25", GradeKind.CURRENT), "Математика – Мн. добър (5,25), 23.11"),
        (grade("5.50", GradeKind.CURRENT), "Математика – Отличен (5,5), 23.11"),
        (grade("5.49", GradeKind.CURRENT), "Математика – Мн. добър (5,49), 23.11"),
        (grade("2", GradeKind.TERM), "Математика – Слаб (2), срочна оценка, 23.11"),
        (grade("3.49", GradeKind.ORAL), "Математика – Среден (3,49), устно изпитване, 23.11"),
        (grade(Mark.ACHIEVES, GradeKind.CURRENT), "Математика – Постига изискванията, 23.11"),
        (grade(Mark.VERY_GOOD, GradeKind.ANNUAL, None), "Общ успех – Мн. добър, годишна оценка, 23.11"),
        (
            Absence(MATHS, AbsenceKind.UNEXCUSED, None, DAY, 3),
            "Неизвинено отсъствие: Математика, 3. час, 23.11",
        ),
        (
            Absence(MATHS, AbsenceKind.LATE, None, DAY, 1),
            "Закъснение (1/2 отсъствие): Математика, 1. час, 23.11",
        ),
        (
            Absence("Физика", AbsenceKind.EXCUSED, AbsenceReason.FAMILY, DAY, 2),
            "Извинено отсъствие (семейни причини): Физика, 2. час, 23.11",
        ),
        (Remark(RemarkKind.PRAISE, None, "Помага на другите.", DAY), "Похвала: Помага на другите. (23.11)"),
        (Remark(RemarkKind.CENSURE, MATHS, "Без тетрадка.", DAY), "Забележка, Математика: Без тетрадка. (23.11)"),
        (Health(DAY, date(2026, 11, 25)), "Здравна бележка от 23.11 до 25.11"),
        (Health(DAY, DAY), "Здравна бележка за 23.11"),
        (
            SchoolEventDetails(
                SchoolEventKind.MEETING, "Избор на учебници", "кабинет 12", datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
            ),
            "Родителска среща: Избор на учебници, вторник 24.11, 18:00 ч., кабинет 12",
        ),
        (
            SchoolEventDetails(SchoolEventKind.EVENT, "Коледен базар", "", datetime(2026, 7, 24, 16, 30, tzinfo=UTC)),
            "Коледен базар, петък 24.07, 19:30 ч.",
        ),
    ],
)
def test_how_it_reads_in_bulgarian(happening: Happening, expected: str) -> None:
    assert line(happening) == expected


@pytest.mark.parametrize(
    ("happening", "expected"),
    [
        (grade("5"), "Математика – Very good (5), control work, 23.11"),
        (Absence(MATHS, AbsenceKind.LATE, None, DAY, 1), "Late (1/2 absence): Математика, lesson 1, 23.11"),
        (Health(DAY, DAY), "Health note for 23.11"),
    ],
)
def test_how_it_reads_in_english(happening: Happening, expected: str) -> None:
    assert line(happening, language=Language.ENGLISH) == expected


def test_corrections_and_withdrawals_say_so() -> None:
    assert line(grade("5"), change=EventChange.CORRECTED).startswith("Поправка: Математика – Мн. добър (5)")
    assert line(grade("5"), change=EventChange.DELETED).startswith("Отменено: Математика – Мн. добър (5)")


class TestShortening:
    def test_first_how_it_was_earned_then_the_subject(self) -> None:
        assert line(grade(subject=LITERATURE)) == "БЕЛ – Отличен (6), контролна работа, 23.11"
        assert (
            line(grade("5.25", subject=LITERATURE), child="Александър")
            == "БЕЛ – Мн. добър (5,25), контролна работа, 23.11"
        )
        assert (
            line(grade("5.25", subject=LITERATURE), child="Александър", change=EventChange.CORRECTED)
            == "Поправка: БЕЛ – Мн. добър (5,25), контролна работа, 23.11"
        )

    def test_that_a_grade_closes_a_term_is_always_said(self) -> None:
        text = line(grade("5.25", GradeKind.ANNUAL, "Предприемачество и стопанска дейност"), child="Константин-Асен")
        assert "годишна" in text

    def test_mail_needs_no_shortening(self) -> None:
        assert (
            line(grade("5.25", subject=LITERATURE), child="Александър", channel=Channel.EMAIL)
            == "Български език и литература – Мн. добър (5,25), контролна работа, 23.11"
        )

    @pytest.mark.parametrize(
        ("subject", "short"),
        [
            (LITERATURE, "БЕЛ"),
            ("Физическо възпитание и спорт", "ФВС"),
            ("История и цивилизации", "История"),
            ("Предприемачество", "Предп."),
            ("Музика", "Музика"),
        ],
    )
    def test_subjects_are_shortened_as_a_school_does(self, subject: str, short: str) -> None:
        assert short_subject(subject) == short


NAMES = st.text(st.characters(categories=["L", "Zs", "So", "P"]), min_size=1, max_size=80)
DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
LANGUAGES = st.sampled_from(Language)
CHANGES = st.sampled_from(EventChange)
GRADES = st.builds(
    Grade,
    st.none() | NAMES,
    st.sampled_from(GradeKind),
    st.just(Decimal(2)) | st.decimals(3, 6, places=2),
    st.none(),
    DAYS,
) | st.builds(Grade, st.none() | NAMES, st.sampled_from(GradeKind), st.none(), st.sampled_from(Mark), DAYS)
ABSENCES = st.builds(
    Absence,
    NAMES,
    st.sampled_from(AbsenceKind),
    st.none() | st.sampled_from(AbsenceReason),
    DAYS,
    st.integers(FIRST_LESSON, LAST_LESSON),
)


@given(GRADES | ABSENCES | st.builds(Health, DAYS, DAYS), NAMES, LANGUAGES, CHANGES)
def test_a_name_and_a_grade_or_an_absence_fit_one_part(
    happening: Happening, name: str, language: Language, change: EventChange
) -> None:
    text = line(happening, child=name, language=language, change=change)
    assert units(f"{called(name)}: {text}") <= 70
    assert len(text.encode("utf-16-le")) // 2 == units(text)


@given(GRADES, NAMES)
def test_the_grade_itself_is_never_shortened(grade: Grade, name: str) -> None:
    text = line(grade, child=name)
    assert f"{grade.on:%d.%m}" in text
    if grade.value is not None:
        assert f"({grade.value.normalize():f})".replace(".", ",") in text


@given(
    st.builds(Remark, st.sampled_from(RemarkKind), st.none() | NAMES, st.text(min_size=1, max_size=1000), DAYS)
    | st.builds(
        SchoolEventDetails,
        st.sampled_from(SchoolEventKind),
        st.text(min_size=1, max_size=160),
        st.text(max_size=160),
        st.datetimes(min_value=datetime(2000, 1, 1), max_value=datetime(2099, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
    ),
    NAMES,
    LANGUAGES,
    CHANGES,
)
def test_a_remark_or_a_meeting_fits_two_parts(
    happening: Happening, name: str, language: Language, change: EventChange
) -> None:
    text = line(happening, child=name, language=language, change=change)
    assert units(f"{called(name)}: {text}") <= 134


@given(GRADES | ABSENCES, LANGUAGES, CHANGES)
def test_what_mail_tells_fits_its_column(happening: Happening, language: Language, change: EventChange) -> None:
    assert len(line(happening, language=language, change=change, channel=Channel.EMAIL)) <= 1500


@given(st.text(max_size=50), st.integers(1, 50))
def test_cutting_keeps_within_the_room_and_breaks_no_pair(text: str, room: int) -> None:
    shorter = cut(text, room)
    assert units(shorter) <= room
    assert shorter == text or shorter.endswith("…")
