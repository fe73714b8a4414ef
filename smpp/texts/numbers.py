"""The numbers of a text, and the students whom they name: whole, or typed in groups. Pure."""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from smpp.texts.spelling import as_number, looks_like_digits
from smpp.texts.subjects import LENGTHS, Subject

MOST_GROUPS = 12
"""Groups in a row that are put together; what is more is no code."""
FEWEST_TYPED = 5
"""Digits among groups some of which have letters that look like digits."""

_PHONE = re.compile(r"(?:00)?359[2-9]\d{7,8}|0(?:8[789]|98)\d{7,8}")


def apart(typed: Sequence[str]) -> tuple[list[str], list[str]]:
    """(the numbers, the other words) of a text's words, each in their order.

    Groups with letters typed for digits are numbers beside others: „8545 98l6“.
    """
    numbers: list[str] = []
    spoken: list[str] = []
    for digits, group in groupby(typed, looks_like_digits):
        run = list(group)
        if digits and sum(map(_typed_digits, run)) >= FEWEST_TYPED:
            numbers += [number for word in run if (number := as_number(word, forgiving=True))]
            continue
        for word in run:
            number = as_number(word)
            if number is None:
                spoken.append(word)
            else:
                numbers.append(number)
    return numbers, spoken


def is_phone(number: str) -> bool:
    """A Bulgarian mobile number, or one with the country's code: no ЕГН has these digits."""
    return _PHONE.fullmatch(number) is not None


def subjects_in(numbers: Sequence[str], short_code: str = "") -> tuple[Subject, ...]:
    """Numbers of the right length, each a subject, and those typed in groups: `1234 56 78`, `750102 0018`.

    The short code among the groups is none of them. Telephone numbers name nobody.
    """
    named: list[str] = []
    for whole, group in groupby(numbers, lambda number: len(number) in LENGTHS):
        run = [number for number in group if not is_phone(number)]
        if whole:
            named += run
        else:
            named += _joined(run) or _joined([number for number in run if number != short_code]) or []
    return tuple(dict.fromkeys(Subject(LENGTHS[len(number)], number) for number in named))


def _typed_digits(word: str) -> int:
    return sum(character.isdigit() for character in word)


def _joined(groups: Sequence[str]) -> list[str] | None:
    """Groups in a row put together to numbers of the right lengths, rather those whose check digits are right."""
    if not groups or len(groups) > MOST_GROUPS:
        return None
    ways = list(_ways(groups))
    return max(ways, key=lambda way: sum(Subject(LENGTHS[len(one)], one).checks for one in way), default=None)


def _ways(groups: Sequence[str]) -> Iterator[list[str]]:
    if not groups:
        yield []
    number = ""
    for end, group in enumerate(groups, start=1):
        number += group
        if len(number) > max(LENGTHS):
            return
        if len(number) in LENGTHS:
            yield from ([number, *others] for others in _ways(groups[end:]))
