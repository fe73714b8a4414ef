"""„МАХНИ 32“, „МАХНИ ИМЕЙЛ“: ending another's following, or one's own letters."""

import re

from smpp.texts.commands import Remove
from smpp.texts.requests import LETTERS, REQUEST_WORDS
from smpp.texts.spelling import DIGITS_BEHIND, either
from smpp.texts.vocabulary import Vocabulary

_REMOVE = either("махни", "махнете", "премахни", "премахнете", "махам", english="remove")
_MASKED = re.compile(r"\*\s?(\d{2})\b")
"""The end of a number as a warning shows it: +359 89* *** *32."""
_BESIDE_REMOVAL = Vocabulary(
    "моля номер номера номерът телефон телефона този за от до мерси благодаря", "please number"
)


def read(text: str, numbers: list[str], spoken: list[str]) -> Remove | None:
    """„махни 32“, „махни имейл“, or the word alone: a sentence that begins with it removes nobody."""
    first = [DIGITS_BEHIND.sub("", word) for word in spoken[:REQUEST_WORDS]]
    at = next((at for at, word in enumerate(first) if _REMOVE.fullmatch(word)), None)
    if at is None:
        return None
    if glued := DIGITS_BEHIND.search(spoken[at]):  # „махни32“
        numbers = [*numbers, glued[0]]
    others = [word for other, word in enumerate(spoken) if other != at]
    if not numbers and len(others) <= REQUEST_WORDS and any(map(LETTERS.fullmatch, others)):
        return Remove(letters=True)
    if masked := _MASKED.search(text):
        return Remove(masked[1])
    if all(word in _BESIDE_REMOVAL for word in others):
        return Remove("".join(numbers) or None)
    return None
