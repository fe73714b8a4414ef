"""„ИЗВ [код] [от-до] причина“: which days of which child a parent excuses, and why. Pure.

Days are read by `smpp.texts.excuse_days`; without one it is today. Whatever else stands there is the reason. Days that
could be meant in two ways are asked back.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from smpp.texts.excuse_days import BETWEEN, DATE_SIGNS, SPLIT, Named, Token, find_days, resolved
from smpp.texts.grounds import REASON
from smpp.texts.numbers import subjects_in
from smpp.texts.spelling import any_spelling_of, plain
from smpp.texts.subjects import Subject
from smpp.texts.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Excuse:
    """Days to excuse. `first` None: no day was named; `last` None: it is one day. `reason` empty: none was given.

    `is_bare`: nothing but the word. `unclear`: days are named in a way that could mean others. `neighbours`: the two
    days were joined by „и“, and must follow each other.
    """

    subject: Subject | None = None
    first: Named | None = None
    last: Named | None = None
    reason: str = field(default="", repr=False)
    is_bare: bool = False
    unclear: bool = False
    neighbours: bool = False

    def days(self, today: date) -> tuple[date, date] | None:
        """First and last day, where a first one is named; None: there are no such days."""
        assert self.first is not None
        first = resolved(self.first, today)
        last = first if self.last is None or first is None else resolved(self.last, first)
        if first is None or last is None or last < first:
            return None
        if self.neighbours and last - first > timedelta(days=1):
            return None
        return first, last


MOST_BEFORE = 4
"""Words of manners, labels and numbers before the command."""
PERSONS = 8
"""Digits from which a number may be an ID-code, an ЕГН or a telephone: it is not kept with the reason."""
MOST_TOKENS = 100
"""Words, numbers and signs of a text that are read."""

_EXCUSE = any_spelling_of("изв")
_EXCUSE_IN_FULL = Vocabulary(
    "извинявам извиняваме извиняване извинение извинителна извинено извинена", "excuse excused"
)
"""Excuses only with a day or a code beside it: they are words of ordinary sentences too."""
_ONESELF = Vocabulary("се ме", "me us")
"""„Извинявам се“, “excuse me”."""
_BEFORE = Vocabulary(
    "моля здравейте здравей добър ден добро утро вечер за да ви ще искам искаме код ид номер егн", "please hello hi id"
)
_LABELS = Vocabulary("код кода ид номер егн лнч ученик отсъствие отсъствия отсъствието отсъствията", "id code absence")
_LONGER = Vocabulary("дни дена седмица седмицата седмици месец", "days week weeks")
"""How long it lasts, without the days."""
_TOKEN = re.compile(r"\d+|[^\W\d_]+|[^\w\s]")


def read(text: str) -> Excuse | None:
    """What a text excuses; None: it does not."""
    text = _tidy(text)
    tokens = [Token(plain(found[0]), found.start(), found.end()) for found in _TOKEN.finditer(text)][:MOST_TOKENS]
    at = _command(tokens)
    if at is None:
        return None
    rest = [*tokens[:at], *tokens[at + 1 :]]  # an ID-code may stand before the word
    found = find_days(rest)
    used = set(range(found.start, found.end)) if found else set()
    subject, of_code = _subject(rest, used)
    if not _EXCUSE.fullmatch(tokens[at].word):
        following = tokens[at + 1].word if at + 1 < len(tokens) else ""
        if (not found and not subject) or following in _ONESELF:
            return None
    used |= of_code | set(range(at))
    reason = _reason(text, [one for number, one in enumerate(rest) if number not in used])
    behind = [one for number, one in enumerate(rest) if number not in used and number >= at]
    unclear = not found and _is_unclear(behind)
    return Excuse(
        subject,
        found.first if found else None,
        found.last if found else None,
        reason,
        is_bare=not found and not subject and not reason,
        unclear=unclear,
        neighbours=bool(found and found.neighbours),
    )


def _tidy(text: str) -> str:
    normal = unicodedata.normalize("NFKC", text.replace("\0", " "))
    return "".join(character for character in normal if unicodedata.category(character) != "Cf")


def _command(tokens: Sequence[Token]) -> int | None:
    """Where the word stands: behind manners, labels and numbers only."""
    words_before = 0
    for number, one in enumerate(tokens):
        if not one.is_word:
            continue
        if _EXCUSE.fullmatch(one.word) or one.word in _EXCUSE_IN_FULL:
            return number
        words_before += 1
        if words_before > MOST_BEFORE or one.word not in _BEFORE:
            return None
    return None


def _subject(tokens: Sequence[Token], used: set[int]) -> tuple[Subject | None, set[int]]:
    """The student's number among the tokens that are no day, and which tokens it has; groups only where they check."""
    run: list[int] = []
    runs: list[list[int]] = []
    for number, one in enumerate(tokens):
        if number not in used and one.word.isascii() and one.word.isdigit():
            run.append(number)
        elif number in used or one.is_word or one.word not in {*SPLIT, *DATE_SIGNS}:
            run = []
        if len(run) == 1 and (not runs or runs[-1] is not run):
            runs.append(run)
    for numbers in runs:
        for at in numbers:
            if found := subjects_in([tokens[at].word]):
                return found[0], {at}
        found = subjects_in([tokens[at].word for at in numbers])
        if len(numbers) > 1 and found and found[0].checks:
            return found[0], set(range(numbers[0], numbers[-1] + 1))
    return None, set()


def _reason(text: str, left: Sequence[Token]) -> str:
    """The parent's own words: what is left, without labels and signs before it, and without a person's numbers."""
    kept = [one for one in left if not (one.word.isdigit() and len(one.word) >= PERSONS)]
    while kept and not kept[0].word.isdigit() and (not kept[0].is_word or _is_label(kept[0].word)):
        kept.pop(0)
    words: list[str] = []
    last = kept[0].start if kept else 0
    for one in kept:
        between = text[last : one.start]
        words += [" " if between.strip() or between else "", text[one.start : one.end]]
        last = one.end
    return " ".join("".join(words).split()).strip(" .,;:-–")


def _is_label(word: str) -> bool:
    return word in _LABELS or word in BETWEEN or word in REASON


def _is_unclear(tokens: Sequence[Token]) -> bool:
    """„3 дни“, „тази седмица“, „30-11“: how long, or days that may be others."""
    if any(one.word in _LONGER for one in tokens[:4]):
        return True
    numbers = [one for one in tokens[:3] if one.number is not None]
    return len(numbers) == 2 and len(tokens) > 1 and tokens[1].word in {*SPLIT, *DATE_SIGNS}
