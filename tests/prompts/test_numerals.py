"""Numerals in words, checked by reading them back with a dictionary that the grammar does not share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.grammar.numbers import LIMIT, Article, Gender, cardinal, ordinal


def _table(text: str) -> dict[str, int]:
    return {word: int(value) for word, value in (pair.split("=") for pair in text.split())}


UNITS = _table(
    "един=1 една=1 едно=1 два=2 две=2 двама=2 три=3 трима=3 четири=4 четирима=4 пет=5 петима=5 шест=6 шестима=6 "
    "седем=7 осем=8 девет=9 десет=10 единадесет=11 дванадесет=12 тринадесет=13 четиринадесет=14 петнадесет=15 "
    "шестнадесет=16 седемнадесет=17 осемнадесет=18 деветнадесет=19"
)
TENS = _table(
    "двадесет=20 тридесет=30 четиридесет=40 петдесет=50 шестдесет=60 седемдесет=70 осемдесет=80 деветдесет=90"
)
HUNDREDS = _table(
    "сто=100 двеста=200 триста=300 четиристотин=400 петстотин=500 "
    "шестстотин=600 седемстотин=700 осемстотин=800 деветстотин=900"
)
SMALL = UNITS | TENS | HUNDREDS


def heard_number(words: str) -> int:
    """The number a listener understands; fails on words that a listener would stumble over."""
    if words == "нула":
        return 0
    total, group, last = 0, 0, 1000
    for word in words.split():
        if word == "и":
            continue
        if word in ("хиляда", "хиляди"):
            assert (word == "хиляда") == (group == 0), "„хиляда“ stands alone, „хиляди“ after its number"
            total, group, last = total + max(group, 1) * 1000, 0, 1000
        elif word in ("милион", "милиона"):
            assert (word == "милион") == (group == 1)
            total, group, last = total + group * 1_000_000, 0, 1000
        else:
            size = 1 if word in UNITS else 20 if word in TENS else 100
            assert size < last, f"„{word}“ cannot follow in {words}"
            assert not (size == 1 and last == 20 and SMALL[word] > 9)
            group, last = group + SMALL[word], size
    return total + group


numbers = st.one_of(st.integers(0, 2100), st.integers(0, LIMIT - 1))


@given(numbers, st.sampled_from(Gender))
def test_a_listener_understands_the_number_that_was_meant(n: int, gender: Gender) -> None:
    assert heard_number(cardinal(n, gender)) == n


@given(st.integers(1, 999), st.sampled_from(Gender))
def test_below_a_thousand_and_stands_once_and_only_before_the_last_word(n: int, gender: Gender) -> None:
    words = cardinal(n, gender).split()
    assert words.count("и") == (len(words) > 1)
    assert len(words) == 1 or words[-2] == "и"


@given(st.integers(1001, LIMIT - 1), st.sampled_from(Gender))
def test_the_last_two_spoken_words_are_joined_by_and_unless_thousands_end_it(n: int, gender: Gender) -> None:
    words = cardinal(n, gender).split()
    rest = n % 1000
    if rest:
        assert words[-2] == "и"
        assert words.count("и") <= 3


@given(numbers)
def test_only_a_final_one_or_two_agrees_in_gender(n: int) -> None:
    forms = {cardinal(n, gender) for gender in (Gender.MASCULINE, Gender.FEMININE, Gender.NEUTER)}
    last = n % 10 if n % 100 not in (11, 12) else 0
    assert len(forms) == {1: 3, 2: 2}.get(last, 1)


@pytest.mark.parametrize(
    ("n", "gender", "words"),
    [
        (0, Gender.FEMININE, "нула"),
        (1, Gender.FEMININE, "една"),
        (2, Gender.MASCULINE, "два"),
        (2, Gender.NEUTER, "две"),
        (11, Gender.FEMININE, "единадесет"),
        (12, Gender.NEUTER, "дванадесет"),
        (21, Gender.FEMININE, "двадесет и една"),
        (32, Gender.MASCULINE, "тридесет и два"),
        (101, Gender.NEUTER, "сто и едно"),
        (102, Gender.NEUTER, "сто и две"),
        (112, Gender.FEMININE, "сто и дванадесет"),
        (120, Gender.NEUTER, "сто и двадесет"),
        (125, Gender.NEUTER, "сто двадесет и пет"),
        (200, Gender.NEUTER, "двеста"),
        (1000, Gender.NEUTER, "хиляда"),
        (1001, Gender.FEMININE, "хиляда и една"),
        (1200, Gender.NEUTER, "хиляда и двеста"),
        (1203, Gender.NEUTER, "хиляда двеста и три"),
        (2002, Gender.MASCULINE, "две хиляди и два"),
        (2026, Gender.NEUTER, "две хиляди двадесет и шест"),
        (21_000, Gender.MASCULINE, "двадесет и една хиляди"),
        (125_125, Gender.FEMININE, "сто двадесет и пет хиляди сто двадесет и пет"),
        (1_000_000, Gender.NEUTER, "един милион"),
        (2_001_000, Gender.NEUTER, "два милиона и хиляда"),
        (3, Gender.PERSONS, "трима"),
        (22, Gender.PERSONS, "двадесет и двама"),
        (7, Gender.PERSONS, "седем"),
        (12, Gender.PERSONS, "дванадесет"),
    ],
)
def test_numbers_read_as_a_teacher_reads_them(n: int, gender: Gender, words: str) -> None:
    assert cardinal(n, gender) == words


@pytest.mark.parametrize(
    ("n", "masculine", "feminine", "neuter"),
    [
        (1, "първи", "първа", "първо"),
        (2, "втори", "втора", "второ"),
        (3, "трети", "трета", "трето"),
        (4, "четвърти", "четвърта", "четвърто"),
        (7, "седми", "седма", "седмо"),
        (8, "осми", "осма", "осмо"),
        (20, "двадесети", "двадесета", "двадесето"),
        (21, "двадесет и първи", "двадесет и първа", "двадесет и първо"),
        (31, "тридесет и първи", "тридесет и първа", "тридесет и първо"),
        (100, "стотен", "стотна", "стотно"),
        (101, "сто и първи", "сто и първа", "сто и първо"),
        (123, "сто двадесет и трети", "сто двадесет и трета", "сто двадесет и трето"),
        (2000, "двехиляден", "двехилядна", "двехилядно"),
        (2001, "две хиляди и първи", "две хиляди и първа", "две хиляди и първо"),
        (2020, "две хиляди и двадесети", "две хиляди и двадесета", "две хиляди и двадесето"),
        (2026, "две хиляди двадесет и шести", "две хиляди двадесет и шеста", "две хиляди двадесет и шесто"),
    ],
)
def test_ordinals_end_in_the_gender_of_what_they_order(n: int, masculine: str, feminine: str, neuter: str) -> None:
    genders = (Gender.MASCULINE, Gender.FEMININE, Gender.NEUTER)
    assert tuple(ordinal(n, gender) for gender in genders) == (masculine, feminine, neuter)


@given(st.integers(1, 9999))
def test_an_ordinal_differs_from_its_number_in_the_last_word_only(n: int) -> None:
    if n % 1000 == 0:
        return  # „двехиляден“ is one word
    assert ordinal(n).split()[:-1] == cardinal(n).split()[:-1]


@pytest.mark.parametrize(
    ("gender", "article", "words"),
    [
        (Gender.MASCULINE, Article.FULL, "двадесет и първият"),
        (Gender.MASCULINE, Article.SHORT, "двадесет и първия"),
        (Gender.FEMININE, Article.FULL, "двадесет и първата"),
        (Gender.NEUTER, Article.SHORT, "двадесет и първото"),
    ],
)
def test_the_article_is_taken_by_the_last_word(gender: Gender, article: Article, words: str) -> None:
    assert ordinal(21, gender, article) == words


@pytest.mark.parametrize("n", [-1, LIMIT])
def test_a_number_out_of_range_is_refused(n: int) -> None:
    with pytest.raises(ValueError, match="numbers that can be spoken"):
        cardinal(n)


@pytest.mark.parametrize("n", [0, 10_000])
def test_an_ordinal_out_of_range_is_refused(n: int) -> None:
    with pytest.raises(ValueError, match="ordinals that can be spoken"):
        ordinal(n)
