"""Stress: the lexicon says what espeak-ng then pronounces, and it knows every word that the product itself says."""

import re
import subprocess
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts import speech, stress
from prompts.pronunciation import pronounced
from prompts.stress import STRESS, VOWELS
from settings import Engine

IPA_VOWELS = "aeiouɐəɤɔɛʊɪ"


def sounds(texts: list[str]) -> list[str]:
    """What espeak-ng makes of each text, in IPA; none may end a sentence inside."""
    spoken = "".join(f"{text}.\n" for text in texts)
    command = ["espeak-ng", "-v", "bg", "-q", "--ipa", "--stdin"]
    lines = subprocess.run(command, input=spoken, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(lines) == len(texts)
    return [line.strip() for line in lines]


def stressed_vowels(ipa: str) -> list[int]:
    """Which vowels (0 is the first) bear a primary stress."""
    return [sum(sign in IPA_VOWELS for sign in ipa[:at]) for at, sign in enumerate(ipa) if sign == "ˈ"]


def marked_vowel(word: str) -> int:
    """Which vowel (0 is the first) is marked."""
    return sum(letter in VOWELS for letter in word[: word.index(STRESS)]) - 1


def test_every_word_of_the_lexicon_comes_out_with_its_stress_on_the_marked_vowel() -> None:
    words = [word for word in stress.lexicon().values() if STRESS in word]
    heard = zip(words, sounds(words), strict=True)
    assert not {word: ipa for word, ipa in heard if stressed_vowels(ipa) != [marked_vowel(word)]}


def test_a_word_that_is_left_unmarked_is_stressed_rightly_without_a_mark() -> None:
    right = {"опит": [0], "изпит": [0], "лекар": [0]}
    unmarked = [word for word in stress.lexicon().values() if STRESS not in word]
    assert set(unmarked) == set(right)
    assert {word: stressed_vowels(ipa) for word, ipa in zip(unmarked, sounds(unmarked), strict=True)} == right


def test_the_lexicon_knows_every_word_that_the_product_itself_says() -> None:
    marked = " ".join(stress.marked(text).lower() for text in speech.inventory())
    said = set(re.findall(rf"[а-яѝ{STRESS}]+", marked))
    long = {word for word in said if sum(letter in VOWELS for letter in word) > 1}
    unknown = {word for word in long if STRESS not in word and word not in stress.lexicon()}
    assert len(long) > 200
    assert not unknown, f"add these to prompts/stress_lexicon.tsv with their stress: {', '.join(sorted(unknown))}"


def test_each_word_stands_once_with_one_mark_in_small_letters() -> None:
    lines = [line for line in stress.LEXICON.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    words = [line.partition("\t")[0].replace(STRESS, "") for line in lines]
    assert len(words) == len(set(words)) == len(stress.lexicon())
    assert all(line.count(STRESS) <= 1 and line == line.lower() for line in lines)


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("Оценка по математика", "Оце+нка по матема+тика"),
        ("ОТСЪСТВИЕ", "ОТСЪ+СТВИЕ"),
        ("Вашия ПИН код", "Ва+шия ПИН код"),
        ("по-късно", "по-къ+сно"),
        ("математиката", "матема+тиката"),  # the article keeps the stress
        ("Иванова", "Ива+нова"),  # so does a woman's family name
        ("учителят", "учи+телят"),
        ("София", "Софи+я"),  # the girl's name
        ("Момчил", "Момчи+л"),
        ("Спортни дейности", "Спо+ртни де+йности"),
        ("град София", "град Со+фия"),
        ("в София", "в Со+фия"),
        ("от София Иванова", "от Софи+я Ива+нова"),
        ("математикаша", "математикаша"),  # whole words only
        ("оценка̀", "оценка̀"),  # who marks a word knows better
        ("непознатословие", "непознатословие"),
        ("", ""),
    ],
)
def test_words_are_marked_whatever_their_case_and_nothing_else_is(text: str, marked: str) -> None:
    assert stress.marked(text) == marked.replace("+", STRESS)


def test_given_names_bear_the_stress_that_people_give_them() -> None:
    right = """
        Христия+н Богда+н Юлиа+н Любо+в Радости+н Е+мили Анаста+сия Джу+лия Кри+сия Да+лия Пао+ла Жакли+н Иво+н Иве+т
        Бисе+ра Момчи+л Софи+я Гео+рги Дими+тър Алекса+ндър Викто+рия Нико+ла Калоя+н Богоми+л Сели+н Хюсеи+н
    """
    for name in right.split():
        assert stress.marked(name.replace("+", "")) == name.replace("+", STRESS)


@given(st.text())
def test_marking_any_text_keeps_every_other_sign(text: str) -> None:
    marked = stress.marked(text)
    respelled = {word for word, spoken in stress.lexicon().items() if spoken.replace(STRESS, "") != word}
    if not any(word in text.lower() for word in respelled):
        assert marked.replace(STRESS, "") == text.replace(STRESS, "")


def test_the_marks_stay_apart_from_their_letters_for_espeak_knows_no_joined_ones() -> None:
    for word in stress.lexicon().values():
        assert "ѐ" not in word
        assert "ѝ" not in word
    assert unicodedata.normalize("NFC", stress.marked("мобилен")) != stress.marked("мобилен")


@pytest.mark.parametrize(
    ("text", "engine", "read"),
    [
        ("осми б клас", Engine.GTTS, "осми бе клас"),
        ("единадесети к клас", Engine.GTTS, "единадесети ка клас"),
        ("Среща в клас", Engine.GTTS, "Среща в клас"),
        ("осми в клас", Engine.GTTS, "осми ве клас"),
        ("осми а клас", Engine.ESPEAK, "о+сми а клас"),
        ("осми м клас", Engine.GTTS, "осми ем клас"),
        ("математика", Engine.GTTS, "математика"),
        ("ЕГН и SMS", Engine.ESPEAK, "егене+ и есеме+с"),
        ("математика", Engine.PIPER, "матема+тика"),
    ],
)
def test_a_text_is_read_and_only_espeaks_kin_is_told_the_stress(text: str, engine: Engine, read: str) -> None:
    assert pronounced(text, engine) == read.replace("+", STRESS)
