"""„ИЗВ [код] [от-до] причина“: which days of which child a parent excuses, and why; and „ДНЕС“. Pure.

A day is written as people write it: „30.11“, „30 ноември“, „утре“, „петък“, „от 30.11 до 2.12“, „1-3.12“; without one
it is today. Whatever else stands there is the reason. Days that could be meant in two ways are asked back.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from db.kinds import AbsenceReason
from school.attendance.dates import in_year, nearest, next_weekday
from smpp.texts.numbers import subjects_in
from smpp.texts.spelling import any_spelling_of, plain
from smpp.texts.subjects import Subject
from smpp.texts.vocabulary import LONGEST_WORD, Vocabulary


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a month as it was written; there may be no such day."""

    day: int
    month: int
    year: int | None = None


@dataclass(frozen=True, slots=True)
class Ahead:
    """So many days from today."""

    days: int


@dataclass(frozen=True, slots=True)
class Weekday:
    """The next Monday (1) to Sunday (7)."""

    number: int


Named = Day | Ahead | Weekday


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
        first = _resolved(self.first, today)
        last = first if self.last is None or first is None else _resolved(self.last, first)
        if first is None or last is None or last < first:
            return None
        if self.neighbours and last - first > timedelta(days=1):
            return None
        return first, last


@dataclass(frozen=True, slots=True)
class Today:
    """What was entered of the day is asked for. `about`: a word that may name a child."""

    subject: Subject | None = None
    about: tuple[str, ...] = field(default=(), repr=False)


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
_BETWEEN = Vocabulary("на за от в във считано дата датата дати период периода", "on from for the")
"""What may stand before a day."""
_UNTIL = Vocabulary("до", "to till until")
_AND = Vocabulary("и", "and")
_REASON = Vocabulary("причина причината причини повод", "reason")
_LABELS = Vocabulary("код кода ид номер егн лнч ученик отсъствие отсъствия отсъствието отсъствията", "id code absence")
_TODAY = Vocabulary("днес днеска днешния", "today")
_AHEAD: tuple[tuple[Vocabulary, int], ...] = (
    (_TODAY, 0),
    (Vocabulary("утре", "tomorrow"), 1),
    (Vocabulary("вчера", "yesterday"), -1),
    (Vocabulary("вдругиден", ""), 2),
)
_WEEKDAYS = (
    Vocabulary("понеделник", "monday"), Vocabulary("вторник", "tuesday"), Vocabulary("сряда", "wednesday"),
    Vocabulary("четвъртък четвъртак", "thursday"), Vocabulary("петък петак", "friday"),
    Vocabulary("събота", "saturday"), Vocabulary("неделя", "sunday"),
)  # fmt: skip
_MONTHS = (
    Vocabulary("януари", "january jan"), Vocabulary("февруари", "february feb"), Vocabulary("март", "march"),
    Vocabulary("април", "april"), Vocabulary("май", "may"), Vocabulary("юни", "june"), Vocabulary("юли", "july"),
    Vocabulary("август", "august"), Vocabulary("септември", "september sept"), Vocabulary("октомври", "october oct"),
    Vocabulary("ноември", "november nov"), Vocabulary("декември", "december dec"),
)  # fmt: skip
_ORDINAL = Vocabulary("ви ри ти ми", "st nd rd th")
_LONGER = Vocabulary("дни дена седмица седмицата седмици месец", "days week weeks")
"""How long it lasts, without the days."""
_YEAR = Vocabulary("г год година", "")
_OCLOCK = Vocabulary("ч час часа", "am pm h")
_HEALTH = Vocabulary(
    "болен болна болни болничен болничния болест болестта болница болки боли заболяване заболя разболя грип настинка "
    "настинал настинала температура треска кашлица гърло вирус вируса инфекция ангина варицела шарка операция лекар "
    "лекарски лекаря доктор доктора зъболекар зъболекаря зъб стоматолог ортодонт преглед прегледи изследвания "
    "изследване контузия травма счупена счупен ваксина ковид здравословни здравословна здраве повръща стомах алергия "
    "рехабилитация санаториум",
    "sick ill illness flu fever cold doctor dentist hospital covid health medical surgery",
)
_FAMILY = Vocabulary(
    "семейни семейна семеен семейно семейство погребение сватба кръщене пътуване пътуваме екскурзия почивка роднина "
    "роднини баба дядо майка баща брат сестра помен смърт гости чужбина",
    "family wedding funeral trip travel travelling holiday",
)
_TOKEN = re.compile(r"\d+|[^\W\d_]+|[^\w\s]")
_SPLIT = frozenset("-–—‑−")
_DATE_SIGNS = frozenset("./")
_TODAY_BESIDE = Vocabulary(
    "какво как е ли на в във училище детето дете децата ми моето сега час часа часове има имаше беше "
    "присъства отсъства там тук моля здравейте добър ден код ид номер от за",
    "is my child at in school now please hello hi id the how what",
)
_AT_SCHOOL, _WHETHER = Vocabulary("училище", "school"), Vocabulary("ли", "is")
MOST_OF_TODAY = 10
"""Words of a question about the day; what is longer is about something else."""


@dataclass(frozen=True, slots=True)
class _Token:
    word: str
    """As `plain` writes it."""
    start: int
    end: int

    @property
    def number(self) -> int | None:
        return int(self.word) if self.word.isascii() and self.word.isdigit() and len(self.word) <= 4 else None

    @property
    def is_word(self) -> bool:
        return len(self.word) <= LONGEST_WORD and self.word[:1].isalpha()


@dataclass(frozen=True, slots=True)
class _Days:
    """Days found in tokens `start`..`end` (exclusive)."""

    first: Named
    last: Named | None
    start: int
    end: int
    neighbours: bool = False


def read(text: str) -> Excuse | None:
    """What a text excuses; None: it does not."""
    text = _tidy(text)
    tokens = [_Token(plain(found[0]), found.start(), found.end()) for found in _TOKEN.finditer(text)][:MOST_TOKENS]
    at = _command(tokens)
    if at is None:
        return None
    rest = [*tokens[:at], *tokens[at + 1 :]]  # an ID-code may stand before the word
    found = _find_days(rest)
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


def asks_of_today(numbers: Sequence[str], spoken: Sequence[str], short_code: str) -> Today | None:
    """„ДНЕС“, „на училище ли е“: nothing else is asked. `spoken`: the words that are no numbers."""
    if not spoken or len(spoken) > MOST_OF_TODAY:
        return None
    strange = [word for word in spoken if word not in _TODAY and word not in _TODAY_BESIDE]
    asks = _TODAY.any(spoken[:3]) or (_AT_SCHOOL.any(spoken) and _WHETHER.any(spoken))
    if not asks or len(strange) > 1 or (strange and spoken[0] not in _TODAY):
        return None
    subjects = subjects_in(numbers, short_code)
    return Today(subjects[0] if subjects else None, tuple(strange))


def ground_of(reason: str) -> AbsenceReason | None:
    """The ground that a parent's words name; None: they give no reason."""
    words = [word for word in re.findall(r"[^\W\d_]+", plain(reason)) if word not in _REASON]
    if not any(len(word) > 1 for word in words):
        return None
    if _HEALTH.any(words):
        return AbsenceReason.HEALTH
    return AbsenceReason.FAMILY if _FAMILY.any(words) else AbsenceReason.OTHER


def _tidy(text: str) -> str:
    normal = unicodedata.normalize("NFKC", text.replace("\0", " "))
    return "".join(character for character in normal if unicodedata.category(character) != "Cf")


def _command(tokens: Sequence[_Token]) -> int | None:
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


def _find_days(tokens: Sequence[_Token]) -> _Days | None:
    """The first days in a text."""
    for start in range(len(tokens)):
        if found := _days_at(tokens, start):
            return found
    return None


def _days_at(tokens: Sequence[_Token], start: int) -> _Days | None:
    at = start
    while at < len(tokens) and tokens[at].word in _BETWEEN:
        at += 1
    one = _day_at(tokens, at)
    if one is None:
        return _short_range(tokens, start, at)
    first, end = one
    joined = _joint(tokens, end)
    if joined is None:
        return _Days(first, None, start, end)
    behind, both = joined
    other = _day_at(tokens, _past(tokens, behind))
    if other and _are_joined(tokens, end, first, other[0]):
        return _Days(first, other[0], start, other[1], both)
    return _Days(first, None, start, end)


def _are_joined(tokens: Sequence[_Token], at: int, first: Named, other: Named) -> bool:
    """Not by a sign that begins what is said of another day: „днес, утре ще дойде“, „24.11 - в петък е на училище“."""
    word = tokens[at].word
    if word == ",":
        return isinstance(first, Day) and isinstance(other, Day)
    if word not in _SPLIT:
        return True
    return tokens[at + 1].word not in _BETWEEN and (not isinstance(other, Ahead) or _adjoin(tokens, at))


def _adjoin(tokens: Sequence[_Token], at: int) -> bool:
    """Nothing is between the sign and the words beside it."""
    return tokens[at - 1].end == tokens[at].start and tokens[at].end == tokens[at + 1].start


def _short_range(tokens: Sequence[_Token], start: int, at: int) -> _Days | None:
    """„1-3.12“, „от 1 до 3 декември“: the first day has the month of the last."""
    if at >= len(tokens) or not _is_day(tokens[at].number):
        return None
    joined = _joint(tokens, at + 1)
    if joined is None:
        return None
    other = _day_at(tokens, _past(tokens, joined[0]))
    if other is None or not isinstance(other[0], Day):
        return None
    day = tokens[at].number
    assert day is not None
    return _Days(Day(day, other[0].month, other[0].year), other[0], start, other[1], joined[1])


def _past(tokens: Sequence[_Token], at: int) -> int:
    return at + 1 if at < len(tokens) and tokens[at].word in _BETWEEN else at


def _joint(tokens: Sequence[_Token], at: int) -> tuple[int, bool] | None:
    """(behind what joins two days, whether it names just these two); None: nothing joins them."""
    if at >= len(tokens):
        return None
    word = tokens[at].word
    if word in _SPLIT or word in _UNTIL:
        return at + 1, False
    if word in _AND or word == ",":
        return at + 1, True
    return None


def _day_at(tokens: Sequence[_Token], at: int) -> tuple[Named, int] | None:
    """The day that is written here, and the token behind it."""
    if at >= len(tokens):
        return None
    if tokens[at].is_word:
        return _spoken_day(tokens, at)
    return _iso_day(tokens, at) or _numeric_day(tokens, at) or _day_of_month(tokens, at)


def _spoken_day(tokens: Sequence[_Token], at: int) -> tuple[Named, int] | None:
    word = tokens[at].word
    for vocabulary, days in _AHEAD:
        if word in vocabulary:
            return Ahead(days), at + 1
    number = _of(_WEEKDAYS, word)
    return (Weekday(number), at + 1) if number else None


def _numeric_day(tokens: Sequence[_Token], at: int) -> tuple[Named, int] | None:
    """„30.11“, „30/11/26“, „30.11.2026 г.“."""
    if at + 2 >= len(tokens) or tokens[at + 1].word not in _DATE_SIGNS or not _touch(tokens, at, at + 2):
        return None
    day, month = tokens[at].number, tokens[at + 2].number
    if not (_is_day(day) and month and 1 <= month <= 12 and len(tokens[at + 2].word) <= 2):
        return None
    assert day is not None
    end, year = at + 3, None
    if end < len(tokens) and tokens[end].word in _DATE_SIGNS and _touch(tokens, end - 1, end):
        end += 1
        if end < len(tokens) and len(tokens[end].word) in (2, 4) and _touch(tokens, end - 1, end):
            year = tokens[end].number
            end += year is not None
    if end < len(tokens) and year is None and tokens[end].word in _OCLOCK:
        return None  # „в 9.10 ч.“
    return Day(day, month, year), _past_year_word(tokens, end) if year else end


def _iso_day(tokens: Sequence[_Token], at: int) -> tuple[Named, int] | None:
    """„2026-11-30“."""
    if at + 4 >= len(tokens) or len(tokens[at].word) != 4 or not _touch(tokens, at, at + 4):
        return None
    year, month, day = (tokens[at + step].number for step in (0, 2, 4))
    signs = tokens[at + 1].word in _SPLIT and tokens[at + 3].word in _SPLIT
    if not (signs and year and month and 1 <= month <= 12 and _is_day(day)):
        return None
    assert day is not None
    return Day(day, month, year), at + 5


def _day_of_month(tokens: Sequence[_Token], at: int) -> tuple[Named, int] | None:
    """„30 ноември“, „2-ри декември 2026 г.“."""
    day = tokens[at].number
    if not _is_day(day):
        return None
    assert day is not None
    end = at + 1
    if end < len(tokens) and tokens[end].word in _SPLIT:
        end += 1
    if end < len(tokens) and tokens[end].word in _ORDINAL:
        end += 1
    elif end > at + 1:
        return None
    month = _of(_MONTHS, tokens[end].word) if end < len(tokens) and tokens[end].is_word else 0
    if not month:
        return None
    end += 1
    if end < len(tokens) and len(tokens[end].word) == 4 and (year := tokens[end].number):
        return Day(day, month, year), _past_year_word(tokens, end + 1)
    return Day(day, month), end


def _past_year_word(tokens: Sequence[_Token], at: int) -> int:
    if at < len(tokens) and tokens[at].word in _YEAR:
        at += 1
        if at < len(tokens) and tokens[at].word == ".":
            at += 1
    return at


def _is_day(number: int | None) -> bool:
    return number is not None and 1 <= number <= 31


def _touch(tokens: Sequence[_Token], first: int, last: int) -> bool:
    """No more than a space is between them."""
    return all(tokens[at + 1].start - tokens[at].end <= 1 for at in range(first, last))


def _of(vocabularies: Sequence[Vocabulary], word: str) -> int:
    return next((number for number, one in enumerate(vocabularies, start=1) if word in one), 0)


def _subject(tokens: Sequence[_Token], used: set[int]) -> tuple[Subject | None, set[int]]:
    """The student's number among the tokens that are no day, and which tokens it has; groups only where they check."""
    run: list[int] = []
    runs: list[list[int]] = []
    for number, one in enumerate(tokens):
        if number not in used and one.word.isascii() and one.word.isdigit():
            run.append(number)
        elif number in used or one.is_word or one.word not in {*_SPLIT, *_DATE_SIGNS}:
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


def _reason(text: str, left: Sequence[_Token]) -> str:
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
    return word in _LABELS or word in _BETWEEN or word in _REASON


def _is_unclear(tokens: Sequence[_Token]) -> bool:
    """„3 дни“, „тази седмица“, „30-11“: how long, or days that may be others."""
    if any(one.word in _LONGER for one in tokens[:4]):
        return True
    numbers = [one for one in tokens[:3] if one.number is not None]
    return len(numbers) == 2 and len(tokens) > 1 and tokens[1].word in {*_SPLIT, *_DATE_SIGNS}


def _resolved(named: Named, today: date) -> date | None:
    match named:
        case Day():
            if named.year is None:
                return nearest(named.day, named.month, today)
            return in_year(named.day, named.month, named.year)
        case Ahead():
            return today + timedelta(days=named.days)
        case Weekday():
            return next_weekday(named.number, today)
