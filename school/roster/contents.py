"""What a column holds, by what is in it: telephones are telephones whatever the column is called."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from errors import InputError
from school.roster import cells, class_names, contacts, names
from school.roster.marks import holds_no_more
from school.roster.tables import Value, is_blank

LOOKED_AT = 150
"""Cells of a column that are looked at: of a longer one every second, third and so on."""
MOSTLY = 0.7


@dataclass(frozen=True, slots=True)
class Contents:
    """The part of a column's filled cells that may be each thing, 0..1; `filled` counts them."""

    filled: int
    parts: dict[str, float]
    values: tuple[Value, ...]
    """Those looked at."""

    def share(self, what: str) -> float:
        """The part of the cells that may be this."""
        return self.parts.get(what, 0.0)

    @property
    def best(self) -> str:
        """What most of the cells are, the most telling kind first; empty: nothing of ours."""
        return next((what for what in _TELLING if self.share(what) >= MOSTLY), "")


_TELLING = ("national_id", "email", "phone", "birth", "relation", "class", "name", "letter", "special", "first")


def look(values: Sequence[Value], today: date) -> Contents:
    """The contents of a column."""
    filled = [value for value in values if not is_blank(value)]
    step = max(1, len(filled) // LOOKED_AT)
    sample = tuple(filled[::step][:LOOKED_AT])
    if not sample:
        return Contents(0, {}, ())
    tests = _tests(today)
    parts = {what: sum(map(test, sample)) / len(sample) for what, test in tests.items()}
    return Contents(len(filled), parts, sample)


def _tests(today: date) -> dict[str, Callable[[Value], bool]]:
    def works(read: Callable[[Value], object]) -> Callable[[Value], bool]:
        def test(value: Value) -> bool:
            try:
                return bool(read(value))
            except InputError:
                return False

        return test

    return {
        "national_id": works(lambda value: cells.national_id(value, today)),
        "email": works(cells.email),
        "phone": lambda value: not isinstance(value, datetime | date) and _is_phone(value),
        "birth": lambda value: not _is_small(value) and works(lambda one: cells.birth_date(one, today))(value),
        "relation": works(cells.relation),
        "class": _is_class,
        "level": works(cells.level),
        "letter": _is_letter,
        "number": works(cells.number),
        "special": lambda value: cells.text_of(value).casefold() in ("да", "не", "yes", "no"),
        "name": lambda value: name_words(value) >= 2,
        "first": lambda value: name_words(value) == 1 and len(cells.text_of(value)) > 2,
        "grade": holds_no_more,
    }


def _is_phone(value: Value) -> bool:
    if len(re.sub(r"\D", "", cells.text_of(value))) < 6:
        return False
    try:
        return bool(contacts.contacts(value))
    except InputError:
        # A number abroad is still a number: whether our lines reach it is told later.
        return bool(re.fullmatch(r"(?:\+|00)\d[\d ()/.\-]{7,}", cells.text_of(value)))


def _is_small(value: Value) -> bool:
    return isinstance(value, int | float) or bool(re.fullmatch(r"\d{1,5}", cells.text_of(value)))


def _is_class(value: Value) -> bool:
    """A class with its letter: a number alone may be anything."""
    try:
        return bool(class_names.class_name(cells.text_of(value))[1])
    except class_names.LatinLetterError:
        return True
    except InputError:
        return False


def _is_letter(value: Value) -> bool:
    return bool(re.fullmatch(r"[\"„“']?[а-яА-Яa-zA-Z][\"“”']?\.?", cells.text_of(value)))


def name_words(value: Value) -> int:
    """How many words a name has; 0: it is none."""
    if not isinstance(value, str) or not re.search("[A-ZА-Я]", value):
        return 0
    text = cells.text_of(value)
    parts = names.words_of(text.replace(",", " "))
    return len(parts) if 0 < len(parts) <= 6 and all(cells.is_name(part) for part in parts) else 0
