"""A cell of telephones -> its numbers, each with who is said beside it. Nothing in the cell is passed over."""

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers

from db.kinds import GuardianRelation
from errors import InputError
from school.roster import cells
from school.roster.tables import Value
from school.security import destinations
from school.security.phones import e164

_APART = re.compile(r"[,;|\n\r]+|\s+/\s+|\s+и\s+|\s+или\s+", re.IGNORECASE)
_LABELS = re.compile(
    r"\b(?:телефон\w*|тел|мобил\w*|моб|джиесем|gsm|гсм|mobile|tel|phone|дом\w*|служ\w*|сл|личен|личен|на)\b\.?",
    re.IGNORECASE,
)
_NOTHING = {"", "няма", "не", "-", "--", "---", "x", "х", "n/a", "не е посочен", "няма тел", "няма телефон"}
_INITIALS = {"м": GuardianRelation.MOTHER, "б": GuardianRelation.FATHER}
"""Beside a telephone: „м. 0888…“."""
_DIGITS = re.compile(r"\d")


_e164 = lru_cache(20_000)(e164)
"""A number is asked for while its cell is taken apart, and once more when it is read."""


@dataclass(frozen=True, slots=True)
class Contact:
    """A telephone in E.164, and who is said to have it, as far as the cell tells."""

    phone: str
    relation: GuardianRelation | None = None
    name: str = ""


def says_nothing(value: Value) -> bool:
    """„няма“, „-“ and other ways to write that there is no number."""
    return cells.text_of(value).casefold().strip(" .") in _NOTHING


def contacts(value: Value) -> tuple[Contact, ...]:
    """All telephones of a cell. Raises InputError when any digit or word of it cannot be read."""
    text = _unshortened(cells.lines_of(value)).strip("'’` ")
    if says_nothing(text):
        return ()
    if whole := _one(text):
        return (Contact(whole),)
    found: list[Contact] = []
    said: list[str] = []
    for piece in _pieces(text):
        phone = _one(_DIGITS_ONLY.sub("", piece)) if _DIGITS.search(piece) else None
        if _DIGITS.search(piece):
            if phone is None:
                raise _unreadable(piece)
            found.append(_described(phone, _words_of(piece) or " ".join(said)))
            said = []
        elif _words_of(piece):
            said.append(_words_of(piece))
    if said and found and not found[-1].relation and not found[-1].name:
        found[-1] = _described(found[-1].phone, " ".join(said))
        said = []
    if said or not found:
        raise _unreadable(text)
    return tuple({one.phone: one for one in reversed(found)}.values())[::-1]


_DIGITS_ONLY = re.compile(r"[^\d+ ()./\-]+")


def _one(text: str) -> str | None:
    """A single number; raises InputError when our lines do not reach it."""
    text = text.strip(" .,;:()-–/")
    if not text:
        return None
    if len(re.sub(r"\D", "", text)) > 15:
        return None  # longer than any number: several of them
    phone = _e164(text) or _e164(re.sub(r"\(0\)", "", text))
    if phone is not None:
        destinations.check(phone)
    return phone


def _pieces(text: str) -> list[str]:
    """The cell in pieces of at most one number each, in their order."""
    pieces: list[str] = []
    for part in _APART.split(text):
        digits = len(re.sub(r"\D", "", part))
        if digits > 15 or (digits and not _is_number(part)):
            pieces += _matched(part)
        else:
            pieces.append(part)
    return [one for one in pieces if one.strip(" .,;:()-–/")]


def _matched(part: str) -> list[str]:
    """Several numbers with nothing, a blank or a stroke between them: as the library finds them, else by halves."""
    found, last = [], 0
    for match in phonenumbers.PhoneNumberMatcher(part, "BG", leniency=phonenumbers.Leniency.VALID):
        found.append(part[last : match.start])
        found.append(match.raw_string)
        last = match.end
    found.append(part[last:])
    if len(found) > 1 and not any(_DIGITS.search(one) for one in found[::2]):
        return _with_words(found)
    words = re.split(r"[\s/\-]+", part)
    for cut in range(1, len(words)):
        before, after = " ".join(words[:cut]), " ".join(words[cut:])
        if _is_number(before) and _is_number(after):
            return [before, after]
    return [part]


def _with_words(found: list[str]) -> list[str]:
    """Numbers with the words beside them: those after a number belong to it, unless the part begins with words."""
    if _words_of(found[0]):
        return [found[place] + " " + found[place + 1] for place in range(0, len(found) - 1, 2)] + [found[-1]]
    return [found[place] + " " + found[place + 1] for place in range(1, len(found), 2)]


def _is_number(text: str) -> bool:
    return _e164(_DIGITS_ONLY.sub("", text).strip(" .,;:()-–/")) is not None


def _words_of(piece: str) -> str:
    """What is written beside a number, without „тел.“ and its like."""
    words = re.sub(r"[\d+()/:;,=–—.]|(?<!\w)-|-(?!\w)", " ", piece)
    return " ".join(_LABELS.sub(" ", words).split())


def _described(phone: str, words: str) -> Contact:
    """A number with what was said beside it: „майка“, „Силвия Иванова“, or both."""
    relation, rest = None, []
    for word in words.split():
        known = cells.relation_of(word) or _INITIALS.get(word.casefold().strip(" .-()"))
        if known is not None and relation is None:
            relation = known
        elif word.strip(" .-"):
            rest.append(word)
    name = " ".join(rest)
    if name and (len(rest) < 2 or not cells.is_name(name)):
        raise InputError(
            "“{text}” beside the telephone is not understood: write the number alone, or with {mother} or {father}.",
            text=cells.masked(name),
            mother="майка",
            father="баща",
        )
    return Contact(phone, relation, name)


def _unshortened(text: str) -> str:
    """„8.88123456E+08“ is all of a number; of „8.88E+08“ the end is lost, and nobody may guess it."""
    written = text.strip().replace(",", ".")
    if not re.fullmatch(r"\d(?:\.\d+)?[eе]\+?\d{1,2}", written, re.IGNORECASE):
        return text
    mantissa, power = re.split(r"[eе]\+?", written, flags=re.IGNORECASE)
    digits = mantissa.replace(".", "")
    if len(digits) - 1 < int(power):
        raise InputError("Excel has shortened the number: make the column “Text” and write the whole number again.")
    return digits


def _unreadable(text: str) -> InputError:
    return InputError(
        "“{text}” is not a telephone number: write one number, as 0888123456.", text=" ".join(text.split())[:40]
    )
