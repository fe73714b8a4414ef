"""What is read sign by sign: codes and telephone numbers, and the names of school classes."""

import re

from prompts.grammar.numbers import Gender, cardinal, ordinal

DIGITS = {str(digit): cardinal(digit, Gender.NEUTER) for digit in range(10)} | {"*": "звезда", "#": "диез", "+": "плюс"}
"""Signs of a telephone's keys (and the plus of an international number) as they are read."""

LEVELS = range(1, 13)
CLASS_LETTERS = "абвгдежзийк"
"""Letters of parallel classes that nearly every school has; the names of these classes are said in one piece."""

FURTHER_CLASS_LETTERS = "лмнопрстуфхцчшщюя"
"""Those that only large schools come to; the names of these classes are said in two pieces."""

_CLASS_NAME = re.compile(r"^\s*(\d{1,2})\s*[-.]?\s*[„\"']?([а-яa-z]?)[“”\"']?\s*(?:клас)?\s*$", re.IGNORECASE)
_LATIN_TWINS = str.maketrans("abegkopcxmth", "абегкорсхмтн")


def digits(text: str) -> tuple[str, ...]:
    """The readable signs of `text`, each in words; spaces, dashes and brackets are passed over."""
    return tuple(DIGITS[sign] for sign in text if sign in DIGITS)


def school_class(name: str) -> str | None:
    """„8а“ -> „осми а клас“, „8“ -> „осми клас“; None when `name` is not a level of 1..12 with a letter or without.

    A letter that parallel classes do not have is left out. Latin letters that look alike are understood.
    """
    found = _CLASS_NAME.match(name)
    if not found or int(found[1]) not in LEVELS:
        return None
    letter = found[2].lower().translate(_LATIN_TWINS)
    return class_of(int(found[1]), letter if letter in CLASS_LETTERS + FURTHER_CLASS_LETTERS else "")


def class_of(level: int, letter: str) -> str:
    """„осми а клас“, or „осми клас“ without a letter."""
    return " ".join(filter(None, (ordinal(level), letter, "клас")))
