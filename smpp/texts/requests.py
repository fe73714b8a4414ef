"""What a parent asks for: by its word at the beginning of a text, or in a question about nothing else."""

import difflib
import re
from functools import lru_cache

from smpp.protocol.transliteration import to_latin
from smpp.texts import sentences
from smpp.texts.commands import (
    Absences,
    Agree,
    Bill,
    Command,
    Complaint,
    Grades,
    Help,
    Meetings,
    NewPin,
    Price,
    Thanks,
    Unknown,
)
from smpp.texts.numbers import subjects_in
from smpp.texts.spelling import any_spelling_of, either
from smpp.texts.vocabulary import LONGEST_WORD, Vocabulary

_Request = type[NewPin] | type[Grades] | type[Absences] | type[Meetings]

_REQUESTS: tuple[tuple[re.Pattern[str], _Request], ...] = (
    (any_spelling_of("пин", "пина", "пинът", "пинкод", "пинкода"), NewPin),
    (any_spelling_of("оценки", "оценка", "оценките", "оценката", "бележки", "бележките"), Grades),
    (any_spelling_of("отсъствия", "отсъствие", "отсъствията", "отсаствия", "отсаствие"), Absences),
    (
        any_spelling_of(
            "срещи",
            "среща",
            "срещите",
            "срещата",
            "събития",
            "събитие",
            "събитията",
            "родителска",
            "родителската",
            "родителски",
            "родителските",
        ),
        Meetings,
    ),
)
_ENGLISH_REQUESTS: dict[str, _Request] = {
    "grades": Grades, "grade": Grades, "marks": Grades,
    "absences": Absences, "absence": Absences,
    "meetings": Meetings, "meeting": Meetings, "events": Meetings,
}  # fmt: skip
_ASKING = Vocabulary(
    "неизвинени извинени "
    "моля искам искаме бих да видя видим знам зная разбера кажете кажи дайте дай прати пратете ми ни какви какво "
    "кои има имаме имам ли нови новите нова последни последните последната за на по от с и е са как кога къде кой "
    "ще днес вчера утре тази този това седмица месец моето моите мое дете детето деца децата сина син дъщеря "
    "дъщерята ученик ученика клас класа училище здравейте здрасти добър ден колко текущи текущите срочни срочна "
    "годишни следващата следващо предстояща предстоящи благодаря мерси всички всичките номер код ид егн лнч 1987 "
    "смс класен класна",
    "what are the my any new please show give tell me when where is next does do have child children son daughter "
    "for in send of on many how all latest today this week thanks hello hi id code no to get see want i would "
    "like",
)
"""What may stand in a question, beside what it asks for."""
_ASKED_FROM = 10
"""So many words from the beginning a question names what it asks for."""
_MOST_ABOUT = 3
"""Words that may name what is meant; a text with more is a letter."""
LETTERS = either("имейл", "емейл", "мейл", "имейла", "майл", english="e?mail")
_BILL = Vocabulary("сметка сметката сметки", "bill bills statement")
_AGREES = Vocabulary("съгласен съгласна съгласни", "agree agreed")
_BESIDE_AGREED = Vocabulary("да съм сме съгласен съгласна съгласни", "yes i am agree agreed")
_HELP = either("помощ", "помогнете", "помогни", "инфо", "информация", "хелп", english="help|info")
_LABEL = either(
    "тел", "телефон",
    "ид", "айди", "код", "идкод", "егн", "лнч", "номер", "ном", "абонирай", "абонамент", "запиши", "старт", "за", "на",
    "моля", "ученик", "ученически",
    english="id|code|idcode|no|nr|n|start|sub(?:scribe)?",
)  # fmt: skip

REQUEST_WORDS = 3
"""How far into a text a request may stand: „моля оценки“, but not a letter that mentions them."""


def question(text: str, numbers: list[str], spoken: list[str]) -> Command | None:
    """What is asked for: by its word among the first three, or in a question about nothing else."""
    if sentences.is_away(spoken):
        return Unknown()
    if sentences.complains(spoken):
        return Complaint()
    asked_for = next((at for at, word in enumerate(spoken[:_ASKED_FROM]) if request_of(word)), None)
    if asked_for is not None:
        others = [word for at, word in enumerate(spoken) if at != asked_for]
        strange = sum(not (word in _ASKING or is_label(word) or request_of(word)) for word in others)
        most = _MOST_ABOUT if request_of(spoken[asked_for]) in (Grades, Absences) or len(spoken) <= REQUEST_WORDS else 1
        if strange <= (most if asked_for < REQUEST_WORDS else 0):
            return _requested(spoken[asked_for], numbers, others)
    if any(map(_HELP.fullmatch, spoken[:REQUEST_WORDS])):
        return Help()
    if len(spoken) <= REQUEST_WORDS and not numbers and any(word in _BILL for word in spoken):
        return Bill()
    if len(spoken) <= REQUEST_WORDS and not numbers and _AGREES.any(spoken) and _BESIDE_AGREED.all(spoken):
        return Agree()
    if sentences.asks_price(spoken) and not numbers:
        return Price()
    if sentences.is_thanks(spoken, text) and not numbers:
        return Thanks()
    return None


def _requested(word: str, numbers: list[str], others: list[str]) -> Command:
    request = request_of(word)
    assert request is not None
    subjects = subjects_in(numbers)
    subject = subjects[0] if subjects else None
    if request is Grades or request is Absences:
        about = [other for other in others if other not in _ASKING and not is_label(other) and not request_of(other)]
        return request(subject, tuple(about))
    return request(subject)


@lru_cache(maxsize=5_000)
def request_of(word: str) -> _Request | None:
    """What a `plain` word asks for, if it is the word of a request."""
    if len(word) > LONGEST_WORD:
        return None
    return next((made for pattern, made in _REQUESTS if pattern.fullmatch(word)), _ENGLISH_REQUESTS.get(word))


def mistyped(word: str) -> type[Grades] | type[Absences] | type[Meetings] | type[Help] | None:
    """What a word that stands alone is likely meant to be: nothing is lost when it is not."""
    if not 4 <= len(word) <= LONGEST_WORD:
        return None
    found = difflib.get_close_matches(to_latin(word), _SPELT, n=1, cutoff=_LIKE)
    return _SPELT[found[0]] if found else None


_SPELT: dict[str, type[Grades] | type[Absences] | type[Meetings] | type[Help]] = {
    "otsenki": Grades, "ocenki": Grades,
    "otsastviya": Absences, "otsustviq": Absences, "otsystviq": Absences,
    "sreshti": Meetings, "sreshta": Meetings,
    "pomosht": Help,
}  # fmt: skip
_LIKE = 0.77


def is_label(word: str) -> bool:
    """Whether a `plain` word may stand before a number that it names: „ID-код“, „за“, „ученик“."""
    return len(word) <= LONGEST_WORD and bool(_LABEL.fullmatch(word))
