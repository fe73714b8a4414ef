"""A whole name in one cell -> given, father's and family name, in whichever order a list writes them.

Bulgarian family and father's names are told by their endings; a list is read in one order, which most of its rows
decide. No letter is lost: what is not taken for a given or a father's name belongs to the family name.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_OF_A_FAMILY = re.compile(r"(?:\w{2,}(?:ов|ев|ова|ева)|\w{2,}(?:ски|ска|шки|шка|чки|чка))(?:-\w+)?")
"""Endings of family and father's names; „Ева“ and „Нева“ are given names."""
_BOTH = {"недева", "женева"}
_DECISIVE = 0.6
"""The part of the rows that tell an order which must agree on it."""


class Order(StrEnum):
    """How the parts of a name follow each other."""

    GIVEN_FIRST = "given"
    FAMILY_FIRST = "family"


@dataclass(frozen=True, slots=True)
class Parts:
    """A name in parts; `middle` is empty where there are only two."""

    first: str
    middle: str
    last: str


@dataclass(frozen=True, slots=True)
class OrderGuess:
    """The order of a list; not `is_sure` where its names do not tell."""

    order: Order
    is_sure: bool


def words_of(text: str) -> list[str]:
    """The words of a name: both halves of a double name with a hyphen are one, however the hyphen is written."""
    joined = re.sub(r"\s*[-–—‐‑]\s*", "-", " ".join(text.split()))
    return [word for word in joined.strip("-, ").split(" ") if word]


def is_of_family(word: str) -> bool:
    """Whether a word ends as family and father's names do."""
    lowered = word.casefold().strip(",")
    return lowered not in _BOTH and bool(_OF_A_FAMILY.fullmatch(lowered))


def order_of(texts: Iterable[str]) -> OrderGuess:
    """The order in which most of the names of a list are written."""
    votes = dict.fromkeys(Order, 0)
    for text in texts:
        if (told := _order_of_one(text)) is not None:
            votes[told] += 1
    order = max(Order, key=lambda one: votes[one])
    return OrderGuess(order, votes[order] > 0 and votes[order] >= _DECISIVE * sum(votes.values()))


def _order_of_one(text: str) -> Order | None:
    """The order that one name tells: by its comma, by the family name in capitals, by endings."""
    words = words_of(text)
    if len(words) < 2:
        return None
    if words[0].endswith(",") and len(words[0]) > 1:
        return Order.FAMILY_FIRST
    capitals = [len(word) > 2 and word.isupper() for word in words]
    if any(capitals) and not all(capitals):
        return Order.FAMILY_FIRST if capitals[0] else Order.GIVEN_FIRST if capitals[-1] else None
    family = [is_of_family(word) for word in words]
    if family[0] and not all(family):
        return Order.FAMILY_FIRST
    if not family[0] and family[-1]:
        return Order.GIVEN_FIRST
    return None


def split(text: str, order: Order = Order.GIVEN_FIRST) -> Parts | None:
    """The parts of a name written in this order; None: it is one word, from which no person is known."""
    words = words_of(text)
    if len(words) < 2:
        return None
    if words[0].endswith(",") and len(words[0]) > 1:
        order = Order.FAMILY_FIRST
    words = [_written(word.strip(",")) for word in words if word.strip(",")]
    if len(words) < 2:
        return None
    if order is Order.FAMILY_FIRST:
        return _family_first(words)
    return _given_first(words)


def _given_first(words: list[str]) -> Parts:
    if len(words) == 2:
        return Parts(words[0], "", words[1])
    # „Анна Мария Петрова Иванова“: two given names; „Мария Петрова Иванова Колева“: a double family name.
    given = 2 if len(words) > 3 and not is_of_family(words[0]) and not is_of_family(words[1]) else 1
    return Parts(" ".join(words[:given]), words[given], " ".join(words[given + 1 :]))


def _family_first(words: list[str]) -> Parts:
    if len(words) == 2:
        return Parts(words[1], "", words[0])
    family = 1
    if len(words) > 3:
        # The given name is the first that does not end as a family name does.
        family = next((place for place, word in enumerate(words[:-1]) if place and not is_of_family(word)), 1)
    rest = words[family:]
    return Parts(" ".join(rest[:-1]) or rest[0], rest[-1] if len(rest) > 1 else "", " ".join(words[:family]))


def _written(word: str) -> str:
    """„ИВАНОВА-КОЛЕВА“ as people write it; anything that is not all in capitals stays as it is."""
    if len(word) > 1 and word.isupper():
        return re.sub(r"[^\W\d_]+", lambda part: part[0].capitalize(), word.lower())
    return word
