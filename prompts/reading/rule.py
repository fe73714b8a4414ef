"""What a rule of the reading is: a pattern, and the words for what it finds."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

Found = re.Match[str]

DASH = "[-–—−]"
"""What people type between the ends of a range."""

SPACE = "[ \u00a0\u2009\u202f]"
"""A space that keeps a number and its unit together may be any of these."""

END = r"(?![A-Za-zА-Яа-яЀѝ\u0300])"
"""After an abbreviation: no letter goes on."""

START = r"(?<![A-Za-zА-Яа-яЀѝ\u0300])"
"""Before an abbreviation: no letter comes before."""


def words_of(text: str) -> frozenset[str]:
    """The words of a list that is written as one text."""
    return frozenset(text.split())


@dataclass(frozen=True)
class Rule:
    """`words` gives the reading of what `pattern` finds; None leaves it for the rules that follow.

    Patterns repeat nothing without a limit next to something alike, so that reading takes time in proportion to length.
    """

    pattern: re.Pattern[str]
    words: Callable[[Found], str | None]

    def apply(self, text: str) -> str:
        return self.pattern.sub(self._words, text)

    def _words(self, found: Found) -> str:
        words = self.words(found)
        return found[0] if words is None else words


def rule(pattern: str, words: Callable[[Found], str | None], flags: int = 0) -> Rule:
    return Rule(re.compile(pattern, flags), words)


def applied(rules: Iterable[Rule], text: str) -> str:
    """`text` after each rule in turn."""
    for each in rules:
        text = each.apply(text)
    return text


def before(found: Found, width: int = 40) -> str:
    """What stands before the place, at most `width` signs of it."""
    return found.string[max(0, found.start() - width) : found.start()]


def after(found: Found, width: int = 60) -> str:
    """What stands after the place, at most `width` signs of it."""
    return found.string[found.end() : found.end() + width]


_NEXT_SENTENCE = re.compile(r"\s*$|\s+[„\"“(]?[А-ЯA-Z][а-яa-z]|\s*\n")
_JOINS = re.compile(r"[A-Za-zА-Яа-я0-9„\"“]")


def closed(words: str, found: Found, *, dotted: bool) -> str:
    """`words` for an abbreviation at whose end a sentence may end too: its full stop stays there, and only there.

    dotted: the place ends with the abbreviation's own full stop. A space is put in where a word follows at once.
    """
    rest = after(found, 8)
    if dotted and _NEXT_SENTENCE.match(rest):
        return words + "."
    return words + (" " if _JOINS.match(rest) else "")
