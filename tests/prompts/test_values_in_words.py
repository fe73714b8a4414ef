"""Counts, halves, days, times, grades, codes and classes in words, as tables of what must be heard."""

from datetime import date, time
from decimal import Decimal

import pytest

from db.kinds import Mark
from prompts import speech
from prompts.grammar import calendar, grades, nouns, spelling
from prompts.grammar.nouns import Noun

TODAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("n", "noun", "words"),
    [
        (0, nouns.ABSENCE, "нула отсъствия"),
        (1, nouns.ABSENCE, "едно отсъствие"),
        (1, nouns.CENSURE, "една забележка"),
        (1, nouns.LESSON_HOUR, "един час"),
        (2, nouns.LESSON_HOUR, "два часа"),
        (2, nouns.CENSURE, "две забележки"),
        (2, nouns.UNEXCUSED_ABSENCE, "две неизвинени отсъствия"),
        (1, nouns.EXCUSED_ABSENCE, "едно извинено отсъствие"),
        (11, nouns.GRADE, "единадесет оценки"),
        (21, nouns.GRADE, "двадесет и една оценки"),
        (102, nouns.ABSENCE, "сто и две отсъствия"),
        (1, nouns.STUDENT, "един ученик"),
        (2, nouns.STUDENT, "двама ученици"),
        (6, nouns.STUDENT, "шестима ученици"),
        (7, nouns.STUDENT, "седем ученици"),
        (24, nouns.STUDENT, "двадесет и четирима ученици"),
        (1, nouns.CHILD, "едно дете"),
        (2, nouns.CHILD, "две деца"),
        (1, nouns.HEALTH_NOTE, "една здравна бележка"),
        (2, nouns.HEALTH_NOTE, "две здравни бележки"),
        (3, nouns.ATTEMPT, "три опита"),
        (31, nouns.MINUTE, "тридесет и една минути"),
        (1, nouns.PRAISE, "една похвала"),
        (22, nouns.PRAISE, "двадесет и две похвали"),
    ],
)
def test_counts_agree_with_what_is_counted(n: int, noun: Noun, words: str) -> None:
    assert nouns.counted(n, noun) == words


@pytest.mark.parametrize(
    ("value", "noun", "words"),
    [
        ("0", nouns.ABSENCE, "нула отсъствия"),
        ("0.5", nouns.ABSENCE, "половин отсъствие"),
        ("1", nouns.ABSENCE, "едно отсъствие"),
        ("1.5", nouns.ABSENCE, "едно и половина отсъствия"),
        ("2.5", nouns.ABSENCE, "две и половина отсъствия"),
        ("2.50", nouns.ABSENCE, "две и половина отсъствия"),
        ("1.5", nouns.LESSON_HOUR, "един и половина часа"),
        ("1.5", nouns.GRADE, "една и половина оценки"),
        ("21.5", nouns.UNEXCUSED_ABSENCE, "двадесет и едно и половина неизвинени отсъствия"),
    ],
)
def test_halves_agree_too(value: str, noun: Noun, words: str) -> None:
    assert nouns.halves(Decimal(value), noun) == words


@pytest.mark.parametrize("value", ["0.25", "-0.5", "NaN", "Infinity"])
def test_what_is_no_number_of_halves_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="not a number of halves"):
        nouns.halves(Decimal(value), nouns.ABSENCE)


@pytest.mark.parametrize(
    ("on", "words"),
    [
        (date(2026, 11, 24), "днес"),
        (date(2026, 11, 23), "вчера"),
        (date(2026, 11, 25), "утре"),
        (date(2026, 11, 20), "петък, двадесети ноември"),
        (date(2026, 12, 31), "четвъртък, тридесет и първи декември"),
        (date(2026, 3, 3), "вторник, трети март"),
        (date(2027, 2, 1), "понеделник, първи февруари"),
        (date(2025, 12, 2), "втори декември две хиляди двадесет и пета година"),
        (date(2027, 9, 15), "петнадесети септември две хиляди двадесет и седма година"),
    ],
)
def test_a_day_is_named_as_near_as_it_is(on: date, words: str) -> None:
    assert calendar.day(on, TODAY) == words


def test_a_full_date_has_an_ordinal_day_and_an_ordinal_year() -> None:
    assert calendar.full_date(date(2026, 11, 23)) == "двадесет и трети ноември две хиляди двадесет и шеста година"


def test_in_spring_an_autumn_day_of_the_same_school_year_needs_no_year() -> None:
    assert calendar.day(date(2026, 10, 5), date(2027, 3, 1)) == "понеделник, пети октомври"


@pytest.mark.parametrize(
    ("at", "words"),
    [
        (time(0, 0), "нула часа"),
        (time(0, 1), "нула часа и една минута"),
        (time(1, 0), "един часа"),
        (time(1, 1), "един часа и една минута"),
        (time(2, 2), "два часа и две минути"),
        (time(9, 0), "девет часа"),
        (time(13, 1), "тринадесет часа и една минута"),
        (time(18, 30), "осемнадесет часа и тридесет минути"),
        (time(21, 21), "двадесет и един часа и двадесет и една минути"),
        (time(22, 42, 59), "двадесет и два часа и четиридесет и две минути"),
    ],
)
def test_a_clock_says_hours_in_the_counted_plural(at: time, words: str) -> None:
    assert calendar.clock(at) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("6", "шест"),
        ("6.00", "шест"),
        ("5.50", "пет цяло и петдесет стотни"),
        ("5.05", "пет цяло и пет стотни"),
        ("5.20", "пет цяло и двадесет стотни"),
        ("4.21", "четири цяло и двадесет и една стотни"),
        ("4.01", "четири цяло и една стотна"),
        ("3.02", "три цяло и две стотни"),
        ("2.50", "две цяло и петдесет стотни"),
        ("2", "два"),
    ],
)
def test_averages_are_read_in_hundredths(value: str, words: str) -> None:
    assert grades.average(Decimal(value)) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("2", "Слаб, два"),
        ("2.99", "Слаб, две цяло и деветдесет и девет стотни"),
        ("3.00", "Среден, три"),
        ("3.49", "Среден, три цяло и четиридесет и девет стотни"),
        ("3.50", "Добър, три цяло и петдесет стотни"),
        ("4.49", "Добър, четири цяло и четиридесет и девет стотни"),
        ("4.50", "Много добър, четири цяло и петдесет стотни"),
        ("5", "Много добър, пет"),
        ("5.49", "Много добър, пет цяло и четиридесет и девет стотни"),
        ("5.50", "Отличен, пет цяло и петдесет стотни"),
        ("6", "Отличен, шест"),
    ],
)
def test_the_word_of_a_grade_follows_its_exact_value(value: str, words: str) -> None:
    assert grades.grade(Decimal(value)) == words


@pytest.mark.parametrize("value", ["1.99", "6.01", "5.495", "NaN", "0", "-3"])
def test_what_is_not_on_the_scale_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="not a grade"):
        grades.grade(Decimal(value))


def test_every_mark_the_database_knows_has_its_words() -> None:
    assert {str(mark) for mark in Mark} == set(grades.MARKS)
    assert grades.mark("unsatisfactory") == "Незадоволителен"
    assert grades.mark("struggles") == "Среща затруднения"


def test_an_unknown_mark_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="excellent"):
        grades.mark("superb")


def test_codes_are_read_sign_by_sign() -> None:
    assert spelling.digits("+359 2-1*#") == ("плюс", "три", "пет", "девет", "две", "едно", "звезда", "диез")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("8а", "осми а клас"),
        ("8А", "осми а клас"),
        ("12 б", "дванадесети б клас"),
        ("1-в", "първи в клас"),
        ("7 „г“ клас", "седми г клас"),
        ("8a", "осми а клас"),  # a Latin a
        ("11", "единадесети клас"),
        ("8ю", "осми ю клас"),
        ("8ъ", "осми клас"),
        ("13а", None),
        ("0а", None),
        ("подготвителна", None),
        ("", None),
    ],
)
def test_a_class_is_read_as_in_from_eighth_a_class(name: str, words: str | None) -> None:
    assert spelling.school_class(name) == words


@pytest.mark.parametrize(
    ("cents", "currency", "words"),
    [
        (61, "EUR", "шестдесет и един цента"),
        (1, "EUR", "един цент"),
        (100, "EUR", "едно евро"),
        (102, "EUR", "едно евро и два цента"),
        (221, "EUR", "две евро и двадесет и един цента"),
        (732, "EUR", "седем евро и тридесет и два цента"),
        (120, "BGN", "един лев и двадесет стотинки"),
        (201, "BGN", "два лева и една стотинка"),
        (12_345, "EUR", "сто двадесет и три евро и четиридесет и пет цента"),
        (0, "EUR", "нула цента"),
    ],
)
def test_money(cents: int, currency: str, words: str) -> None:
    pieces = speech.money(cents, currency)
    assert " ".join(pieces) == words
    assert set(pieces) <= speech.inventory()
