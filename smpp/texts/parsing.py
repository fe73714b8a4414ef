"""From a parent's text to a command. Pure: who may do what is decided elsewhere.

STOP goes before everything and is understood however it is typed: whoever wants to leave must be able to. What might
mean it is asked back (`smpp.texts.leaving`). Only the beginning of a text is read, so that none costs more than others.
"""

import re

from smpp.texts import call_back_words, excusing, leaving, removing, requests, sentences, today_words, wish_words
from smpp.texts.commands import CallBack, Coming, Command, Help, Letters, Notice, Stop, StopAsked, Subscribe, Unknown
from smpp.texts.leaving import Leaving
from smpp.texts.numbers import apart, is_phone, subjects_in
from smpp.texts.requests import LETTERS, REQUEST_WORDS, is_label, request_of
from smpp.texts.spelling import any_spelling_of, either, plain, words
from smpp.texts.subjects import Subject, SubjectKind

_YES = either("да", "ще", english="yes")
_BARE_YES = either("да", english="yes")
_NO = either("не", "няма", english="no")
_COMING = any_spelling_of(
    "да", "ще", "дойда", "дойдем", "присъствам", "присъстваме", "бъда", "идвам", "идваме", "мога", "моля",
    "благодаря", "мерси",
)  # fmt: skip
"""What may stand behind ДА or НЕ: „да, ще дойда“, „не мога“."""
_IN_ADDRESS = r"[^\s@,;:<>()„“\"]"
_ADDRESS = re.compile(rf"(?<!{_IN_ADDRESS}){_IN_ADDRESS}+@{_IN_ADDRESS}+\.[^\W\d_]{{2,}}")
"""What is typed as an e-mail address; whether it is one is for others to say."""

LONGEST = 1000
"""Characters of a text that are read; six parts in Cyrillic have 402."""


def is_english(text: str) -> bool:
    """Whether a text is written in English, so that its answer is to be."""
    return sentences.is_english(words(plain(text[:LONGEST])))


def parse(text: str, short_code: str = "1987") -> Command:
    """The command in a text that came to the short code. Never raises."""
    text = text[:LONGEST]
    address = _ADDRESS.search(text)
    text = _ADDRESS.sub(" ", text)  # „stop@example.org“ is no STOP, and a number in an address no code
    typed = words(plain(text))
    numbers, spoken = apart(typed)
    asks = "?" in text
    means = leaving.read(typed, spoken, asks=asks)
    if means is Leaving.STOPS:
        return _stop([number for number in numbers if number != short_code])
    if sentences.is_automatic(spoken):
        return Notice()
    if call_back_words.asks(spoken) and not numbers:
        return CallBack()
    if (excuse := excusing.read(text)) and not (means is Leaving.PERHAPS and len(spoken) <= 2):  # „ИЗВ СТОП“
        return excuse
    wish = wish_words.read(typed)
    if means is Leaving.PERHAPS and len(spoken) <= 4 and wish_words.names_a_kind(spoken):
        return wish_words.UnclearWish()  # „СТОП ОЦЕНКИ“: the answer tells how to do the one and the other
    if wish and not (means is Leaving.PERHAPS and isinstance(wish, wish_words.UnclearWish)):
        changes = isinstance(wish, wish_words.Changes)
        return wish_words.UnclearWish() if changes and (address or asks) else wish
    if removal := removing.read(text, numbers, spoken):
        return removal
    if means:
        return StopAsked(leaving.whom(spoken))
    if any(map(LETTERS.fullmatch, spoken[:REQUEST_WORDS])) or (address and not typed):
        return Letters(address[0] if address else None)
    if not any(map(request_of, spoken)) and (today := today_words.asks_of_today(numbers, spoken, short_code)):
        return today
    return (
        requests.question(text, numbers, spoken)
        or _answer(numbers, spoken, asks=asks)
        or _other(text, typed, numbers, spoken, short_code)
    )


def _stop(numbers: list[str]) -> Stop:
    subjects = subjects_in(numbers) or tuple(Subject(SubjectKind.NATIONAL_ID, one) for one in numbers if is_phone(one))
    first = subjects[0] if subjects else None
    return Stop(first, bool(numbers) and not subjects, subjects[1:])


def _answer(numbers: list[str], spoken: list[str], *, asks: bool) -> Coming | None:
    if spoken and not numbers and all(map(_COMING.fullmatch, spoken[1:])):
        if _YES.fullmatch(spoken[0]):
            return Coming(True, bare=len(spoken) == 1 and bool(_BARE_YES.fullmatch(spoken[0])) and not asks)
        if _NO.fullmatch(spoken[0]):
            return Coming(False)
    return None


def _other(text: str, typed: list[str], numbers: list[str], spoken: list[str], short_code: str) -> Command:
    if not typed:
        return Help() if "?" in text else Unknown()
    if len(spoken) == 1 and not numbers:
        if leaving.is_mistyped(spoken[0]):
            return StopAsked()
        if mistyped := requests.mistyped(spoken[0]):
            return mistyped()
    return _subscription(numbers, spoken, short_code)


def _subscription(numbers: list[str], spoken: list[str], short_code: str) -> Subscribe | Unknown:
    """A number among labels is a code, right or wrong; among other words only one whose check digit is right."""
    subjects = subjects_in(numbers, short_code)
    labelled = all(map(is_label, spoken)) or is_label("".join(spoken[:REQUEST_WORDS]))  # also „е.г.н.“
    if not labelled:
        subjects = tuple(subject for subject in subjects if subject.checks)
    if subjects:
        return Subscribe(subjects)
    return Unknown(almost_a_code=labelled and bool(numbers))
