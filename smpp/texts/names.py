"""Names of subjects and children as parents type them: begun, inflected, in Latin letters, by initials. Pure."""

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from school.wording.words import usual_subject
from smpp.protocol.transliteration import to_latin
from smpp.texts.spelling import plain, words

SHORTEST = 3
"""Letters of a name that name it."""
_LIKE = 0.8
_LATIN = (("sht", "6t"), ("sch", "6"), ("sh", "6"), ("zh", "j"), ("ch", "4"), ("ts", "c"), ("ya", "q"), ("ia", "q"),
          ("yu", "u"), ("iu", "u"), ("w", "v"), ("y", "i"), ("ks", "x"), ("h", "x"))  # fmt: skip
"""Habits of those who type Bulgarian in Latin letters, each written in one way."""
_SYNONYMS = {
    "math": "математика", "maths": "математика", "bulgarian": "български", "english": "английски", "history": "история",
    "physics": "физика", "chemistry": "химия", "art": "изобразително", "рисуване": "изобразително",
    "sport": "физическо",
    "физкултура": "физическо", "fizkultura": "физическо", "risuvane": "изобразително", "pe": "физическо",
    "информатика": "информационни", "it": "ит", "литература": "бел", "literatura": "бел",
}  # fmt: skip


def named(typed: Sequence[str], names: Iterable[str]) -> list[str]:
    """Those of the names that one of the typed words names; the nearest ones only, where some are nearer."""
    near = {name: sum(likeness(word, name) for word in typed) for name in names}
    nearest = max(near.values(), default=0.0)
    return [name for name, like in near.items() if like and like == nearest]


def likeness(typed: str, name: str) -> float:
    """1: the `plain` word is, begins or abbreviates a word of the name; from 0.8: it is like one; 0: it is not."""
    word = _SYNONYMS.get(typed, typed)
    if fold(word) == fold(usual_subject(name)) or (len(word) > 1 and fold(word) == fold(_initials(name))):
        return 1.0
    return max((_alike(fold(word), fold(part)) for part in words(plain(name))), default=0.0)


def in_full(typed: str, name: str) -> bool:
    """Whether the `plain` word is a whole word of the name, however it is spelt."""
    return fold(typed) in {fold(part) for part in words(plain(name))}


def _initials(name: str) -> str:
    """Of a name of several words: the first letter of a single one stands in any sentence („е“ for Елена)."""
    initials = [part[0] for part in words(plain(name)) if len(part) > 1]
    return "".join(initials) if len(initials) > 1 else ""


def fold(word: str) -> str:
    """One way to write a word, whichever letters it was typed in."""
    latin = to_latin(word.lower())
    for habit, one in _LATIN:
        latin = latin.replace(habit, one)
    return re.sub(r"(.)\1+", r"\1", latin)


def _alike(typed: str, part: str) -> float:
    if len(typed) < SHORTEST:
        return float(typed == part)
    if part.startswith(typed):
        return 1.0
    length = min(len(typed), len(part))
    if length < SHORTEST + 1:
        return 0.0
    like = SequenceMatcher(None, typed[: length + 1], part[: length + 1]).ratio()
    return like if like >= _LIKE else 0.0
