"""Classes as lists write them -> (level, letter): „8а“, „VIII б“, „5 а, б, в“, „5а-8в“, „5B“ with a Latin letter."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from errors import InputError
from school.roster.tables import Value

ClassName = tuple[int, str]
CLASSES = "8а, 8б"
"""How classes are written, as an example."""
LETTERS = "абвгдежзийклмнопрстуфхцчшщюя"
"""In the order in which classes get them."""
_LATIN_SURE = str.maketrans("adegv", "адегв")
"""Latin letters that can mean but one Cyrillic; b may be typed for б and looks like В, so it is asked for."""
_BY_ORDER = dict(zip("abcdefghij", LETTERS, strict=False))
_BY_SOUND = dict(zip("abvgdejziklmnoprstufh", "абвгдежзиклмнопрстуфх", strict=True))
_BY_LOOK = dict(zip("abcehkmoptxy", "авсенкмортху", strict=True))
_ROMAN = {
    roman: level
    for level, roman in enumerate(
        ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"), 1
    )
}  # fmt: skip
_ORDINALS = (
    "първи", "втори", "трети", "четвърти", "пети", "шести", "седми", "осми", "девети", "десети", "единадесети",
    "дванадесети",
)  # fmt: skip
_ORDINAL = re.compile(rf"^({'|'.join(_ORDINALS)})\b")
_WORDS = re.compile(r"\b(?:клас(?:ове|а|ът)?|кл|паралелк[аи](?:та)?|par|class)\b\.?", re.IGNORECASE)
NOT_A_CLASS = "“{text}” is not a class: write it in Cyrillic, like {example}."
LATIN = "“{text}” is written with a Latin letter: choose the class."


class LatinLetterError(InputError):
    """A class whose letter is Latin and could be more than one Cyrillic letter."""

    def __init__(self, text: str, level: int, letter: str) -> None:
        super().__init__(LATIN, text=text)
        self.level, self.letter = level, letter


@dataclass(frozen=True, slots=True)
class ClassRange:
    """„5а-8в“: of each level those of these letters that the school has; without letters all of each level."""

    first_level: int
    last_level: int
    letters: str

    def holds(self, name: ClassName) -> bool:
        """Whether a class is within it."""
        level, letter = name
        return self.first_level <= level <= self.last_level and (not self.letters or letter in self.letters)


def class_name(text: str) -> ClassName:
    """„8а“, „8 А“, „VIII б“, „8-в клас“, also with a Latin letter -> (8, "а"); „8“ -> (8, "").

    Raises LatinLetterError for a Latin letter that may mean several, InputError for what is no class.
    """
    level, letter = _parts(text)
    letter = letter.translate(_LATIN_SURE)
    if level is not None and re.fullmatch("[a-z]", letter):
        raise LatinLetterError(text[:40], level, letter)
    if level is None or not 1 <= level <= 12 or not re.fullmatch("[а-я]{0,2}", letter):
        raise InputError(NOT_A_CLASS, text=text[:40], example="8а")
    return level, letter


def _parts(text: str) -> tuple[int | None, str]:
    bare = _ORDINAL.sub(lambda said: str(_ORDINALS.index(said[1]) + 1), _WORDS.sub("", text.lower()).strip())
    bare = re.sub(r"(?<=\d)\s*-?\s*(?:ми|ви|ти|ри)\b", "", bare)
    bare = re.sub(r"[\s\"'„“”«»()_.,:\-–—/]+", "", bare)
    if roman := re.fullmatch(r"([ivxхі]+)(.*)", bare):
        return _ROMAN.get(roman[1].replace("х", "x").replace("і", "i").upper()), roman[2]
    match = re.fullmatch(r"(\d{1,2})(.*)", bare)
    return (int(match[1]), match[2]) if match else (None, "")


def class_names(text: str) -> tuple[tuple[ClassName, ...], tuple[ClassRange, ...]]:
    """„8а, 8б; 9а“, „5 а, б, в“, „5а-8в“ -> classes, each once, and ranges of them. Raises InputError."""
    names: list[ClassName] = []
    ranges: list[ClassRange] = []
    level: int | None = None
    for part in re.split(r"[,;\n+&]| и |(?<=[а-яА-Я])\s+(?=\d)", text):
        part = re.sub(r"^\s*от\s+", "", part.strip())
        if not part:
            continue
        if level is not None and re.fullmatch(r"[а-яА-Яa-zA-Z]", part):
            part = f"{level}{part}"
        if (span := _range(part)) is not None:
            ranges.append(span)
            level = span.last_level
            continue
        found = _together(part) or (class_name(part),)
        level = found[-1][0]
        names += found
    if not names and not ranges:
        raise InputError("Write the classes like {example}.", example=CLASSES)
    return tuple(dict.fromkeys(names)), tuple(dict.fromkeys(ranges))


def _range(part: str) -> ClassRange | None:
    """„5а-8в“, „5-8“, „5а-в“, „5а до 5г“; None: it is one class („8-в“)."""
    halves = re.fullmatch(r"(.+?)\s*(?:[-–—]|до)\s*(.+)", _WORDS.sub("", part).strip())
    if halves is None:
        return None
    before, after = halves[1].strip(), halves[2].strip()
    try:
        first = class_name(before)
        last = (first[0], after.lower()) if first[1] and re.fullmatch("[а-яА-Я]", after) else class_name(after)
    except InputError:
        return None
    if first[0] > last[0] or bool(first[1]) != bool(last[1]):
        return None
    if not first[1]:
        return ClassRange(first[0], last[0], "")
    begin, end = LETTERS.find(first[1]), LETTERS.find(last[1])
    return ClassRange(first[0], last[0], LETTERS[begin : end + 1]) if 0 <= begin <= end else None


def _together(part: str) -> tuple[ClassName, ...]:
    """„5абв“ and „5а/б“: several letters after one level; none when it is not so."""
    level, letters = _parts(part)
    strokes = re.fullmatch(r"\s*[\divxIVX]+\s*[а-яА-Я](?:\s*/\s*[а-яА-Я])+\s*", part)
    if level is None or not (strokes or (len(letters) > 2 and letters in LETTERS)):
        return ()
    return tuple((level, letter) for letter in letters)


def guess(level: int, letter: str, seen: Iterable[tuple[int, str]], school: Collection[ClassName]) -> str:
    """What a Latin letter means beside its neighbours, as „5б“; empty: nothing tells.

    `seen` are level and letter of the other classes of the file, Latin ones as they are written.
    """
    letters = {one for _, one in seen}
    here = {one for near, one in seen if near == level and one != letter}
    latin = {one for one in letters if re.fullmatch("[a-z]", one)}
    if "v" in latin or "g" in latin:
        ways = (_BY_SOUND, _BY_ORDER, _BY_LOOK)
    elif {"a", "b", "c"} <= letters | {letter} or latin & {"d", "f"} or not letters & set(LETTERS[1:]):
        ways = (_BY_ORDER, _BY_SOUND, _BY_LOOK)
    else:
        ways = (_BY_LOOK, _BY_ORDER, _BY_SOUND)
    meant = [way[letter] for way in ways if letter in way and way[letter] not in here]
    known = [one for one in meant if (level, one) in school]
    best = next(iter(known or ([] if school else meant)), "")
    return f"{level}{best}" if best else ""


def raw_parts(value: Value) -> tuple[int, str] | None:
    """Level and letter as they are written, for the neighbours of a Latin letter."""
    level, letter = _parts(str(value or ""))
    return (level, letter) if level is not None and 1 <= level <= 12 else None
