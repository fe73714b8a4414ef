"""Sets of Bulgarian words however they are typed, and of English ones: what a word of a text is looked up in."""

import re
from collections.abc import Iterable, Sequence

from smpp.texts.spelling import any_spelling_of

LONGEST_WORD = 30
"""Letters; what is longer is no word of ours, and is not compared with any."""
MOST_REMEMBERED = 5_000
"""Words of texts whose answer is kept: parents type the same ones again and again."""


class Vocabulary:
    """Words in one of which a `plain` word of a text is looked up: `bulgarian` in any spelling, `english` as they are.

    Both are words with spaces between.
    """

    def __init__(self, bulgarian: str = "", english: str = "") -> None:
        self._bulgarian = any_spelling_of(*bulgarian.split()) if bulgarian else re.compile(r"(?!)")
        self._english = frozenset(english.split())
        self._known: dict[str, bool] = {}

    def __contains__(self, word: str) -> bool:
        if len(word) > LONGEST_WORD:
            return False
        found = self._known.get(word)
        if found is None:
            found = word in self._english or self._bulgarian.fullmatch(word) is not None
            if len(self._known) < MOST_REMEMBERED:
                self._known[word] = found
        return found

    def any(self, words: Iterable[str]) -> bool:
        """Whether one of the words is in it."""
        return any(word in self for word in words)

    def all(self, words: Iterable[str]) -> bool:
        """Whether each of the words is in it."""
        return all(word in self for word in words)


def phrase(words: Sequence[str], *parts: Vocabulary, apart: int = 0) -> bool:
    """Whether words of these sets follow each other, with at most `apart` others between two of them."""
    return any(_follows(words, start, parts, apart) for start, word in enumerate(words) if word in parts[0])


def _follows(words: Sequence[str], start: int, parts: Sequence[Vocabulary], apart: int) -> bool:
    if len(parts) == 1:
        return True
    behind = range(start + 1, min(start + 2 + apart, len(words)))
    return any(words[at] in parts[1] and _follows(words, at, parts[1:], apart) for at in behind)
