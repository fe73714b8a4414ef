"""Hours and durations: „18.30 ч.“, „18:30“, „от 9 до 11 ч.“, „10-12 ч.“, „45 мин.“."""

import re
from datetime import time

from prompts.grammar.calendar import clock
from prompts.grammar.calendar import minutes as minutes_of
from prompts.grammar.numbers import Gender, cardinal
from prompts.reading.rule import DASH, Found, after, before, closed, rule

_HOUR = r"(?:[01]?\d|2[0-4])"
_MINUTES = r"[0-5]\d"
_MARK = r"(?: ?ч(?:аса\b|\.|\b)| ?h\b)"
_NOT_BEFORE = r"(?<![\w.,:/])"
_CLOCK_WORDS = re.compile(r"\b(?:в|от|до|след|към|около|преди|часа|начало|начален час|час)[:,]? $", re.IGNORECASE)
_POINT = re.compile(r"\b(?:в|във|от|до|след|към|около|преди|начало|часа)[:,]? $", re.IGNORECASE)


def _time(hour: str, minutes: str | None) -> str:
    n = int(hour)
    if n == 24:
        return "двадесет и четири часа" + (f" {minutes_of(int(minutes))}" if minutes and int(minutes) else "")
    return clock(time(n, int(minutes or 0)))


def _without_hours(words: str) -> str:
    """The first hour of a range: „девет“ of „девет часа“."""
    return words.removesuffix(" часа")


def _are_hours(first: str | None, last: str | None, written: str) -> bool:
    """Without a mark: „9:00-10:30“, or minutes that can be no month."""
    if not (first and last):
        return False
    return ":" in written or any(minutes == "00" or int(minutes) > 12 for minutes in (first, last))


def _range(found: Found) -> str | None:
    """„10-12 ч.“, „9.00–10.30 ч.“, „9:00-10:30“, „от 9 до 11 ч.“."""
    joined, marked = found["joined"], found["mark"]
    if not marked and not _are_hours(found["m1"], found["m2"], found[0]):
        return None
    first = _without_hours(_time(found["h1"], found["m1"]))
    words = f"{first} до {_time(found['h2'], found['m2'])}"
    from_before = re.search(r"\b(?:от|между|с|за|до)[:,]? $", before(found, 8), re.IGNORECASE)
    if joined.strip() not in ("до", "и") and not from_before:
        words = f"от {words}"
    if joined.strip() == "и":
        words = f"{first} и {_time(found['h2'], found['m2'])}"
    return closed(words, found, dotted=bool(marked) and marked.endswith("."))


def _marked(found: Found) -> str:
    """„18.30 ч.“, „18:30 часа“."""
    return closed(_time(found[1], found[2]), found, dotted=found[0].endswith("."))


def _colon(found: Found) -> str:
    """Seconds, as of a run, are said too."""
    words = _time(found[1], found[2])
    if found[3]:
        seconds = int(found[3])
        words += f" и {cardinal(seconds, Gender.FEMININE)} {'секунда' if seconds == 1 else 'секунди'}"
    return closed(words, found, dotted=False)


def _point(found: Found) -> str | None:
    """„в 18.30“, „от 18.00“; a figure such as 5.50 alone is a grade or a quantity."""
    hour, minutes = int(found[1]), int(found[2])
    after_preposition = _POINT.search(before(found, 12))
    if not after_preposition and (hour < 7 or minutes % 5):
        return None
    if re.match(r" ?(?:€|лв|%|км|кг|м\b|л\b|EUR|BGN|евро|точки|т\.|ст\.|г\b|°)", after(found)):
        return None
    if not after_preposition and re.search(
        r"(?:успех|оценка|среден|бал|точки|резултат)\w*[:,]? $", before(found, 14), re.IGNORECASE
    ):
        return None
    return _time(found[1], found[2])


def _hours_and_minutes(found: Found) -> str:
    n = int(found[1])
    words = (
        f"{cardinal(n, Gender.MASCULINE)} {'час' if n == 1 and not _CLOCK_WORDS.search(before(found, 14)) else 'часа'}"
    )
    if int(found[2]):
        words += f" {minutes_of(int(found[2]))}"
    return closed(words, found, dotted=found[0].endswith("."))


def _hours(found: Found) -> str | None:
    """„в 8 ч.“ is a time of day, „2 ч.“ a duration: only „1“ tells them apart."""
    n = int(found[1])
    if n > 999:
        return None
    at_clock = _CLOCK_WORDS.search(before(found, 14))
    words = f"{cardinal(n, Gender.MASCULINE)} {'час' if n == 1 and not at_clock else 'часа'}"
    return closed(words, found, dotted=found[0].endswith("."))


def _at_one(found: Found) -> str:
    return f"{found[1]} един часа"


RULES = (
    rule(
        rf"{_NOT_BEFORE}(?P<h1>{_HOUR})(?:[.:,](?P<m1>{_MINUTES}))?(?:{_MARK})?(?P<joined> ?{DASH} ?| до | и )"
        rf"(?P<h2>{_HOUR})(?:[.:,](?P<m2>{_MINUTES}))?(?!\d|[:.,]\d)(?P<mark>{_MARK})?",
        _range,
    ),
    rule(
        rf"{_NOT_BEFORE}({_HOUR}) ?ч(?:\.|аса|ас|\b)?,?(?: и)? ?({_MINUTES}|\d) ?(?:мин(?:\.|ути\b|\b)|m\b)",
        _hours_and_minutes,
    ),
    rule(rf"{_NOT_BEFORE}({_HOUR})[.:,] ?({_MINUTES}){_MARK}", _marked),
    rule(rf"{_NOT_BEFORE}({_HOUR}):({_MINUTES})(?::({_MINUTES}))?(?!\d|:\d)", _colon),
    rule(rf"{_NOT_BEFORE}([01]?\d|2[0-3])\.({_MINUTES})(?!\d|[.,:]\d|\.\d)", _point),
    rule(rf"{_NOT_BEFORE}(\d{{1,3}})(?: ?ч(?:\.|\b)| ?h\b)", _hours),
    rule(r"\b([Вв]|[Сс]лед|[Оо]т|[Дд]о|[Кк]ъм) 1 часа\b", _at_one),
)
