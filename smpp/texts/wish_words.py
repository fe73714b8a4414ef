"""From a parent's words to what they want to be told on the telephone, and when. Pure.

A wish changes what a family learns, so the whole text must be one: „БЕЗ ОЦЕНКИ“ inside a sentence changes nothing.
What looks like a wish and is none is asked back.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from db.kinds import Channel, EventKind
from smpp.texts import slow_words
from smpp.texts.slow_words import SlowSpeech
from smpp.texts.spelling import any_spelling_of, either

TELEPHONE = (Channel.SMS, Channel.CALL)
"""What a text changes when it names no channel: letters have choices of their own."""


@dataclass(frozen=True, slots=True)
class Kinds:
    """Be told of these kinds on these channels from now on, or no more (`wanted` False)."""

    kinds: frozenset[EventKind]
    wanted: bool
    channels: tuple[Channel, ...] = TELEPHONE


@dataclass(frozen=True, slots=True)
class Hour:
    """Be told on the channel once a day at this hour (0..23), or at once (None)."""

    channel: Channel
    hour: int | None


@dataclass(frozen=True, slots=True)
class NoCalls:
    """No news by calls."""


@dataclass(frozen=True, slots=True)
class TextOnly:
    """Texts and no calls at all, or (`wanted` False) calls again."""

    wanted: bool


@dataclass(frozen=True, slots=True)
class WrongHour:
    """An hour was wanted that cannot be given: 18:30, 25, or none was named."""

    channel: Channel


@dataclass(frozen=True, slots=True)
class HowItStands:
    """What is told and when is asked for."""


@dataclass(frozen=True, slots=True)
class UnclearWish:
    """Something like a wish: nothing is changed."""


Changes = Kinds | Hour | NoCalls | TextOnly | SlowSpeech
Wish = Changes | WrongHour | HowItStands | UnclearWish

MOST_WORDS = 20
"""A wish has no more: all kinds with „без“ before each, and manners."""


_KINDS: dict[EventKind, re.Pattern[str]] = {
    EventKind.GRADE: either(
        "оценки", "оценка", "оценките", "оценката", "бележки", "бележките", english="grades?|marks?"
    ),
    EventKind.ABSENCE: either(
        "отсъствия", "отсъствие", "отсъствията", "отсъствието", "отсаствия", "отсаствие", "отсаствията",
        english="absences?",
    ),
    EventKind.REMARK: either("забележки", "забележка", "забележките", "забележката", english="remarks?"),
    EventKind.HEALTH: either("здраве", "здравето", "здравни", "здравна", "здравните", english="health"),
    EventKind.MEETING: either(
        "срещи", "среща", "срещите", "срещата", "родителски", "родителска", "родителските", english="meetings?"
    ),
    EventKind.EVENT: either(
        "събития", "събитие", "събитията", "събитието", "мероприятия", "мероприятие", english="events?"
    ),
}  # fmt: skip
_BEHIND_KIND: dict[EventKind, re.Pattern[str]] = {
    EventKind.HEALTH: either("бележки", "бележка", "бележките", english="notes?"),
    EventKind.MEETING: either("срещи", "среща", "срещите", "срещата"),
}
"""The noun behind „здравни“ and „родителски“."""
_EVERYTHING = either("всичко", "всички", english="everything|all")
_WITHOUT = either("без", "бес", english="without|no")
_WITH = either("със", "с", english="with")
_AND = either("и", english="and")
_NOT = either("не", "няма", "никога", "недей", "недейте", "изключи", english="no|not|never|off")
_YES = either("да", "включи", english="yes|on")
_WANT = either("искам", "искаме", "желая", "ми", "пращай", "пращайте", english="want")
_CALLS = either("обаждания", "обаждане", "обажданията", "обаждането", english="calls?")
_SMS = either("смс", "есемес", english="sms")
_ONLY = either("само", "единствено", english="only|just")
_TEXT = either(
    "текст", "текстове", "текстово", "съобщения", "съобщение", "писмено", "смс", "есемес", "есемеси",
    english="texts?|sms|messages",
)  # fmt: skip
_BY = either("с", "със", "по", "на", "чрез", english="by|with")
"""„само с текст“, „само по SMS“."""
_HOUR = either("час", "часа", "часът", english="hour|daily")
_ONCE_A_DAY = re.compile(
    "|".join([" ".join(f"(?:{any_spelling_of(word).pattern})" for word in ("веднъж", "на", "ден")), "once a day"])
)
"""As our answers say it."""
_GLUED_HOUR = re.compile(f"({_HOUR.pattern}|{_CALLS.pattern})" + r"(\d{1,4})")
"""„ЧАС18“."""
_AT_ONCE = either("веднага", english="immediately")
_AT = either("в", "във", "на", english="at")
_OCLOCK = re.compile(r"ч|часа?|chasa?|ch|h|oclock|o|clock")
_CLOCK = re.compile(_OCLOCK.pattern + r"|[ap]m|\d+(?:(?:ч|ch|h)\d*|[ap]m)?|и|i|and|в|v|at")
_ONE_HOUR = re.compile(r"(\d{1,2})(?:ч|ch|h)?")
_POLITE = either("моля", "молим", "благодаря", "мерси", english="please|thanks")
_SETTINGS = either("настрой", "настройки", "настройка", "настройките", "настройте", english="settings?")


def read(typed: Sequence[str]) -> Wish | None:
    """The wish in the words of a text; None: none, and nothing like one."""
    words = _without_manners(typed[: MOST_WORDS + 1])
    if not words or _asks_how(words):
        return HowItStands() if words else None
    wish = _whole(words) if len(typed) <= MOST_WORDS else None
    return wish or (UnclearWish() if _is_near(words) else None)


def names_a_kind(words: Sequence[str]) -> bool:
    """Whether one of the first words names a kind of news."""
    return any(_kind(word) for word in words[:MOST_WORDS])


def _without_manners(typed: Sequence[str]) -> list[str]:
    words = list(typed)
    while words and _POLITE.fullmatch(words[0]):
        words.pop(0)
    while words and _POLITE.fullmatch(words[-1]):
        words.pop()
    if words and (glued := _GLUED_HOUR.fullmatch(words[0])):
        words[:1] = [glued[1], glued[2]]
    return words


def _asks_how(words: Sequence[str]) -> bool:
    return any(map(_SETTINGS.fullmatch, words[:3])) or (len(words) == 1 and bool(_CALLS.fullmatch(words[0])))


def _whole(words: Sequence[str]) -> Wish | None:
    """A wish and nothing else."""
    if (text_only := _text_only(words)) is not None:
        return text_only
    if (slow_speech := slow_words.read(words)) is not None:
        return slow_speech
    if _CALLS.fullmatch(words[0]):
        return _of_calls(words[1:])
    if _SMS.fullmatch(words[0]):
        return _when(words[1:], Channel.SMS) or _which(words[1:], (Channel.SMS,))
    if len(words) == 2 and _WITHOUT.fullmatch(words[0]) and _CALLS.fullmatch(words[1]):
        return NoCalls()
    return _when(words, Channel.SMS) or _which(words, TELEPHONE)


def _text_only(words: Sequence[str]) -> TextOnly | None:
    """„само текст“, „само със SMS“, „text only“; „с обаждания“."""
    if len(words) == 2 and _WITH.fullmatch(words[0]) and _CALLS.fullmatch(words[1]):
        return TextOnly(False)
    if len(words) == 3 and _ONLY.fullmatch(words[0]) and _BY.fullmatch(words[1]):
        words = [words[0], words[2]]
    if len(words) != 2:
        return None
    said = (_ONLY.fullmatch(words[0]) and _TEXT.fullmatch(words[1])) or (
        _TEXT.fullmatch(words[0]) and _ONLY.fullmatch(words[1])
    )
    return TextOnly(True) if said else None


def _of_calls(words: Sequence[str]) -> Wish | None:
    if len(words) == 1 and _NOT.fullmatch(words[0]):
        return NoCalls()
    if len(words) == 1 and _YES.fullmatch(words[0]):
        return WrongHour(Channel.CALL)
    return _when(words, Channel.CALL) or _which(words, (Channel.CALL,)) or _hour(words, Channel.CALL)


def _when(words: Sequence[str], channel: Channel) -> Wish | None:
    if (len(words) == 1 and _AT_ONCE.fullmatch(words[0])) or [*words] == ["at", "once"]:
        return Hour(channel, None)
    if words and _HOUR.fullmatch(words[0]):
        return _hour(words[1:], channel)
    if _ONCE_A_DAY.fullmatch(" ".join(words[:3])):
        return _hour(words[3:], channel)
    return None


def _hour(words: Sequence[str], channel: Channel) -> Wish | None:
    """„18“, „в 18 часа“, „18:00“; None: these words are no time at all."""
    given = list(words)
    if given and _AT.fullmatch(given[0]):
        given.pop(0)
    while given and _OCLOCK.fullmatch(given[-1]):
        given.pop()
    if len(given) == 2 and given[1] == "00":
        given.pop()
    one = _ONE_HOUR.fullmatch(given[0]) if len(given) == 1 else None
    if one and int(one[1]) <= 23:
        return Hour(channel, int(one[1]))
    return WrongHour(channel) if all(map(_CLOCK.fullmatch, given)) else None


def _which(words: Sequence[str], channels: tuple[Channel, ...]) -> Wish | None:
    """„без оценки и срещи“, „със всичко“."""
    if not words:
        return None
    wanted = bool(_WITH.fullmatch(words[0]))
    way = _WITH if wanted else _WITHOUT
    if not way.fullmatch(words[0]):
        return None
    if wanted and len(words) == 2 and _EVERYTHING.fullmatch(words[1]):
        return Kinds(frozenset(EventKind), True, channels)
    found: set[EventKind] = set()
    kind: EventKind | None = None
    for word in words[1:]:
        if kind in _BEHIND_KIND and _BEHIND_KIND[kind].fullmatch(word):
            kind = None
        elif named := _kind(word):
            kind = named
            found.add(named)
        elif _AND.fullmatch(word) or way.fullmatch(word):
            kind = None
        else:
            return None
    return Kinds(frozenset(found), wanted, channels) if found else None


def _kind(word: str) -> EventKind | None:
    return next((kind for kind, pattern in _KINDS.items() if pattern.fullmatch(word)), None)


def _is_near(words: Sequence[str]) -> bool:
    """Whether the words are so near a wish that they are asked back and not taken for another command."""
    first, behind = words[0], words[1:]
    if len(words) <= 6 and _ONLY.fullmatch(first) and any(map(_TEXT.fullmatch, behind)):
        return True
    if _CALLS.fullmatch(first) or (_WITHOUT.fullmatch(first) and first != "no"):
        return True
    if _WITH.fullmatch(first) or _WITHOUT.fullmatch(first) or _NOT.fullmatch(first):
        while behind and (_WANT.fullmatch(behind[0]) or _POLITE.fullmatch(behind[0])):
            behind = behind[1:]
        if behind and (_kind(behind[0]) or _CALLS.fullmatch(behind[0])):
            return True
    if slow_words.is_near(words):
        return True
    if len(words) == 2 and _kind(first) and _NOT.fullmatch(words[1]):
        return True
    return any(_WITHOUT.fullmatch(before) and _kind(word) is not None for before, word in pairwise(words[:7]))
