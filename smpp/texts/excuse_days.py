"""Days as people write them: „30.11“, „30 ноември“, „утре“, „петък“, „от 30.11 до 2.12“, „1-3.12“. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from school.attendance.dates import in_year, nearest, next_weekday
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

BETWEEN = Vocabulary("на за от в във считано дата датата дати период периода", "on from for the")
"""What may stand before a day."""
_UNTIL = Vocabulary("до", "to till until")
_AND = Vocabulary("и", "and")
TODAY = Vocabulary("днес днеска днешния", "today")
_AHEAD: tuple[tuple[Vocabulary, int], ...] = (
    (TODAY, 0),
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
_YEAR = Vocabulary("г год година", "")
_OCLOCK = Vocabulary("ч час часа", "am pm h")
SPLIT = frozenset("-–—‑−")
DATE_SIGNS = frozenset("./")


@dataclass(frozen=True, slots=True)
class Token:
    """A word, a number or a sign of a text, and where it stands there."""

    word: str
    """As `plain` writes it."""
    start: int
    end: int

    @property
    def number(self) -> int | None:
        """Of four digits at most."""
        return int(self.word) if self.word.isascii() and self.word.isdigit() and len(self.word) <= 4 else None

    @property
    def is_word(self) -> bool:
        """Letters, and not too many of them."""
        return len(self.word) <= LONGEST_WORD and self.word[:1].isalpha()


@dataclass(frozen=True, slots=True)
class Days:
    """Days found in tokens `start`..`end` (exclusive)."""

    first: Named
    last: Named | None
    start: int
    end: int
    neighbours: bool = False


def find_days(tokens: Sequence[Token]) -> Days | None:
    """The first days in a text."""
    for start in range(len(tokens)):
        if found := _days_at(tokens, start):
            return found
    return None


def _days_at(tokens: Sequence[Token], start: int) -> Days | None:
    at = start
    while at < len(tokens) and tokens[at].word in BETWEEN:
        at += 1
    one = _day_at(tokens, at)
    if one is None:
        return _short_range(tokens, start, at)
    first, end = one
    joined = _joint(tokens, end)
    if joined is None:
        return Days(first, None, start, end)
    behind, both = joined
    other = _day_at(tokens, _past(tokens, behind))
    if other and _are_joined(tokens, end, first, other[0]):
        return Days(first, other[0], start, other[1], both)
    return Days(first, None, start, end)


def _are_joined(tokens: Sequence[Token], at: int, first: Named, other: Named) -> bool:
    """Not by a sign that begins what is said of another day: „днес, утре ще дойде“, „24.11 - в петък е на училище“."""
    word = tokens[at].word
    if word == ",":
        return isinstance(first, Day) and isinstance(other, Day)
    if word not in SPLIT:
        return True
    return tokens[at + 1].word not in BETWEEN and (not isinstance(other, Ahead) or _adjoin(tokens, at))


def _adjoin(tokens: Sequence[Token], at: int) -> bool:
    """Nothing is between the sign and the words beside it."""
    return tokens[at - 1].end == tokens[at].start and tokens[at].end == tokens[at + 1].start


def _short_range(tokens: Sequence[Token], start: int, at: int) -> Days | None:
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
    return Days(Day(day, other[0].month, other[0].year), other[0], start, other[1], joined[1])


def _past(tokens: Sequence[Token], at: int) -> int:
    return at + 1 if at < len(tokens) and tokens[at].word in BETWEEN else at


def _joint(tokens: Sequence[Token], at: int) -> tuple[int, bool] | None:
    """(behind what joins two days, whether it names just these two); None: nothing joins them."""
    if at >= len(tokens):
        return None
    word = tokens[at].word
    if word in SPLIT or word in _UNTIL:
        return at + 1, False
    if word in _AND or word == ",":
        return at + 1, True
    return None


def _day_at(tokens: Sequence[Token], at: int) -> tuple[Named, int] | None:
    """The day that is written here, and the token behind it."""
    if at >= len(tokens):
        return None
    if tokens[at].is_word:
        return _spoken_day(tokens, at)
    return _iso_day(tokens, at) or _numeric_day(tokens, at) or _day_of_month(tokens, at)


def _spoken_day(tokens: Sequence[Token], at: int) -> tuple[Named, int] | None:
    word = tokens[at].word
    for vocabulary, days in _AHEAD:
        if word in vocabulary:
            return Ahead(days), at + 1
    number = _of(_WEEKDAYS, word)
    return (Weekday(number), at + 1) if number else None


def _numeric_day(tokens: Sequence[Token], at: int) -> tuple[Named, int] | None:
    """„30.11“, „30/11/26“, „30.11.2026 г.“."""
    if at + 2 >= len(tokens) or tokens[at + 1].word not in DATE_SIGNS or not _touch(tokens, at, at + 2):
        return None
    day, month = tokens[at].number, tokens[at + 2].number
    if not (_is_day(day) and month and 1 <= month <= 12 and len(tokens[at + 2].word) <= 2):
        return None
    assert day is not None
    end, year = at + 3, None
    if end < len(tokens) and tokens[end].word in DATE_SIGNS and _touch(tokens, end - 1, end):
        end += 1
        if end < len(tokens) and len(tokens[end].word) in (2, 4) and _touch(tokens, end - 1, end):
            year = tokens[end].number
            end += year is not None
    if end < len(tokens) and year is None and tokens[end].word in _OCLOCK:
        return None  # „в 9.10 ч.“
    return Day(day, month, year), _past_year_word(tokens, end) if year else end


def _iso_day(tokens: Sequence[Token], at: int) -> tuple[Named, int] | None:
    """„2026-11-30“."""
    if at + 4 >= len(tokens) or len(tokens[at].word) != 4 or not _touch(tokens, at, at + 4):
        return None
    year, month, day = (tokens[at + step].number for step in (0, 2, 4))
    signs = tokens[at + 1].word in SPLIT and tokens[at + 3].word in SPLIT
    if not (signs and year and month and 1 <= month <= 12 and _is_day(day)):
        return None
    assert day is not None
    return Day(day, month, year), at + 5


def _day_of_month(tokens: Sequence[Token], at: int) -> tuple[Named, int] | None:
    """„30 ноември“, „2-ри декември 2026 г.“."""
    day = tokens[at].number
    if not _is_day(day):
        return None
    assert day is not None
    end = at + 1
    if end < len(tokens) and tokens[end].word in SPLIT:
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


def _past_year_word(tokens: Sequence[Token], at: int) -> int:
    if at < len(tokens) and tokens[at].word in _YEAR:
        at += 1
        if at < len(tokens) and tokens[at].word == ".":
            at += 1
    return at


def _is_day(number: int | None) -> bool:
    return number is not None and 1 <= number <= 31


def _touch(tokens: Sequence[Token], first: int, last: int) -> bool:
    """No more than a space is between them."""
    return all(tokens[at + 1].start - tokens[at].end <= 1 for at in range(first, last))


def _of(vocabularies: Sequence[Vocabulary], word: str) -> int:
    return next((number for number, one in enumerate(vocabularies, start=1) if word in one), 0)


def resolved(named: Named, today: date) -> date | None:
    """The date; None: there is no such day."""
    match named:
        case Day():
            if named.year is None:
                return nearest(named.day, named.month, today)
            return in_year(named.day, named.month, named.year)
        case Ahead():
            return today + timedelta(days=named.days)
        case Weekday():
            return next_weekday(named.number, today)
