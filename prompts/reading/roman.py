"""Roman numerals: „II срок“, „XI клас“, „I-IV клас“, „XIX в.“, „Симеон II“, typed in Latin letters or look-alikes."""

import re

from prompts.grammar.numbers import Gender, ordinal
from prompts.reading.agreement import LATER_ORDINAL_NOUNS, ORDINAL_NOUNS, next_words, ordinal_gender
from prompts.reading.numerals import SUFFIXES, with_suffix
from prompts.reading.rule import DASH, Found, after, before, closed, rule

_LOOKALIKES = str.maketrans("ХІХ", "XIX")
_VALUES = {"I": 1, "V": 5, "X": 10}
_NUMERAL = r"(?=[IVXІХ])([XХ]{0,3}(?:[IІ][XХ]|[IІ]V|V?[IІ]{0,3}))"
_NOT_BEFORE = r"(?<![A-Za-zА-Яа-яІ\d.\-])"
_NOT_AFTER = r"(?![A-Za-zА-Яа-яІ\d])"
_NOUNS = ORDINAL_NOUNS | LATER_ORDINAL_NOUNS


def value(numeral: str) -> int:
    """1..39. Raises KeyError for other letters."""
    digits = [_VALUES[letter] for letter in numeral.translate(_LOOKALIKES)]
    return sum(-n if n < following else n for n, following in zip(digits, [*digits[1:], 0], strict=True))


def _gender(rest: str) -> Gender | None:
    found = ordinal_gender(2, rest)
    if found:
        return found
    words = next_words(rest, 1)
    if not words:
        return None
    word = words[0]
    if word in ("и", "или", "до"):
        return None
    if word.endswith(("ен", "ски", "ов", "рг", "ст", "нг", "с", "ър", "к", "т", "д")):
        return Gender.MASCULINE
    if word[-1] in "ая":
        return Gender.FEMININE
    return Gender.NEUTER if word[-1] in "ое" else None


_CLASS_AFTER = re.compile(
    r" ?-? ?[а-щюяА-Щ] ?(?:клас\b|кл\.)| ?кл\.|-?[а-щюяА-ЩABE](?![A-Za-zА-Яа-я])"
    r"| [а-зй-щюя](?=,? [^.]{0,20}клас)(?![А-Яа-я])"
    r"| [А-Щ](?![А-Яа-я.])"
)
_CHAIN = re.compile(rf"((?:,? (?:и|или|до) |, ?| ?{DASH} ?)[IVXІХ]{{1,5}}(?![A-Za-zА-Яа-я])){{1,5}}")


def _class_level(found: Found) -> str | None:
    """Before a class's letter or the word „клас“: in digits, which the rules of classes read."""
    n = value(found[1])
    if found[1] == "Х" and re.match("[А-Яа-я]", after(found, 1)):
        return None  # „Хр. Ботев“
    return str(n) if n <= 12 and _CLASS_AFTER.match(after(found)) else None


def _suffixed(found: Found) -> str | None:
    return with_suffix(value(found[1]), found[2])


def _century(found: Found) -> str:
    return closed(f"{ordinal(value(found[1]))} век", found, dotted=True)


def _group(found: Found) -> str:
    return closed(f"{ordinal(value(found[1]), Gender.FEMININE)} група", found, dotted=True)


def _ordinal(found: Found) -> str | None:
    rest = re.sub(r"^ уч\.", "", after(found))
    chain = _CHAIN.match(rest)
    gender = _gender(rest[chain.end() :] if chain else rest)
    numeral = found[1].translate(_LOOKALIKES)
    n = value(numeral)
    last = re.search(r"([А-Яа-я]+) [„\"]?$", before(found))
    if gender is None and last:
        gender = _NOUNS.get(last[1].lower())
        if gender is None and last[1][0].isupper() and last[1][-1] in "ая":
            gender = Gender.FEMININE
    if gender is None and not chain and n in (1, 5, 10) and not last:
        return None
    if gender is None and n in (5, 10) and not chain:
        return None
    return ordinal(n, gender or Gender.MASCULINE)


def _range(found: Found) -> str | None:
    low, high = value(found[1]), value(found[2])
    rest = after(found)
    if re.match(r" ?(?:клас\b|кл\.)", rest):
        return f"{ordinal(low)} до {ordinal(high)}"
    if found["century"]:
        return closed(f"{ordinal(low)} до {ordinal(high)} век", found, dotted=True)
    gender = _gender(rest) or Gender.MASCULINE
    return f"{ordinal(low, gender)} до {ordinal(high, gender)}"


RULES = (
    rule(rf"{_NOT_BEFORE}{_NUMERAL} ?{DASH} ?{_NUMERAL}(?P<century> ?в\.)?{_NOT_AFTER}", _range),
    rule(rf"{_NOT_BEFORE}{_NUMERAL}(?![\dІ]|[A-ZА-Я]{{2}})(?=[ а-щюяА-ЩABE-])", _class_level),
    rule(rf"{_NOT_BEFORE}{_NUMERAL} ?{DASH} ?({SUFFIXES})\b", _suffixed),
    rule(rf"{_NOT_BEFORE}{_NUMERAL} ?в\.", _century),
    rule(rf"{_NOT_BEFORE}{_NUMERAL} ?гр\.", _group),
    rule(rf"{_NOT_BEFORE}{_NUMERAL}{_NOT_AFTER}(?!-[A-Za-zА-Яа-я]|[.:]\d)", _ordinal),
)
