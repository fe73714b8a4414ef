"""Words in Latin letters, as Bulgarians say them: known ones by a list, others letter by letter of their sound."""

import re
from functools import cache
from pathlib import Path

from prompts.reading.classes import TWINS
from prompts.reading.rule import Found, rule

FOREIGN_WORDS = Path(__file__).with_name("foreign_words.tsv")

_LETTERS = {
    "a": "ей", "b": "би", "c": "си", "d": "ди", "e": "и", "f": "еф", "g": "джи", "h": "ейч", "i": "ай", "j": "джей",
    "k": "кей", "l": "ел", "m": "ем", "n": "ен", "o": "оу", "p": "пи", "q": "кю", "r": "ар", "s": "ес", "t": "ти",
    "u": "ю", "v": "ви", "w": "дабълю", "x": "екс", "y": "уай", "z": "зет",
}  # fmt: skip
_SOUNDS = {
    "sch": "ш", "tch": "ч", "sh": "ш", "ch": "ч", "zh": "ж", "ts": "ц", "tz": "ц", "ya": "я", "yu": "ю", "ph": "ф",
    "ck": "к", "oo": "у", "ee": "и", "ea": "и", "th": "т", "qu": "ку", "wh": "у", "ou": "у", "ai": "ай", "ay": "ей",
    "ow": "оу", "ce": "се", "ci": "си", "cy": "си", "gh": "г", "kh": "х", "ll": "л", "ss": "с", "tt": "т", "nn": "н",
    "mm": "м", "pp": "п", "ff": "ф", "a": "а", "b": "б", "c": "к", "d": "д", "e": "е", "f": "ф", "g": "г", "h": "х",
    "i": "и", "j": "дж", "k": "к", "l": "л", "m": "м", "n": "н", "o": "о", "p": "п", "q": "я", "r": "р", "s": "с",
    "t": "т", "u": "у", "v": "в", "w": "у", "x": "кс", "y": "и", "z": "з",
}  # fmt: skip
_SOUND = re.compile("|".join(sorted(_SOUNDS, key=len, reverse=True)))
_ACCENTS = str.maketrans("äöüßéèêáàâóòôíìúùçñåøæŠšŽžČč", "aousseeaaaoooiiuucnaoaSsZzCc"[:28])
_TWIN_LETTERS = "aAbBcCeEgGkKoOpPxXyYmMTH"


@cache
def _known() -> dict[str, str]:
    lines = FOREIGN_WORDS.read_text("utf-8").splitlines()
    return dict(line.split("\t") for line in lines if not line.startswith("#"))


def in_cyrillic(word: str) -> str:
    """„Zoom“ -> „зум“; a short word in capitals letter by letter; any other by the sounds of its letters."""
    word = re.sub("['’]", "", word)
    small = word.lower()
    if small in _known():
        return _known()[small]
    if (word.isupper() and len(word) <= 4) or len(word) == 1 or not re.search("[aeiouy]", small):
        return " ".join(_LETTERS[letter] for letter in small)
    said = _SOUND.sub(lambda sound: _SOUNDS[sound[0]], small)
    return said[0].upper() + said[1:] if word[0].isupper() else said


def _mixed(found: Found) -> str | None:
    """Latin letters inside a Bulgarian word are slips of the keyboard when they look alike."""
    word = found[0]
    latin = [letter for letter in word if letter.isascii()]
    if all(letter in _TWIN_LETTERS for letter in latin):
        return word.translate(TWINS)
    return None


def _word(found: Found) -> str:
    left = found.string[found.start() - 1 : found.start()] if found.start() else ""
    right = found.string[found.end() : found.end() + 1]
    gap_left = " " if re.match(r"[А-Яа-я\d]", left) else ""
    gap_right = " " if re.match(r"[А-Яа-я\d]", right) and found[0][-1] != "-" else ""
    return gap_left + in_cyrillic(found[1]) + gap_right


TWIN_RULES = (
    rule(r"(?<![A-Za-zА-Яа-я])([eE])(?=-[а-я])", lambda found: found[1].translate(TWINS)),
    rule(r"(?<![A-Za-zА-Яа-я])([ABEKMHOPCTX])(?=\. ?[А-Я])", lambda found: found[1].translate(TWINS)),
    rule(r"(?<![A-Za-zА-Яа-я])(?=[A-Za-z]{0,30}[А-Яа-я])(?=[А-Яа-я]{0,30}[A-Za-z])[A-Za-zА-Яа-я]{3,40}", _mixed),
)
RULES = (
    rule(r"(?<![A-Za-z])([Ww]i-?[Ff]i|[Ee]-mail|[Hh]ip-[Hh]op)(?![A-Za-z])", _word),
    rule(r"[äöüßéèêáàâóòôíìúùçñåøæŠšŽžČč]", lambda found: found[0].translate(_ACCENTS)),
    rule(r"([A-Za-z]+(?:['’][A-Za-z]+)?)(?:-(?=(?:и|ите|а|ът)\b))?", _word),
)
