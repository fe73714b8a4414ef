"""What answers say: few words, no more parts than needed, and nothing that does not belong in an SMS."""

from datetime import date
from decimal import Decimal

import pytest

from db.events import EventRef
from db.kinds import AbsenceKind, EventKind, GradeKind, Language
from school.following import wording as notices
from school.hearing.rows import AbsenceRow, AbsenceTotals, GradeRow
from school.subscriptions import wording
from school.wording.lines import units
from school.wording.service import Numbers
from smpp.protocol.segmentation import split

BG, EN = Language.BULGARIAN, Language.ENGLISH
PRICES = {BG: ("1,20 лв.", "0,61 € (1,20 лв.)"), EN: ("BGN 1.20", "€0.61 (BGN 1.20)")}
PRICE = "0,61 € (1,20 лв.)"
TWO_PARTS, FOUR_PARTS = 2 * 67, 4 * 67


def grade(subject: str, value: str, kind: GradeKind, day: int) -> GradeRow:
    return GradeRow(EventRef(EventKind.GRADE, 1), subject, kind, Decimal(value), None, date(2026, 11, day), 1, False)


def absence(subject: str, kind: AbsenceKind, day: int, lesson: int) -> AbsenceRow:
    return AbsenceRow(EventRef(EventKind.ABSENCE, 1), subject, kind, None, date(2026, 11, day), lesson, False)


@pytest.mark.parametrize(
    "text",
    [
        wording.help_text(BG, Numbers(), PRICE),
        wording.follows(BG, ["Александър от 10а"], Numbers(), PRICE),
        wording.follows_already(BG, ["Александър от 10а"]),
        wording.asked(BG),
        wording.wrong(BG),
        wording.not_a_code(BG),
        wording.follows_nobody(BG, Numbers()),
        wording.follows_another(BG),
        wording.stopped(BG, ["Александър от 10а"], Numbers()),
        wording.new_pin(BG, ["Александър"], Numbers()),
        wording.new_follower(BG, "Александър", "10а", "+359 87* *** *01"),
        wording.new_follower(BG, "Александър", "10а", "+359 87* *** *01", removal="1000"),
        wording.follower_waits(BG, "Александър", "10а", "+359 87* *** *01"),
        wording.waits(BG),
        wording.removed(BG, "+359 87* *** *01", ["Александър от 10а"]),
        wording.whom_to_remove(BG, [("+359 87* *** *01", "01"), ("+359 87* *** *02", "02")]),
        wording.not_first(BG),
        wording.is_guardian(BG),
        notices.ended(BG, "Александър от 10а"),
        notices.left(BG, "Александър"),
        notices.ended_of_others(BG, "Александър от 10а", ["+359 87* *** *01"]),
        notices.address_added(BG, "aleksandrova.2012@example.org", "1987"),
        notices.sms_off(BG, "Александър от 10а"),
        notices.pin_changed(BG, "Александър от 10а"),
        notices.letters_changed(BG, "aleksandrova.2012@example.org"),
        notices.no_campaigns(BG),
    ],
)
def test_an_answer_takes_two_parts_at_most(text: str) -> None:
    assert units(text) <= TWO_PARTS


@pytest.mark.parametrize("price", PRICES[EN])
def test_help_in_english_takes_one_part(price: str) -> None:
    assert len(split(wording.help_text(EN, Numbers(), price), 1)) == 1


@pytest.mark.parametrize("price", PRICES[BG])
def test_help_in_bulgarian_takes_one_part_in_latin_letters(price: str) -> None:
    assert len(split(wording.help_text(BG, Numbers(), price), 1, latin=True)) == 1


def test_five_grades_are_told_in_four_parts() -> None:
    rows = [
        grade("Български език и литература", "5.25", GradeKind.CONTROL_WORK, 24),
        grade("Математика", "6", GradeKind.CONTROL_WORK, 23),
        grade("География и икономика", "4", GradeKind.ORAL, 20),
        grade("Физика и астрономия", "3", GradeKind.CURRENT, 19),
        grade("Английски език", "3.75", GradeKind.TEST, 18),
    ]
    told = wording.grades(BG, "Александър", rows)
    assert told == (
        "Александър: БЕЛ – Мн. добър (5,25), контролно, 24.11; Математика – Отличен (6), контролно, 23.11; "
        "География – Добър (4), устно, 20.11; Физика – Среден (3), 19.11; "
        "Английски език – Добър (3,75), тест, 18.11"
    )
    assert units(told) <= FOUR_PARTS


def test_absences_of_a_day_are_told_together() -> None:
    totals = AbsenceTotals(unexcused=2, excused=30, late=1, total_unexcused=Decimal("2.5"))
    rows = [
        absence("Информационни технологии", AbsenceKind.EXCUSED, 17, 6),
        absence("Математика", AbsenceKind.EXCUSED, 17, 5),
        absence("Математика", AbsenceKind.EXCUSED, 17, 4),
        absence("Музика", AbsenceKind.LATE, 16, 1),
    ]
    assert wording.absences(BG, "Борис", totals, rows) == (
        "Борис: неизвинени 2 и 1/2, извинени 30. 17.11 извинени: ИТ, Математика; 16.11 закъснения: Музика"
    )
    assert wording.absences(EN, "Борис", totals, rows[3:]) == ("Борис: unexcused 2 1/2, excused 30. 16.11 late: Музика")


def test_who_was_always_there_and_has_no_grade_is_told_so() -> None:
    nothing = AbsenceTotals(unexcused=0, excused=0, late=0, total_unexcused=Decimal(0))
    assert wording.absences(BG, "Борис", nothing, []) == "Борис: няма отсъствия"
    assert wording.grades(BG, "Борис", []) == "Борис: още няма оценки"
