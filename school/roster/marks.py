"""Grades as the sheets of other diaries write them: „5“, „5,50“, „Отличен 6“, „мн. добър (5)“, „5; 6; 4“."""

import re
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from db.kinds import Mark
from errors import InputError
from school.roster import cells
from school.roster.tables import Value

_WORDS = (
    (re.compile(r"^мн(?:ого)?[. ]*доб(?:ър)?\.?$|^мд$"), Mark.VERY_GOOD, Decimal(5)),
    (re.compile(r"^отл(?:ичен)?\.?$|^от\.?$"), Mark.EXCELLENT, Decimal(6)),
    (re.compile(r"^доб(?:ър)?\.?$|^дб\.?$"), Mark.GOOD, Decimal(4)),
    (re.compile(r"^сред(?:ен)?\.?$|^ср\.?$"), Mark.AVERAGE, Decimal(3)),
    (re.compile(r"^слаб\.?$|^сл\.?$"), Mark.UNSATISFACTORY, Decimal(2)),
    (re.compile(r"^незадовол"), Mark.UNSATISFACTORY, None),
    (re.compile(r"^среща затр|^сз$"), Mark.STRUGGLES, None),
    (re.compile(r"^справя се"), Mark.COPES, None),
    (re.compile(r"^постига изиск|^пи$"), Mark.ACHIEVES, None),
)
_NOTHING = {"", "-", "–", "—", "няма", "x", "х", "/"}


@dataclass(frozen=True, slots=True)
class Given:
    """A grade as a number, in words, or both; which counts depends on the level and the student."""

    number: Decimal | None
    mark: Mark | None

    def at(self, in_words: bool) -> Decimal | Mark | None:
        """The grade where grades are given in words, or in numbers; None: it cannot be said so."""
        if self.mark is not None and (in_words or self.number is None):
            return self.mark
        return self.number


def is_mark(value: Value) -> bool:
    """Whether a cell holds nothing but grades."""
    try:
        return bool(marks(value))
    except InputError:
        return False


def holds_no_more(value: Value) -> bool:
    """Whether a cell holds grades or says that there are none: nothing in it would be lost."""
    try:
        marks(value)
    except InputError:
        return False
    return True


def marks(value: Value) -> tuple[Given, ...]:
    """The grades of a cell; none where it says that there is none. Raises InputError for anything else."""
    if isinstance(value, bool | date | datetime):
        raise _unreadable(value)
    text = cells.lines_of(value).lower().strip()
    if text in _NOTHING:
        return ()
    if re.fullmatch(r"[2-6],\d", text):
        raise InputError("“{text}” may be one grade or two: write it like 5.50 or like 5; 6.", text=text)
    text = re.sub(r"\b([2-6]),(\d\d)(?!\d)", r"\1.\2", text)
    apart = r"[;,\n|]+" if re.search("[а-я]", text) else r"[;,\n|\s]+"
    return tuple(_one(part, value) for part in re.split(apart, text) if part.strip())


def _one(part: str, cell: Value) -> Given:
    part = part.strip().replace("_", " ")
    number = re.fullmatch(r"([^\d(]*?)\s*\(?\s*([2-6](?:\.\d{1,2})?)?\s*\)?", part)
    if number is None:
        raise _unreadable(cell)
    word, digits = number[1].strip(" .-–"), number[2]
    value = Decimal(digits) if digits else None
    if value is not None and 2 < value < 3:
        raise _unreadable(cell)
    if not word:
        if value is None:
            raise _unreadable(cell)
        return Given(value, None)
    found = next(((mark, usual) for pattern, mark, usual in _WORDS if pattern.search(number[1].strip())), None)
    if found is None:
        raise _unreadable(cell)
    mark, usual = found
    return Given(value if value is not None else usual, mark)


def _unreadable(value: Value) -> InputError:
    return InputError(
        "“{text}” is not a grade: write it like 5, 5.50 or {example}.",
        text=cells.masked(cells.text_of(value))[:40],
        example="Отличен 6",
    )
