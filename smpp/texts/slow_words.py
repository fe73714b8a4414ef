"""„БАВНО“, „НОРМАЛНО“: whether a text is the wish to be spoken to slowly, or as usual again. Pure.

One of the wishes of `smpp.texts.wish_words`, and under their rules: the whole text must be one. Why somebody wants to
be spoken to slowly, „че не чувам“, may stand beside it, in words that say nothing else.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from smpp.texts.spelling import either


@dataclass(frozen=True, slots=True)
class SlowSpeech:
    """Calls that speak slowly, or (`wanted` False) as usual again."""

    wanted: bool


_DESIRED = either("искам", "искаме", "желая", english="want")
_SPEAK = either("говорете", "говорите", "говори", english="speak|talk")
_BEFORE_SPEAK = either("да", "ми", english="please")
_BEHIND_SPEAK = either("ми", english="to|me")
"""„искам да ми говорите“, „говорете ми“."""
_MORE = either("по", english="more")
_SLOW = either("бавно", "бавна", "бавен", "побавно", "побавна", english="slow|slower|slowly")
_USUAL = either("нормално", "нормална", "нормален", "обичайно", "обичайна", english="normal|normally|usual")
_QUICKER = either("бързо", "бърза", "побързо", english="faster|quicker")
_COMPARED = ("faster", "quicker")
"""„Бързо!“ alone is somebody in a hurry."""
_SPEECH = either("реч", "говор", "скорост", english="speech|speed")
_BECAUSE = either("че", "защото", "понеже", "щото", english="because")
_IN_REASON = {
    "n": either("не", english="not|cannot|cant|t"),
    "c": either("мога", "успявам"),
    "d": either("да"),
    "h": either("чувам", "чуваме", "чуя", "разбирам", "разбираме", "разбера", english="hear|understand"),
    "l": either("трудно", "зле", "лошо", "слабо", english="badly|hardly"),
    "f": either("недочувам", "недочуваме"),
    "": either("ви", "аз", "ние", "добре", "много", "вече", "нищо", english="i|we|can|don|do|you|well|very"),
}
"""The words of a reason by their part in it."""
_REASON = re.compile("n(cd?)?h|lh|hl|f")
"""„не чувам“, „не мога да Ви чуя“, „трудно чувам“, „чувам зле“, „недочувам“."""
_MOST_OF_REASON = 7
"""Words."""


def read(words: Sequence[str]) -> SlowSpeech | None:
    """„бавно“, „говорете ми по-бавно, че не чувам“, „бавна реч“; „нормално“, „по-бързо“, „нормална скорост“."""
    return _wish(words) or (SlowSpeech(True) if _wish(_without_reason(words)) == SlowSpeech(True) else None)


def _without_reason(words: Sequence[str]) -> Sequence[str]:
    """The words without why they are written; where no „че“ begins it, they name speaking, unlike „не чувам бавно“."""
    for at in range(1, len(words)):
        before, behind = words[:at], words[at:]
        if _BECAUSE.fullmatch(behind[0]) and _is_reason(behind[1:]):
            return before
        if _names_speaking(before) and _is_reason(behind):
            return before
        if _is_reason(before) and _names_speaking(behind):
            return behind
    return ()


def _is_reason(words: Sequence[str]) -> bool:
    return len(words) <= _MOST_OF_REASON and bool(_REASON.fullmatch("".join(map(_part, words))))


def _part(word: str) -> str:
    return next((part for part, pattern in _IN_REASON.items() if pattern.fullmatch(word)), "?")


def _names_speaking(words: Sequence[str]) -> bool:
    return bool(_SPEAK.fullmatch(words[0]) or _DESIRED.fullmatch(words[0]))


def _wish(words: Sequence[str]) -> SlowSpeech | None:
    given = _behind_speak(words)
    asked = len(given) < len(words)
    if more := len(given) > 1 and given[0] != "no" and bool(_MORE.fullmatch(given[0])):
        given.pop(0)
    if len(given) == 2 and _SPEECH.fullmatch(given[1]):
        given.pop()
    if len(given) != 1:
        return None
    if _SLOW.fullmatch(given[0]):
        return SlowSpeech(True)
    if _USUAL.fullmatch(given[0]) or (_QUICKER.fullmatch(given[0]) and (more or asked or given[0] in _COMPARED)):
        return SlowSpeech(False)
    return None


def _behind_speak(words: Sequence[str]) -> list[str]:
    """The words behind „искам да ми говорите“, „говорете ми“, „искам“; all where nothing of it stands before them."""
    given = list(words[1:] if words and _DESIRED.fullmatch(words[0]) else words)
    behind = list(given)
    while behind and _BEFORE_SPEAK.fullmatch(behind[0]):
        behind.pop(0)
    if not behind or not _SPEAK.fullmatch(behind[0]):
        return given
    behind.pop(0)
    while behind and _BEHIND_SPEAK.fullmatch(behind[0]):
        behind.pop(0)
    return behind


def is_near(words: Sequence[str]) -> bool:
    """Whether the words are so near such a wish that they are asked back."""
    return len(words) <= 8 and bool(_SPEAK.fullmatch(words[0])) and any(map(_SLOW.fullmatch, words[1:]))
