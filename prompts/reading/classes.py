"""Names of classes: „8а“, „11 Б“, „8-а клас“, and how people name a class's letter."""

import re

from prompts.grammar.numbers import cardinal, ordinal
from prompts.grammar.spelling import LEVELS
from prompts.reading.rule import DASH, Found, after, before, closed, rule

LETTER_NAMES = {
    "а": "а", "б": "бе", "в": "ве", "г": "ге", "д": "де", "е": "е", "ж": "же", "з": "зе", "и": "и", "й": "и кратко",
    "к": "ка", "л": "ел", "м": "ем", "н": "ен", "о": "о", "п": "пе", "р": "ер", "с": "ес", "т": "те", "у": "у",
    "ф": "еф", "х": "ха", "ц": "це", "ч": "че", "ш": "ша", "щ": "ща", "ъ": "ер голям", "ь": "ер малък", "ю": "ю",
    "я": "я",
}  # fmt: skip
"""How people name a letter that stands alone: of a class („осми бе клас“), an entrance, a variant."""

TWINS = str.maketrans("aAbBcCeEgGkKoOpPxXyYmMTHd", "аАбБсСеЕгГкКоОрРхХуУмМТНд")
"""Latin letters typed for the Bulgarian ones that look alike, or that they stand for."""

_LETTER = r"[а-щюяА-ЩЮЯabegkoABEGKOPCXMTH]"
_LEVEL = r"(?<![\w.,:/\-])(1[0-2]|[1-9])"
_MORE = re.compile(
    rf"(?:,? ?(?:и|или|до|срещу|със?) |, ?|/ ?| ?{DASH} ?)"
    rf"(?:(?:1[0-2]|[1-9]) ?-?{_LETTER}(?![A-Za-zА-Яа-я])|{_LETTER}(?![A-Za-zА-Яа-я]))"
    r"|(?:,? ?(?:и|или|до) |, ?)[а-я]{3,14}и [а-я]{1,3} (?:и |клас)"
    r"|,? ?\(?клас| ?кл\."
)
"""More classes follow, or the word itself."""

_FEMININE_FOLLOWS = re.compile(r" (?!на\b|за\b|та\b)[а-я]+[ая]\b")
_SPEAKS_OF_CLASSES = re.compile(
    r"(?:\b(?:от|на|в|за|със?|към|при|и|ученици|паралелка|клас|класове)|,) $|\d ?-?[а-я][,и ]{1,3}$", re.IGNORECASE
)
_STREET = re.compile(
    r"(?:\b(?:ул|бул|пл|кв|бл|ст|каб)\.|№|\b(?:улица|булевард|блок|номер|зала|стая|кабинет))[^,;\d]{0,36}$",
    re.IGNORECASE,
)
_UNITS = "млчт"
"""„5м“ without the word is a measure; „5г“ may be either, and at school is the class."""


def letter(sign: str) -> str:
    """The name of a class's letter."""
    small = sign.translate(TWINS).lower()
    return LETTER_NAMES.get(small, small)


def _with_class(found: Found) -> str | None:
    """„8а клас“, „8 „А“ клас“, „8 а кл.“."""
    if re.match(r"\d+ ?[-–] ?и ", found[0]):
        return None  # „10-и клас“ is an ordinal
    words = f"{ordinal(int(found[1]))} {letter(found[2])} клас"
    return closed(words, found, dotted=found[0].endswith("."))


def _alone(found: Found) -> str | None:
    """„8а“, „8-Б“, „8 Б“; the word „клас“ is put in unless it stands near."""
    level, sign = int(found[1]), found[3]
    if found[2].strip() and sign == "и":
        return None  # „6-и час“
    tight = not found[2]
    if tight and sign in _UNITS:
        return None
    if found[2] == " " and sign.islower():
        return None
    if found[2] in ("-", "–") and sign == "а":  # „5-а задача“ is an ordinal, and so is „5-а“ with nothing around it
        rest = after(found)
        if _FEMININE_FOLLOWS.match(rest) or not (_MORE.match(rest) or _SPEAKS_OF_CLASSES.search(before(found))):
            return None
    if _STREET.search(before(found)):
        return f"{cardinal(level)} {letter(sign)}"
    words = f"{ordinal(level)} {letter(sign)}"
    named = _MORE.match(after(found)) or re.search(
        r"(?:клас|класове|паралелк[аи])(?:овете)?:? $", before(found), re.IGNORECASE
    )
    return words if named else f"{words} клас"


def _several(found: Found) -> str | None:
    """„8 а, б и в клас“: one level, several letters."""
    if re.match(r"\d+ ?[-–]", found[0]) and found[2] == "и":
        return None
    letters = re.sub(rf"{_LETTER}(?![А-Яа-я])", lambda one: letter(one[0]), found[3])
    return f"{ordinal(int(found[1]))} {letter(found[2])}{letters}"


def _short_word(found: Found) -> str:
    return closed(f"{found[1]} клас", found, dotted=True)


def _only_letter(found: Found) -> str:
    return f"{letter(found[1])} клас"


_ORDINALS = "|".join(ordinal(level) for level in LEVELS)
RULES = (
    rule(
        rf"{_LEVEL} ?[-–]? ?({_LETTER})((?:, ?{_LETTER}(?![А-Яа-я])){{0,8}} (?:и|или) {_LETTER})(?= клас\b)", _several
    ),
    rule(rf"{_LEVEL} ?[-–.]? ?({_LETTER}) ?\(?(?:клас\b|кл\.)", _with_class),
    rule(rf"{_LEVEL}( ?[-–] ?| |\.|)([а-щюяА-ЩЮЯaAbBeE])(?![A-Za-zА-Яа-я0-9]|\.[А-Яа-я]|\. [А-Я])", _alone),
    rule(r"(?<![\w.,])(\d{1,2}(?: ?[-–] ?\d{1,2})?) ?кл\.", _short_word),
    rule(
        rf"\b({_ORDINALS})((?: [а-я]{{1,3}})?) кл\.",
        lambda found: closed(f"{found[1]}{found[2]} клас", found, dotted=True),
    ),
    rule(rf"\b({_ORDINALS}) ([а-щюя])(?= клас\b)", lambda found: f"{found[1]} {letter(found[2])}", re.IGNORECASE),
    rule(r"^([а-щюя]) клас(?![а-я])", _only_letter),
)
