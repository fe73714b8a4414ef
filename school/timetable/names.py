"""Which of the school's subjects or teachers a name means, as people and programs shorten them.

A guess is certain when nothing else of the school could be meant by the rule that found it. What is only alike is for
a person to confirm.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache
from pathlib import Path

ABBREVIATIONS = Path(__file__).with_name("abbreviations.toml")
ALIKE = 0.72
"""The share of letters in common from which a name is offered as a guess."""
_TITLES = {"г-н", "г-жа", "г-ца", "госпожа", "господин", "д-р", "инж", "проф", "доц", "ас", "mr", "mrs", "ms"}
_SMALL = {"и", "на", "по", "за", "в", "с", "and", "of"}


@dataclass(frozen=True, slots=True)
class Guess:
    """What a name means: an id; `is_certain` False: a person should look."""

    id: int
    is_certain: bool


def subject(name: str, known: Mapping[int, str]) -> Guess | None:
    """By the whole name, a usual abbreviation, initials („БЕЛ“), beginnings of words („Физ. възп.“), or likeness."""
    wanted = _words(name)
    if not wanted:
        return None
    named = {id_: _words(full) for id_, full in known.items()}
    usual = _abbreviations().get("".join(wanted))
    rules: tuple[Callable[[list[str]], bool], ...] = (
        lambda words: words == wanted,
        lambda words: usual is not None and words == _words(usual),
        lambda words: _large(words) == _large(wanted),
        lambda words: len(wanted) == 1 and wanted[0] in _initials(words),
        lambda words: _begins(wanted, words),
    )
    for rule in rules:
        if found := _by_rule(rule, named):
            return found
    return _alike(" ".join(wanted), {id_: " ".join(words) for id_, words in named.items()})


def person(name: str, known: Mapping[int, tuple[str, str]]) -> Guess | None:
    """A teacher by given and family name in either order, initials, or the family name alone; id -> given, family."""
    wanted = [word for word in _words(name) if word not in _TITLES]
    if not wanted:
        return None
    named = {id_: (_words(given), _words(family)) for id_, (given, family) in known.items()}

    def whole(words: tuple[list[str], list[str]]) -> bool:
        given, family = words
        return wanted in ([*given, *family], [*family, *given])

    def shortened(words: tuple[list[str], list[str]]) -> bool:
        given, family = words
        return (
            len(wanted) > 1
            and any(wanted[cut:] == family and _initial(wanted[:cut], given) for cut in range(1, len(wanted)))
        ) or any(wanted[:cut] == family and _initial(wanted[cut:], given) for cut in range(1, len(wanted)))

    def family_only(words: tuple[list[str], list[str]]) -> bool:
        return wanted == words[1] or (len(wanted) == 1 and wanted[0] in words[1])

    def outer(words: tuple[list[str], list[str]]) -> bool:
        given, family = words
        return len(wanted) > 2 and wanted[0] in given and wanted[-1] in family

    for rule in (whole, outer, shortened, family_only):
        ids = [id_ for id_, words in named.items() if rule(words)]
        if ids:
            return Guess(ids[0], len(ids) == 1)
    return _alike(" ".join(wanted), {id_: " ".join((*given, *family)) for id_, (given, family) in named.items()})


def _words(text: str) -> list[str]:
    return [one for one in re.split(r"[\s.,_()\"„“]+", text.casefold()) if one]


def _large(words: Iterable[str]) -> list[str]:
    return [one for one in words if one not in _SMALL]


def _initials(words: list[str]) -> set[str]:
    return {"".join(one[0] for one in words), "".join(one[0] for one in _large(words))} if len(words) > 1 else set()


def _begins(short: list[str], words: list[str]) -> bool:
    """Each shortened word begins a word of the name, in their order."""
    rest = iter(_large(words))
    return all(any(word.startswith(one) for word in rest) for one in _large(short)) and bool(_large(short))


def _initial(short: list[str], given: list[str]) -> bool:
    return bool(short) and bool(given) and given[0].startswith(short[0])


def _by_rule(rule: Callable[[list[str]], bool], named: Mapping[int, list[str]]) -> Guess | None:
    ids = [id_ for id_, words in named.items() if rule(words)]
    return Guess(ids[0], len(ids) == 1) if ids else None


def _alike(wanted: str, named: Mapping[int, str]) -> Guess | None:
    best = max(((_likeness(wanted, name), -id_) for id_, name in named.items()), default=(0.0, 0))
    return Guess(-best[1], False) if best[0] >= ALIKE else None


def _likeness(wanted: str, name: str) -> float:
    """The share of letters in common; 0 where it is below `ALIKE` whatever their order, which costs less to see."""
    matcher = SequenceMatcher(None, wanted, name)
    if matcher.real_quick_ratio() < ALIKE or matcher.quick_ratio() < ALIKE:
        return 0.0
    return matcher.ratio()


@cache
def _abbreviations() -> dict[str, str]:
    return tomllib.loads(ABBREVIATIONS.read_text("utf-8"))
