"""Sentences of pieces: they read as the grammar writes, and every piece is among those rendered ahead."""

from collections.abc import Iterable
from datetime import date, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts import speech
from prompts.catalogue import PHRASES
from prompts.grammar import calendar, grades, nouns, spelling
from prompts.grammar.nouns import Noun
from prompts.speech import Sentence

any_noun = st.sampled_from(nouns.NOUNS)
counts = st.one_of(st.integers(0, 130), st.integers(0, speech.COMPOSED_COUNTS), st.integers(0, 10**9))
days = st.dates(date(1900, 1, 1), date(2150, 12, 31))
on_scale = st.integers(200, 600).map(lambda hundredths: Decimal(hundredths) / 100)


def is_rendered_ahead(sentence: Iterable[str]) -> bool:
    return set(sentence) <= speech.inventory()


def read(sentence: Sentence) -> str:
    return " ".join(sentence)


@given(counts, any_noun)
def test_any_count_is_said_of_pieces_that_are_rendered_ahead(n: int, noun: Noun) -> None:
    assert is_rendered_ahead(speech.counted(n, noun))


@given(st.integers(0, speech.COMPOSED_COUNTS), any_noun)
def test_a_composed_count_reads_as_the_grammar_writes_it(n: int, noun: Noun) -> None:
    assert read(speech.counted(n, noun)) == nouns.counted(n, noun)


@given(st.integers(0, 2 * speech.COMPOSED_COUNTS).map(lambda doubled: Decimal(doubled) / 2), any_noun)
def test_halves_read_as_the_grammar_writes_them(value: Decimal, noun: Noun) -> None:
    sentence = speech.halves(value, noun)
    assert is_rendered_ahead(sentence)
    assert read(sentence) == nouns.halves(value, noun)


@given(days, st.one_of(days, st.none()), st.integers(-400, 400))
def test_any_day_is_said_of_pieces_that_are_rendered_ahead(on: date, today: date | None, distance: int) -> None:
    today = today or on + timedelta(days=distance)
    sentence = speech.day(on, today)
    assert is_rendered_ahead(sentence)
    assert is_rendered_ahead(speech.on_day(on, today))
    assert is_rendered_ahead(speech.full_date(on))
    if on.year in speech.SPOKEN_YEARS:
        assert read(sentence) == calendar.day(on, today)


@given(st.times())
def test_any_time_reads_as_the_grammar_writes_it(at: time) -> None:
    sentence = speech.clock(at)
    assert is_rendered_ahead(sentence)
    assert read(sentence) == calendar.clock(at)


@given(on_scale)
def test_any_grade_and_average_reads_as_the_grammar_writes_it(value: Decimal) -> None:
    assert is_rendered_ahead(speech.grade(value) + speech.average(value))
    assert read(speech.grade(value)) == grades.grade(value)
    assert read(speech.average(value)) == grades.average(value)


@given(st.text(alphabet="0123456789*#+ -()х"))
def test_any_code_is_said_of_pieces_that_are_rendered_ahead(text: str) -> None:
    sentence = speech.digits(text)
    assert is_rendered_ahead(sentence)
    assert read(sentence).replace(",", "") == " ".join(spelling.digits(text))


@given(st.one_of(st.text(max_size=8), st.from_regex(r"[0-9]{1,2} ?[а-яА-Яa-z]?", fullmatch=True)))
def test_any_class_name_is_said_of_pieces_that_are_rendered_ahead(name: str) -> None:
    assert is_rendered_ahead(speech.of_class(name))


@pytest.mark.parametrize("phrase_id", PHRASES)
def test_any_phrase_is_one_piece_that_is_rendered_ahead(phrase_id: str) -> None:
    assert speech.phrase(phrase_id) == (PHRASES[phrase_id],)
    assert is_rendered_ahead(speech.phrase(phrase_id))


@pytest.mark.parametrize("code", grades.MARKS)
def test_any_mark_is_rendered_ahead(code: str) -> None:
    assert is_rendered_ahead(speech.mark(code))


@pytest.mark.parametrize(
    ("sentence", "pieces"),
    [
        (speech.counted(21, nouns.GRADE), ("двадесет и една оценки",)),
        (speech.counted(101, nouns.GRADE), ("сто и", "една", "оценки")),
        (speech.counted(121, nouns.ABSENCE), ("сто", "двадесет и едно отсъствия")),
        (speech.halves(Decimal("2.5"), nouns.ABSENCE), ("две и половина отсъствия",)),
        (speech.day(date(2026, 11, 20), date(2026, 11, 24)), ("петък,", "двадесети ноември")),
        (speech.clock(time(18, 30)), ("осемнадесет часа и тридесет минути",)),
        (speech.clock(time(18, 31)), ("осемнадесет часа", "и тридесет и една минути")),
        (speech.grade(Decimal(6)), ("Отличен, шест",)),
        (speech.grade(Decimal("5.25")), ("Много добър,", "пет цяло и двадесет и пет стотни")),
        (speech.digits("41"), ("четири,", "едно")),
        (speech.on_day(date(2026, 11, 20), date(2026, 11, 24)), ("в петък,", "двадесети ноември")),
        (speech.on_day(date(2026, 11, 17), date(2026, 11, 24)), ("във вторник,", "седемнадесети ноември")),
        (speech.on_day(date(2026, 11, 23), date(2026, 11, 24)), ("вчера",)),
        (
            speech.on_day(date(2024, 5, 3), date(2026, 11, 24)),
            ("на", "трети май", "две хиляди двадесет и четвърта година"),
        ),
        (speech.of_class("8а"), ("от осми а клас",)),
        (speech.of_class("the eighth"), ()),
        (
            speech.listed([("една", "оценка"), ("похвала",), ("среща",)]),
            ("една", "оценка", ",", "похвала", ",", "среща"),
        ),
        (speech.listed([]), ()),
    ],
)
def test_pieces_are_as_long_as_a_melody_wants(sentence: Sentence, pieces: Sentence) -> None:
    assert sentence == pieces


def test_the_inventory_stays_small_enough_to_be_rendered_at_the_first_start() -> None:
    assert 2_000 < len(speech.inventory()) < 4_000
    assert all(piece == " ".join(piece.split()) and piece for piece in speech.inventory())
