"""Marks the stress of Bulgarian words in a text, for engines that would guess it wrongly.

espeak-ng (and piper, which takes its sounds from espeak-ng) guesses the stress by rule, often wrongly.
A combining grave accent (U+0300) after the stressed vowel corrects it. The words are in stress_lexicon.tsv.
"""

import re
from functools import cache, lru_cache
from pathlib import Path

STRESS = "\u0300"
VOWELS = "аеиоуъюя"
LEXICON = Path(__file__).with_name("stress_lexicon.tsv")

ENDINGS = ("ята", "ият", "та", "то", "те", "ът", "ят", "а", "я")
"""Definite articles, and the „-а“ of a woman's family name and of a counted noun: the stress stays in its place."""

_CITY = re.compile(
    r"\b(?:в|от|до|към|край|град|област|община|столицата)\s+(софия)\b(?!\s+[а-я]+(?:ова|ева|ска|ина)\b)", re.IGNORECASE
)
"""„София“ is a girl's name (Софѝя) unless something tells that it is the city (Со̀фия)."""

_WORD = re.compile(rf"[А-Яа-яЀѝA-Za-z{STRESS}]+(?:-[А-Яа-яЀѝA-Za-z{STRESS}]+)*")


@cache
def lexicon() -> dict[str, str]:
    """Word in small letters -> what to pronounce, with the stress marked."""
    entries: dict[str, str] = {}
    for line in _decomposed(LEXICON.read_text("utf-8")).splitlines():
        if line and not line.startswith("#"):
            word, _, spoken = line.partition("\t")
            entries[word.replace(STRESS, "")] = spoken or word
    return entries


@lru_cache(maxsize=20_000)
def marked(text: str) -> str:
    """`text` with the stress of every word of the lexicon marked; a word that bears a mark already is left alone."""
    return _WORD.sub(lambda found: _marked_word(found[0]), _CITY.sub(_city, text))


def _city(found: re.Match[str]) -> str:
    return found[0][:-3] + STRESS + found[0][-3:]


def _decomposed(text: str) -> str:
    """Letter and accent apart, for espeak-ng does not know the letters „ѐ“ and „ѝ“ that an editor may join them to."""
    return text.replace("ѐ", "е" + STRESS).replace("ѝ", "и" + STRESS)


def _marked_word(word: str) -> str:
    if STRESS in word:
        return word
    entry = _entry(word.lower())
    if entry is not None:
        return _in_the_case_of(word, entry)
    if "-" in word:
        return "-".join(_marked_word(part) for part in word.split("-"))
    return word


def _entry(word: str) -> str | None:
    """The lexicon's form of `word`, found as it stands or without an ending that keeps the stress."""
    known = lexicon()
    if word in known:
        return known[word]
    for ending in ENDINGS:
        stem = word.removesuffix(ending)
        spoken = known.get(stem, "") if stem != word else ""
        if STRESS in spoken and spoken.replace(STRESS, "") == stem:
            return spoken + ending
    return None


def _in_the_case_of(word: str, entry: str) -> str:
    """`entry` with the capitals of `word`, when it is that word with its stress; an abbreviation's reading as it is."""
    if entry.replace(STRESS, "") != word.lower():
        return entry
    at = entry.find(STRESS)
    return word if at < 0 else word[:at] + STRESS + word[at:]
