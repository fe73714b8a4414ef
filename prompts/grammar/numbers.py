"""Bulgarian numerals in words: cardinals in three genders and for persons, ordinals with their definite forms.

Rules after the Official Orthographic Dictionary of Bulgarian (the long forms: „единадесет“, „двадесет“, „шестима“).
"""

from enum import Enum
from functools import cache

LIMIT = 1_000_000_000
"""Numbers are spoken below this (a thousand million)."""


class Gender(Enum):
    """Grammatical gender of what is counted; PERSONS is masculine nouns that name people („двама ученици“)."""

    MASCULINE = "masculine"
    FEMININE = "feminine"
    NEUTER = "neuter"
    PERSONS = "persons"


class Article(Enum):
    """The definite article; masculine has a full form for a sentence's subject and a short one elsewhere."""

    NONE = "none"
    SHORT = "short"
    FULL = "full"


_UNITS = (
    *("нула", "един", "два", "три", "четири", "пет", "шест", "седем", "осем", "девет", "десет"),
    *("единадесет", "дванадесет", "тринадесет", "четиринадесет", "петнадесет"),
    *("шестнадесет", "седемнадесет", "осемнадесет", "деветнадесет"),
)
_TENS = (
    *("", "", "двадесет", "тридесет", "четиридесет", "петдесет"),
    *("шестдесет", "седемдесет", "осемдесет", "деветдесет"),
)
_HUNDREDS = (
    *("", "сто", "двеста", "триста", "четиристотин", "петстотин"),
    *("шестстотин", "седемстотин", "осемстотин", "деветстотин"),
)
_BY_GENDER = {
    Gender.MASCULINE: {},
    Gender.FEMININE: {1: "една", 2: "две"},
    Gender.NEUTER: {1: "едно", 2: "две"},
    Gender.PERSONS: {2: "двама", 3: "трима", 4: "четирима", 5: "петима", 6: "шестима"},
}

_ORDINAL_STEMS = (
    *("нулев", "първ", "втор", "трет", "четвърт", "пет", "шест", "седм", "осм", "девет", "десет"),
    *("единадесет", "дванадесет", "тринадесет", "четиринадесет", "петнадесет"),
    *("шестнадесет", "седемнадесет", "осемнадесет", "деветнадесет"),
)
_ORDINAL_HUNDREDS = (
    *("", "стот", "двестот", "тристот", "четиристот", "петстот"),
    *("шестстот", "седемстот", "осемстот", "деветстот"),
)


def _units(n: int, gender: Gender) -> str:
    """1..19 in words."""
    return _BY_GENDER[gender].get(n, _UNITS[n])


def _below_thousand(n: int, gender: Gender) -> list[str]:
    """The words of 1..999 without the joining „и“: [hundreds, tens, units]."""
    hundreds, rest = divmod(n, 100)
    words = [_HUNDREDS[hundreds]] if hundreds else []
    if rest >= 20:
        words.append(_TENS[rest // 10])
        rest %= 10
    if rest:
        words.append(_units(rest, gender))
    return words


def _joined(words: list[str]) -> str:
    """Join with „и“ before the last word only: „сто двадесет и пет“."""
    return " ".join([*words[:-1], "и", words[-1]]) if len(words) > 1 else words[0]


@cache
def cardinal(n: int, gender: Gender = Gender.NEUTER) -> str:
    """`n` (0 <= n < LIMIT) in words, agreeing with `gender`: 121, FEMININE -> „сто двадесет и една“.

    „и“ stands once in a group of three digits, before its last word, and joins the last group to the
    ones before it when that group is one word: „хиляда и двеста“, „две хиляди двадесет и шест“.
    Raises ValueError outside the range.
    """
    if not 0 <= n < LIMIT:
        raise ValueError(f"{n} is outside of the numbers that can be spoken (0 to {LIMIT - 1})")
    if n == 0:
        return _UNITS[0]
    millions, rest = divmod(n, 1_000_000)
    thousands, rest = divmod(rest, 1_000)
    groups: list[list[str]] = []
    if millions:
        one = millions == 1
        words = _below_thousand(millions, Gender.MASCULINE)
        groups.append([*words[:-1], f"{words[-1]} {'милион' if one else 'милиона'}"])
    if thousands == 1:
        groups.append(["хиляда"])
    elif thousands:
        words = _below_thousand(thousands, Gender.FEMININE)
        groups.append([*words[:-1], f"{words[-1]} хиляди"])
    if rest:
        groups.append(_below_thousand(rest, gender))
    spoken = [_joined(words) for words in groups]
    if len(groups) > 1 and len(groups[-1]) == 1:
        spoken.insert(-1, "и")
    return " ".join(spoken)


@cache
def ordinal(n: int, gender: Gender = Gender.MASCULINE, article: Article = Article.NONE) -> str:
    """`n` (1..9999) as an ordinal: 21 -> „двадесет и първи“, 2026, FEMININE -> „две хиляди двадесет и шеста“.

    Only the last word takes the ending and the article: „двадесет и първият“. Raises ValueError outside the range.
    """
    if not 1 <= n <= 9999:
        raise ValueError(f"{n} is outside of the ordinals that can be spoken (1 to 9999)")
    before, stem, hard = _ordinal_parts(n)
    return before + stem + _ordinal_ending(hard, gender, article)


def _ordinal_parts(n: int) -> tuple[str, str, bool]:
    """(words before, stem of the last word, whether the stem is of the kind „стотен, стотна“)."""
    thousands, hundreds, rest = n // 1000, n % 1000 // 100, n % 100
    if rest == 0 and hundreds == 0:
        return "", ("" if thousands == 1 else _thousands_stem(thousands)) + "хиляд", True
    leading: list[str] = []
    if thousands:
        leading.append(cardinal(thousands * 1000))
    if rest == 0:
        return _before(leading, single=True), _ORDINAL_HUNDREDS[hundreds], True
    if hundreds:
        leading.append(_HUNDREDS[hundreds])
    if rest < 20 or rest % 10 == 0:
        stem = _ORDINAL_STEMS[rest] if rest < 20 else _TENS[rest // 10]
        return _before(leading, single=True), stem, False
    return f"{_before(leading, single=False)}{_TENS[rest // 10]} и ", _ORDINAL_STEMS[rest % 10], False


def _thousands_stem(thousands: int) -> str:
    """2 -> „две“ of „двехилядна“."""
    return cardinal(thousands, Gender.FEMININE)


def _before(leading: list[str], *, single: bool) -> str:
    """The words before the last one, with „и“ when the last one is a single word."""
    if not leading:
        return ""
    return " ".join(leading) + (" и " if single else " ")


def _ordinal_ending(hard: bool, gender: Gender, article: Article) -> str:
    if hard:  # стотен, стотна, стотно; хиляден, хилядна
        endings = {Gender.FEMININE: "на", Gender.NEUTER: "но"}
        ending = endings.get(gender, "ен" if article is Article.NONE else "ни")
    else:
        ending = {Gender.FEMININE: "а", Gender.NEUTER: "о"}.get(gender, "и")
    if gender is Gender.FEMININE:
        return ending + ("" if article is Article.NONE else "та")
    if gender is Gender.NEUTER:
        return ending + ("" if article is Article.NONE else "то")
    return ending + {Article.NONE: "", Article.SHORT: "я", Article.FULL: "ят"}[article]
