"""What the columns of a table are: guessed by their headings and by what is in them, pure.

A guess is sure where heading and contents agree; the person is shown every column and asked where it is not.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from school.roster import contents, names
from school.roster.cells import masked, text_of
from school.roster.columns import Kind
from school.roster.contents import MOSTLY, Contents
from school.roster.headings import Heading, heading, key_of
from school.roster.sheets import Sheet
from school.roster.tables import is_blank, letter_of
from school.students.national_ids import hidden

SUPPORT = 0.3
"""The part of the cells that must be what the heading says, or the heading is not believed."""
_CHECKED = {
    "national_id": ("national_id", "phone"), "email": ("email",), "phone": ("phone",), "phone2": ("phone",),
    "birth": ("birth",), "class": ("class", "level", "letter"), "relation": ("relation",), "first": ("first", "name"),
    "last": ("first", "name"), "middle": ("first", "name"), "name": ("first", "name"), "number": ("number",),
    "special": ("special",),
}  # fmt: skip
_MOST_IN_A_CLASS = 45
_EXAMPLES = 3


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """A column with what it probably is. `field` None: nobody knows; "": it is probably not ours."""

    index: int
    letter: str
    heading: str
    field: str | None
    is_sure: bool
    is_ours: bool
    """Called as in our template."""
    filled: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Guess:
    """What a form of table probably is. `kind` None: no list of people."""

    kind: Kind | None
    columns: tuple[ColumnGuess, ...]
    order: names.OrderGuess


def shape_of(sheet: Sheet) -> str:
    """Files of the same form have the same: by their headings, and without them by the number of columns."""
    headings = [key_of(text) for text in sheet.headings]
    return hashlib.sha256(json.dumps([headings, bool(sheet.header_rows)]).encode()).hexdigest()[:32]


def guess(sheets: Sequence[Sheet], today: date, kind: Kind | None = None) -> Guess:
    """The guess for sheets of one form; `kind` when the person has told what they list."""
    headings = sheets[0].headings
    looked = [
        contents.look([value for sheet in sheets for value in sheet.column(index)], today)
        for index in range(len(headings))
    ]
    kind = kind or _kind_of(headings, looked)
    if kind is None:
        return Guess(None, (), names.OrderGuess(names.Order.GIVEN_FIRST, True))
    said = [heading(text, kind) for text in headings]
    whats, sure = _whats(kind, said, looked)
    if kind is Kind.STUDENTS:
        _classes(whats, looked)
        _numbers(whats, said, sure, sheets)
        fields = _owned(whats, said, sure)
    else:
        fields = whats
    if "name" in fields and {"first", "last"} <= set(fields):
        index = fields.index("name")
        fields[index], sure[index] = None, False
    _once(fields, sure, looked, kind)
    order = names.order_of(
        text_of(value)
        for index, what in enumerate(fields)
        if what == "name"
        for value in looked[index].values  # the list's own people decide
    )
    columns = tuple(
        ColumnGuess(
            index,
            letter_of(index),
            headings[index],
            fields[index],
            sure[index],
            said[index].is_ours and sure[index] and fields[index] is not None,
            looked[index].filled,
            _examples(looked[index]),
        )
        for index in range(len(headings))
    )
    return Guess(kind, columns, order)


def _kind_of(headings: Sequence[str], looked: Sequence[Contents]) -> Kind | None:
    students = [heading(text, Kind.STUDENTS) for text in headings]
    staff = [heading(text, Kind.STAFF) for text in headings]
    of_staff = sum(one.what in ("role", "subject", "leads_class", "profiled", "classes") for one in staff)
    has_ids = any(one.what == "national_id" for one in students) or any(
        c.share("national_id") >= MOSTLY for c in looked
    )
    families = sum(one.whose in ("mother", "father", "guardian") for one in students)
    telephones = any(one.what in ("phone", "birth") for one in students) or any(c.best == "phone" for c in looked)
    people = any(one.what in ("name", "first", "last") for one in students) or any(
        c.share("name") + c.share("first") >= MOSTLY for c in looked
    )
    if not people and not has_ids:
        return None
    graded = sum(
        one.filled > 0
        and one.share("grade") >= (SUPPORT if heading(text, Kind.GRADES).what == "grade" else MOSTLY)
        and said.what not in ("number", "class", "letter")
        for one, said, text in zip(looked, students, headings, strict=True)
    )
    mails = any(c.best == "email" for c in looked) or any(one.what == "email" for one in staff)
    if of_staff and not has_ids and not families and (of_staff >= 2 or mails):
        return Kind.STAFF
    if graded and not families and not telephones and not mails and not of_staff:
        return Kind.GRADES
    classes = any(one.what == "class" for one in students) or any(c.best == "class" for c in looked)
    if has_ids or families or telephones or classes:
        return Kind.STUDENTS
    return Kind.STAFF if mails else Kind.STUDENTS if len(headings) > 2 else None


def _whats(kind: Kind, said: Sequence[Heading], looked: Sequence[Contents]) -> tuple[list[str | None], list[bool]]:
    whats: list[str | None] = []
    sure: list[bool] = []
    for one, of in zip(said, looked, strict=True):
        what: str | None = one.what
        is_sure = bool(what)
        if of.filled and what in _CHECKED and not one.is_ours:
            if max(of.share(kind_) for kind_ in _CHECKED[what]) < SUPPORT:
                what, is_sure = "", False
            elif what == "name" and of.share("first") >= MOSTLY:
                what, is_sure = "first", False
        if what == "first" and of.share("name") >= MOSTLY and not _has_family_name(one, said):
            what, is_sure = "name", False
        if not what:
            what, is_sure = _by_contents(kind, of)
        whats.append(what)
        sure.append(is_sure)
    return whats, sure


def _has_family_name(one: Heading, said: Sequence[Heading]) -> bool:
    return any(other.what == "last" and other.whose == one.whose for other in said)


def _by_contents(kind: Kind, of: Contents) -> tuple[str | None, bool]:
    """What a column is whose heading says nothing."""
    if not of.filled:
        return "", True
    if kind is Kind.GRADES:
        return (
            "grade" if of.share("grade") >= MOSTLY else of.best if of.best in ("national_id", "name") else None
        ), False
    best = of.best
    if kind is Kind.STAFF:
        return (best if best in ("email", "name") else "classes" if best == "class" else None), False
    return (None if best in ("letter", "special", "first", "") else best), False


def _classes(whats: list[str | None], looked: Sequence[Contents]) -> None:
    """„Клас“ and „Паралелка“ apart, or one of them with all of it."""
    places = [index for index, what in enumerate(whats) if what == "class"]
    levels = [
        index for index in places if looked[index].share("level") >= MOSTLY and looked[index].share("class") < SUPPORT
    ]
    letters = [index for index in places if looked[index].share("letter") >= MOSTLY]
    whole = [index for index in places if looked[index].share("class") >= 0.5 and index not in letters]
    if whole:
        for index in (*levels, *letters):
            whats[index] = ""
    elif levels and letters:
        whats[levels[0]], whats[letters[0]] = "level", "letter"
    elif letters and not levels:
        whats[letters[0]] = "letter"


def _numbers(whats: list[str | None], said: Sequence[Heading], sure: list[bool], sheets: Sequence[Sheet]) -> None:
    """„№ по ред“ through a whole school is no number in the class."""
    for index, what in enumerate(whats):
        if what == "number" and not said[index].is_ours and any(_runs_through(sheet, index, whats) for sheet in sheets):
            whats[index], sure[index] = "", True


def _runs_through(sheet: Sheet, index: int, whats: Sequence[str | None]) -> bool:
    """Whether a column numbers the rows of a sheet and not the students of a class."""
    listed = [text_of(cell).strip(".№ ") for cell in sheet.column(index) if not is_blank(cell)]
    numbers = [int(text) for text in listed if re.fullmatch(r"\d{1,5}", text)]
    if max(numbers, default=0) > _MOST_IN_A_CLASS:
        return True
    rising = all(first < second for first, second in pairwise(numbers))
    place = next((where for where, what in enumerate(whats) if what in ("class", "level")), None)
    classes = {text_of(cell) for cell in sheet.column(place) if not is_blank(cell)} if place is not None else set()
    return rising and len(numbers) > 2 and max(len(classes), len(set(sheet.sections.values()))) > 1


def _owned(whats: Sequence[str | None], said: Sequence[Heading], sure: list[bool]) -> list[str | None]:
    """Whose each thing is: the student's own, the mother's, or one of the guardians'."""
    fields: list[str | None] = []
    taken: set[str] = set()
    current = ""
    for index, (what, one) in enumerate(zip(whats, said, strict=True)):
        field: str | None
        if what in (None, ""):
            field = what
        elif one.whose in ("mother", "father"):
            current, field = one.whose, _free(one.whose, what or "", taken)
        elif one.whose == "guardian":
            current, field = _of_guardian(what or "", one, taken, current)
        elif what in ("phone", "email", "relation"):
            if one.whose == "student":
                field, sure[index] = None, False  # the student's own: we tell parents
            else:
                current, field = _of_guardian(what, one, taken, _waiting(what, taken) or current)
                sure[index] = False
        elif what in ("name", "first", "middle", "last") and what in taken and one.whose != "student":
            current, field = _of_guardian(what, one, taken, current)
            sure[index] = False
        else:
            field = what
        if field is None and what and one.whose != "student":
            sure[index] = False
        if field:
            taken.add(field)
        fields.append(field)
    return fields


def _of_guardian(what: str, one: Heading, taken: set[str], current: str) -> tuple[str, str | None]:
    """The guardian whom a heading without a parent's name means, and the field."""
    if (
        one.number
        and (one.what or one.whose)
        and not (what == "phone" and one.whose == "" and "guardian1_phone" in taken and one.number == 2)
    ):
        group = f"guardian{one.number}"
        return group, _free(group, what, taken)
    if one.is_second and current and what == "phone":
        return current, _free(current, "phone2", taken)
    groups = [current] if current else []
    for group in (*groups, "guardian1", "guardian2", "guardian3", "guardian4"):
        if f"{group}_{what}" not in taken:
            return group, f"{group}_{what}"
    return current, None


def _waiting(what: str, taken: set[str]) -> str:
    """The one guardian who has been named and has no telephone (or e-mail) yet; empty: there is none or several."""
    named = dict.fromkeys(
        field.partition("_")[0] for field in sorted(taken) if field.partition("_")[2] in ("name", "first")
    )
    waiting = [group for group in named if f"{group}_{what}" not in taken]
    return waiting[0] if len(waiting) == 1 else ""


def _free(group: str, what: str, taken: set[str]) -> str | None:
    """The group's field, its second telephone where it has one, or None."""
    for name in (what, "phone2") if what == "phone" else (what,):
        if f"{group}_{name}" not in taken:
            return f"{group}_{name}"
    return None


def _once(fields: list[str | None], sure: list[bool], looked: Sequence[Contents], kind: Kind) -> None:
    """Of two columns for one thing the person chooses; the fuller one is proposed."""
    best: dict[str, int] = {}
    for index, field in enumerate(fields):
        if not field or (kind is Kind.GRADES and field == "grade"):
            continue
        other = best.setdefault(field, index)
        if other == index:
            continue
        loser = index if looked[index].filled <= looked[other].filled else other
        best[field] = index + other - loser
        fields[loser], sure[loser], sure[best[field]] = None, False, False


def _examples(of: Contents) -> tuple[str, ...]:
    """Three different cells; no national id is shown whole, nor a long number in a column of such."""
    texts = dict.fromkeys(" ".join(text_of(value).split()) for value in of.values)
    hides = of.share("national_id") >= SUPPORT
    return tuple((masked(text) if hides else hidden(text))[:40] for text in list(texts)[:_EXAMPLES])


def fields_of(guessed: Guess, fields: Mapping[int, str] | None) -> dict[int, str]:
    """Column -> field: as the person decided, else as guessed; columns that nobody knows are not in it."""
    if fields is not None:
        return dict(fields)
    return {one.index: one.field for one in guessed.columns if one.field is not None}
