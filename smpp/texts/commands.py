"""From a parent's text to a command. Pure: who may do what is decided elsewhere.

STOP goes before everything and is understood however it is typed: whoever wants to leave must be able to. What might
mean it is asked back (`smpp.texts.leaving`). Only the beginning of a text is read, so that none costs more than others.
"""

import difflib
import re
from dataclasses import dataclass, field
from functools import lru_cache

from smpp.protocol.transliteration import to_latin
from smpp.texts import call_back_words, excusing, leaving, sentences, today_words, wish_words
from smpp.texts.leaving import Leaving
from smpp.texts.numbers import apart, is_phone, subjects_in
from smpp.texts.spelling import DIGITS_BEHIND, any_spelling_of, plain, words
from smpp.texts.subjects import Subject, SubjectKind
from smpp.texts.vocabulary import LONGEST_WORD, Vocabulary


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Follow these students; at least one."""

    subjects: tuple[Subject, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """Follow this student no more; None: nobody. `unclear`: a number came with it that is no code.

    `others`: further students that are named.
    """

    subject: Subject | None = None
    unclear: bool = False
    others: tuple[Subject, ...] = ()


@dataclass(frozen=True, slots=True)
class StopAsked:
    """A refusal in other words, or STOP inside a sentence: nothing is stopped, and it is told how to.

    `about`: words behind STOP that may name a child, which is meant then.
    """

    about: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class CallBack:
    """A call back is wanted."""


@dataclass(frozen=True, slots=True)
class NewPin:
    """A new PIN is wanted."""

    subject: Subject | None = None


@dataclass(frozen=True, slots=True)
class Grades:
    """The latest grades are wanted now; of one student, or of all that the number follows.

    `about`: the words behind, which may name a subject or a child.
    """

    subject: Subject | None = None
    about: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Absences:
    """The absences are wanted now.

    `about`: the words behind, which may name a subject or a child.
    """

    subject: Subject | None = None
    about: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Meetings:
    """The meetings and events ahead are wanted now."""

    subject: Subject | None = None


@dataclass(frozen=True, slots=True)
class Letters:
    """To be told by e-mail too, at this address as it was typed; None: it was left out."""

    address: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Remove:
    """End another's following: `number` as it was told in a warning, or a telephone number; None: whose is wanted.

    `letters`: the subscriber's own address is meant.
    """

    number: str | None = field(default=None, repr=False)
    letters: bool = False


@dataclass(frozen=True, slots=True)
class Coming:
    """„ДА“ or „НЕ“ to an invitation.

    `bare`: the word stands alone, and may agree to the price too. „Ще дойда“ and „да, благодаря“ never do.
    """

    comes: bool
    bare: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Help:
    """An explanation is wanted."""


@dataclass(frozen=True, slots=True)
class Price:
    """What it costs is asked."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What was paid is asked, and what is next."""


@dataclass(frozen=True, slots=True)
class Agree:
    """The price is agreed to, in words that mean nothing else."""


@dataclass(frozen=True, slots=True)
class Thanks:
    """Nothing is asked."""


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something of the class book is said to be wrong."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A network or a telephone wrote it, and nobody waits for an answer."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """Anything else. `almost_a_code`: nothing but a number of the wrong length."""

    almost_a_code: bool = False


_Request = type[NewPin] | type[Grades] | type[Absences] | type[Meetings]
Command = (
    Subscribe
    | Stop
    | NewPin
    | Grades
    | Absences
    | Meetings
    | CallBack
    | Letters
    | Remove
    | Coming
    | wish_words.Wish
    | excusing.Excuse
    | today_words.Today
    | Help
    | StopAsked
    | Price
    | Bill
    | Agree
    | Thanks
    | Complaint
    | Notice
    | Unknown
)

_YES = re.compile(any_spelling_of("да", "ще").pattern + "|yes")
_BARE_YES = re.compile(any_spelling_of("да").pattern + "|yes")
_NO = re.compile(any_spelling_of("не", "няма").pattern + "|no")
_COMING = any_spelling_of(
    "да", "ще", "дойда", "дойдем", "присъствам", "присъстваме", "бъда", "идвам", "идваме", "мога", "моля",
    "благодаря", "мерси",
)  # fmt: skip
"""What may stand behind ДА or НЕ: „да, ще дойда“, „не мога“."""

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
_LETTERS = re.compile(any_spelling_of("имейл", "емейл", "мейл", "имейла", "майл").pattern + "|e?mail")
_IN_ADDRESS = r"[^\s@,;:<>()„“\"]"
_ADDRESS = re.compile(rf"(?<!{_IN_ADDRESS}){_IN_ADDRESS}+@{_IN_ADDRESS}+\.[^\W\d_]{{2,}}")
"""What is typed as an e-mail address; whether it is one is for others to say."""
_REMOVE = re.compile(any_spelling_of("махни", "махнете", "премахни", "премахнете", "махам").pattern + "|remove")
_MASKED = re.compile(r"\*\s?(\d{2})\b")
"""The end of a number as a warning shows it: +359 89* *** *32."""
_BILL = Vocabulary("сметка сметката сметки", "bill bills statement")
_AGREES = Vocabulary("съгласен съгласна съгласни", "agree agreed")
_BESIDE_AGREED = Vocabulary("да съм сме съгласен съгласна съгласни", "yes i am agree agreed")
_HELP = any_spelling_of("помощ", "помогнете", "помогни", "инфо", "информация", "хелп")
_ENGLISH_HELP = re.compile("help|info")
_LABEL = any_spelling_of(
    "тел", "телефон",
    "ид", "айди", "код", "идкод", "егн", "лнч", "номер", "ном", "абонирай", "абонамент", "запиши", "старт", "за", "на",
    "моля", "ученик", "ученически",
)  # fmt: skip
_ENGLISH_LABEL = re.compile(r"id|code|idcode|no|nr|n|start|sub(scribe)?")

REQUEST_WORDS = 3
"""How far into a text a request may stand: „моля оценки“, but not a letter that mentions them."""


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
    if removal := _removal(text, numbers, spoken):
        return removal
    if means:
        return StopAsked(leaving.whom(spoken))
    if any(map(_LETTERS.fullmatch, spoken[:REQUEST_WORDS])) or (address and not typed):
        return Letters(address[0] if address else None)
    if not any(map(_request, spoken)) and (today := today_words.asks_of_today(numbers, spoken, short_code)):
        return today
    return (
        _question(text, numbers, spoken)
        or _answer(numbers, spoken, asks=asks)
        or _other(text, typed, numbers, spoken, short_code)
    )


def _stop(numbers: list[str]) -> Stop:
    subjects = subjects_in(numbers) or tuple(Subject(SubjectKind.NATIONAL_ID, one) for one in numbers if is_phone(one))
    first = subjects[0] if subjects else None
    return Stop(first, bool(numbers) and not subjects, subjects[1:])


def _question(text: str, numbers: list[str], spoken: list[str]) -> Command | None:
    """What is asked for: by its word among the first three, or in a question about nothing else."""
    if sentences.is_away(spoken):
        return Unknown()
    if sentences.complains(spoken):
        return Complaint()
    asked_for = next((at for at, word in enumerate(spoken[:_ASKED_FROM]) if _request(word)), None)
    if asked_for is not None:
        others = [word for at, word in enumerate(spoken) if at != asked_for]
        strange = sum(not (word in _ASKING or _is_label(word) or _request(word)) for word in others)
        most = _MOST_ABOUT if _request(spoken[asked_for]) in (Grades, Absences) or len(spoken) <= REQUEST_WORDS else 1
        if strange <= (most if asked_for < REQUEST_WORDS else 0):
            return _requested(spoken[asked_for], numbers, others)
    if any(_HELP.fullmatch(word) or _ENGLISH_HELP.fullmatch(word) for word in spoken[:REQUEST_WORDS]):
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
    request = _request(word)
    assert request is not None
    subjects = subjects_in(numbers)
    subject = subjects[0] if subjects else None
    if request is Grades or request is Absences:
        about = [other for other in others if other not in _ASKING and not _is_label(other) and not _request(other)]
        return request(subject, tuple(about))
    return request(subject)


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
        if mistyped := _mistyped(spoken[0]):
            return mistyped()
    return _subscription(numbers, spoken, short_code)


def _removal(text: str, numbers: list[str], spoken: list[str]) -> Remove | None:
    """„махни 32“, „махни имейл“, or the word alone: a sentence that begins with it removes nobody."""
    first = [DIGITS_BEHIND.sub("", word) for word in spoken[:REQUEST_WORDS]]
    at = next((at for at, word in enumerate(first) if _REMOVE.fullmatch(word)), None)
    if at is None:
        return None
    if glued := DIGITS_BEHIND.search(spoken[at]):  # „махни32“
        numbers = [*numbers, glued[0]]
    others = [word for other, word in enumerate(spoken) if other != at]
    if not numbers and len(others) <= REQUEST_WORDS and any(map(_LETTERS.fullmatch, others)):
        return Remove(letters=True)
    if masked := _MASKED.search(text):
        return Remove(masked[1])
    if all(word in _BESIDE_REMOVAL for word in others):
        return Remove("".join(numbers) or None)
    return None


_BESIDE_REMOVAL = Vocabulary(
    "моля номер номера номерът телефон телефона този за от до мерси благодаря", "please number"
)


@lru_cache(maxsize=5_000)
def _request(word: str) -> _Request | None:
    if len(word) > LONGEST_WORD:
        return None
    return next((made for pattern, made in _REQUESTS if pattern.fullmatch(word)), _ENGLISH_REQUESTS.get(word))


def _subscription(numbers: list[str], spoken: list[str], short_code: str) -> Subscribe | Unknown:
    """A number among labels is a code, right or wrong; among other words only one whose check digit is right."""
    subjects = subjects_in(numbers, short_code)
    labelled = all(map(_is_label, spoken)) or _is_label("".join(spoken[:REQUEST_WORDS]))  # also „е.г.н.“
    if not labelled:
        subjects = tuple(subject for subject in subjects if subject.checks)
    if subjects:
        return Subscribe(subjects)
    return Unknown(almost_a_code=labelled and bool(numbers))


def _mistyped(word: str) -> type[Grades] | type[Absences] | type[Meetings] | type[Help] | None:
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


def _is_label(word: str) -> bool:
    return len(word) <= LONGEST_WORD and bool(_LABEL.fullmatch(word) or _ENGLISH_LABEL.fullmatch(word))
