"""From a parent's text to a command. Pure: who may do what is decided elsewhere.

STOP goes before everything and is understood however it is typed: whoever wants to leave must be able to.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum

from stdnum import luhn
from stdnum.bg import egn, pnf

from smpp.texts import wish_words
from smpp.texts.spelling import any_spelling_of, as_number, plain, words


class SubjectKind(StrEnum):
    """What a number that a parent typed can be, by its length."""

    STUDENT_CODE = "student code"
    NATIONAL_ID = "national id"


LENGTHS = {8: SubjectKind.STUDENT_CODE, 10: SubjectKind.NATIONAL_ID}


@dataclass(frozen=True, slots=True)
class Subject:
    """A student as typed: an ID-код, or an ЕГН or ЛНЧ. Check digits are not checked here: a guess must count as one."""

    kind: SubjectKind
    digits: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Follow these students; at least one."""

    subjects: tuple[Subject, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """Follow this student no more; None: nobody. `unclear`: a number came with it that is no code."""

    subject: Subject | None = None
    unclear: bool = False


@dataclass(frozen=True, slots=True)
class NewPin:
    """A new PIN is wanted."""

    subject: Subject | None = None


@dataclass(frozen=True, slots=True)
class Grades:
    """The latest grades are wanted now; of one student, or of all that the number follows."""

    subject: Subject | None = None


@dataclass(frozen=True, slots=True)
class Absences:
    """The absences are wanted now."""

    subject: Subject | None = None


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
    """„ДА“ or „НЕ“ to an invitation."""

    comes: bool


@dataclass(frozen=True, slots=True)
class Help:
    """An explanation is wanted."""


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
    | Letters
    | Remove
    | Coming
    | wish_words.Wish
    | Help
    | Unknown
)

_STOP = any_spelling_of(
    "стоп", "спри", "спрете", "спра", "спирам", "спирайте", "отпиши", "отпишете", "отписвам", "отписване",
    "прекрати", "прекратете", "прекратявам",
)  # fmt: skip
_ENGLISH_STOP = re.compile(r"s+t+o+p+|unsub(scribe)?")
_STOP_TOGETHER = re.compile(f"(?:{_STOP.pattern}|{_ENGLISH_STOP.pattern})(?:sms|смс|all|всички|vsichki)?")
_NUMBER_BEHIND = re.compile(r"\d{2,}$")
"""„СТОП1987“: the short code typed on to it."""
_STOP_ALONE = re.compile(any_spelling_of("край", "отказ", "откажи", "отказвам", "спиране").pattern + "|cancel|end|quit")
"""Words that say STOP only when nothing else is said: „край на срока“ does not."""
_NOT = any_spelling_of("не", "недей", "недейте")
_YES = re.compile(any_spelling_of("да", "ще").pattern + "|yes")
_NO = re.compile(any_spelling_of("не", "няма").pattern + "|no")
_COMING = any_spelling_of("да", "ще", "дойда", "дойдем", "присъствам", "присъстваме", "бъда", "идвам", "идваме", "мога")
"""What may stand behind ДА or НЕ: „да, ще дойда“, „не мога“."""

_REQUESTS: tuple[tuple[re.Pattern[str], _Request], ...] = (
    (any_spelling_of("пин", "пинкод"), NewPin),
    (any_spelling_of("оценки", "оценка", "оценките", "бележки"), Grades),
    (any_spelling_of("отсъствия", "отсъствие", "отсъствията", "отсаствия", "отсаствие"), Absences),
    (any_spelling_of("срещи", "среща", "срещите", "събития", "събитие"), Meetings),
)
_ENGLISH_REQUESTS: dict[str, _Request] = {"grades": Grades, "absences": Absences, "meetings": Meetings}
_LETTERS = re.compile(any_spelling_of("имейл", "емейл", "мейл", "имейла", "майл").pattern + "|e?mail")
_IN_ADDRESS = r"[^\s@,;:<>()„“\"]"
_ADDRESS = re.compile(rf"(?<!{_IN_ADDRESS}){_IN_ADDRESS}+@{_IN_ADDRESS}+\.[^\W\d_]{{2,}}")
"""What is typed as an e-mail address; whether it is one is for others to say."""
_REMOVE = re.compile(any_spelling_of("махни", "махнете", "премахни", "премахнете", "махам").pattern + "|remove")
_ME = re.compile(any_spelling_of("ме", "мене", "нас", "моя", "моят").pattern + "|me")
_MASKED = re.compile(r"\*[\s*]*(\d{2})\b")
"""The end of a number as a warning shows it: +359 89* *** *32."""
_HELP = any_spelling_of("помощ", "помогнете", "помогни", "инфо", "информация", "хелп", "цена")
_ENGLISH_HELP = re.compile("help|info|price")
_LABEL = any_spelling_of(
    "ид", "айди", "код", "идкод", "егн", "лнч", "номер", "ном", "абонирай", "абонамент", "запиши", "старт", "за", "на",
    "моля", "ученик", "ученически",
)  # fmt: skip
_ENGLISH_LABEL = re.compile(r"id|code|idcode|no|nr|n|start|sub(scribe)?")

REQUEST_WORDS = 3
"""How far into a text a request may stand: „моля оценки“, but not a letter that mentions them."""
STOP_WORDS = 6


def parse(text: str) -> Command:
    """The command in a text. Never raises."""
    address = _ADDRESS.search(text)
    text = _ADDRESS.sub(" ", text)  # „stop@example.org“ is no STOP, and a number in an address no code
    typed = words(plain(text))
    numbers = [number for word in typed if (number := as_number(word))]
    spoken = [word for word in typed if as_number(word) is None]
    if _is_stop(typed, spoken):
        subjects = _subjects(numbers)
        return Stop(subjects[0] if subjects else None, bool(numbers) and not subjects)
    if wish := wish_words.read(typed):
        asked = isinstance(wish, wish_words.Changes) and "?" in text
        return wish_words.UnclearWish() if address or asked else wish
    for word in spoken[:REQUEST_WORDS]:
        if _REMOVE.fullmatch(_NUMBER_BEHIND.sub("", word)):
            glued = _NUMBER_BEHIND.search(word)  # „махни32“
            return _removal(text, [*numbers, glued[0]] if glued else numbers, spoken)
    if any(map(_LETTERS.fullmatch, spoken[:REQUEST_WORDS])) or (address and not typed):
        return Letters(address[0] if address else None)
    for word in spoken[:REQUEST_WORDS]:
        if request := _request(word):
            subjects = _subjects(numbers)
            return request(subjects[0] if subjects else None)
        if _HELP.fullmatch(word) or _ENGLISH_HELP.fullmatch(word):
            return Help()
    if spoken and not numbers and all(map(_COMING.fullmatch, spoken[1:])):
        if _YES.fullmatch(spoken[0]):
            return Coming(True)
        if _NO.fullmatch(spoken[0]):
            return Coming(False)
    if not typed:
        return Help() if "?" in text else Unknown()
    return _subscription(numbers, spoken)


def _removal(text: str, numbers: list[str], spoken: list[str]) -> Remove | Stop:
    """Whoever asks to be removed themselves wants to leave: „махнете ме“."""
    if not numbers and any(map(_ME.fullmatch, spoken)):
        return Stop()
    if not numbers and any(map(_LETTERS.fullmatch, spoken)):
        return Remove(letters=True)
    if masked := _MASKED.search(text):
        return Remove(masked[1])
    return Remove("".join(numbers) or None)


def _is_stop(typed: list[str], spoken: list[str]) -> bool:
    if _STOP_TOGETHER.fullmatch("".join(word for word in typed if not re.fullmatch(r"\d{2,}", word))):
        return True  # also „с т о п“ and „СТ0П“
    if len(spoken) == 1 and _STOP_ALONE.fullmatch(spoken[0]):
        return True
    before = ""
    for word in spoken[:STOP_WORDS]:
        if _STOP_TOGETHER.fullmatch(_NUMBER_BEHIND.sub("", word)) and not _NOT.fullmatch(before):
            return True
        before = word
    return False


def _request(word: str) -> _Request | None:
    return next((made for pattern, made in _REQUESTS if pattern.fullmatch(word)), _ENGLISH_REQUESTS.get(word))


def _subscription(numbers: list[str], spoken: list[str]) -> Subscribe | Unknown:
    """A number among labels is a code, right or wrong; among other words only one whose check digit is right."""
    subjects = _subjects(numbers)
    labelled = all(map(_is_label, spoken)) or _is_label("".join(spoken))  # also „е.г.н.“
    if not labelled:
        subjects = tuple(subject for subject in subjects if _checks(subject))
    if subjects:
        return Subscribe(subjects)
    return Unknown(almost_a_code=labelled and bool(numbers))


def _is_label(word: str) -> bool:
    return bool(_LABEL.fullmatch(word) or _ENGLISH_LABEL.fullmatch(word))


def _subjects(numbers: list[str]) -> tuple[Subject, ...]:
    """Numbers of the right length, each a subject; or one number typed in groups (`1234 56 78`)."""
    if any(len(number) in LENGTHS for number in numbers):
        whole = [number for number in numbers if len(number) in LENGTHS]
    else:
        whole = ["".join(numbers)]
    return tuple(dict.fromkeys(Subject(LENGTHS[len(number)], number) for number in whole if len(number) in LENGTHS))


def _checks(subject: Subject) -> bool:
    if subject.kind is SubjectKind.STUDENT_CODE:
        return bool(luhn.is_valid(subject.digits))
    return bool(egn.is_valid(subject.digits) or pnf.is_valid(subject.digits))
