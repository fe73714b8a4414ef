"""What the heading of a column says, in whichever words a school writes it.

A field is named by what it holds and, for what belongs to a guardian, whose it is: `mother_phone`, `guardian1_email`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from school.roster.cells import in_cyrillic
from school.roster.columns import COLUMNS, Kind

OF_GUARDIAN = ("name", "first", "middle", "last", "relation", "phone", "phone2", "email")
GUARDIANS = ("mother", "father", "guardian1", "guardian2", "guardian3", "guardian4")
FIELDS: dict[Kind, tuple[str, ...]] = {
    Kind.STUDENTS: (
        "class", "level", "letter", "number", "name", "first", "middle", "last", "national_id", "birth", "special",
    ),
    Kind.STAFF: (
        "name", "first", "middle", "last", "email", "role", "leads_class", "subject", "classes", "profiled",
    ),
    Kind.GRADES: ("grade", "number", "name", "first", "middle", "last", "national_id", "class"),
}  # fmt: skip
_WHO = (
    ("mother", re.compile(r"\b(?:майка|майката|майчин|мама|mother)")),
    ("father", re.compile(r"\b(?:баща|бащата|татко|father)")),
    ("guardian", re.compile(r"\b(?:родител|настойник|попечител|представител|близък|близки|контакт|parent|guardian)")),
    ("student", re.compile(r"\b(?:ученик|ученич|дете|детето|student|child|pupil)")),
)
_WHAT = (
    ("national_id", re.compile(r"\b(?:егн|лнч|egn|лн|единен гражд|личен номер|идентификатор|национален номер)")),
    ("email", re.compile(r"мейл|майл|\bмеил|e ?mail|ел поща|електрон\w* (?:поща|адрес)|\bmail\b")),
    ("phone", re.compile(r"\bтел\b|телефон|\bgsm|\bгсм|мобил|\bмоб\b|джиесем|phone|mobile|\btel\b|\bcell|\bконтакт")),
    ("birth", re.compile(r"\bрожд|\bраждане|\bроден|birth|\bд р\b")),
    ("special", re.compile(r"\bсоп\b|специални образователни|спец нужди")),
    ("relation", re.compile(r"\bкой е|\bвръзка|\bродство|\bродствена|\bв качеството|relation|\bкачество\b")),
    ("name", re.compile(r"\bимена\b|\bтрите\b|\bиме (?:и )?(?:презиме|бащино|фамил)|\bимето и фам|\bfull name|^names?$"
                        r"|\bимена?та\b|\bфамил\w* (?:и )?име|\bсобствено бащино|\bиме и фам|\bф и о\b")),
    ("middle", re.compile(r"\bпрезиме|\bбащино|\bmiddle")),
    ("last", re.compile(r"\bфамил|\blast|\bsurname|\bfamily")),
    ("first", re.compile(r"\bиме(?:то)?\b|\bсобствено\b|\bfirst|\bgiven|\bname\b")),
)  # fmt: skip
_OF_STUDENTS = (
    ("letter", re.compile(r"\bбуква")),
    ("class", re.compile(r"\bклас\b|\bкласа\b|\bкл\b|\bвипуск\b|\bпаралелк|\bclass|\bгрупа\b")),
    ("number", re.compile(r"\bномер|\bпо ред\b|^no$|^n$|^п о р$")),
)
_OF_STAFF = (
    ("leads_class", re.compile(r"\bкласен|\bкласно ръководство|\bкл р|\bръководител на")),
    ("subject", re.compile(r"\bпредмет|\bдисциплин|\bспециалност|\bпреподава\b|\bsubject|\bучебен пр")),
    (
        "classes",
        re.compile(r"\bкласове|\bпаралелки|\bв кои|\bпреподава на|\bна класове|\bclasses|\bклас\b|\bпаралелка"),
    ),
    ("role", re.compile(r"\bроля|\bдлъжност|\bпозиция|\bзаема|\brole\b|\bposition")),
    ("profiled", re.compile(r"\bпрофилир")),
)
_OF_GRADES = re.compile(
    r"\bоценк|\bсрочн|\bсрок\b|\bгодишн|\bконтролн|\bкласн[ао]\b|\bтекущ|\bвходн|\bизходн|\bтест\b|\bустн|\bписмен|\bдомашн"
)
_SECOND = re.compile(r"\bвтори\b|\bдруг|\bдопълнител|\bстационар|\bдомаш|\bслужеб|\bрезерв|\bsecond")


@dataclass(frozen=True, slots=True)
class Heading:
    """What a heading says; `what` is empty when it says nothing to us. `whose` is empty when it does not say."""

    what: str = ""
    whose: str = ""
    number: int = 0
    """Of several guardians or telephones."""
    is_second: bool = False
    """Another number of the same person."""
    is_ours: bool = False
    """Written as in the template: nothing is to be asked."""


def key_of(text: str) -> str:
    """What spellings of a heading have in common: its words in one alphabet and case, with digits apart."""
    lowered = text.casefold().replace("№", " номер ").replace("e-mail", "email")
    # Letters of a wrong keyboard within a Cyrillic word; „Е-mail“ keeps its Latin half.
    lowered = re.sub(
        r"[^\W\d_]+", lambda word: in_cyrillic(word[0]) if re.search("[а-я]", word[0]) else word[0], lowered
    )
    lowered = re.sub(r"(?<=[^\W\d])(?=\d)|(?<=\d)(?=[^\W\d])", " ", lowered)
    return " ".join(re.sub(r"[\W_]+", " ", lowered).split())


_CALLED = {
    kind: {key_of(name): column.field for column in columns for name in (column.heading, *column.others)}
    for kind, columns in COLUMNS.items()
}


def heading(text: str, kind: Kind) -> Heading:
    """What a heading says in a list of this kind."""
    key = key_of(text)
    if not key or len(key) > 120:
        return Heading()
    called = _CALLED.get(kind, {})
    if (own := called.get(key)) is not None:
        return _template(own)
    if kind is Kind.STAFF:
        return Heading(_first(_OF_STAFF, key) or _first(_WHAT[1:2], key) or _first(_WHAT[6:], key))
    if kind is Kind.GRADES and _OF_GRADES.search(key):
        return Heading("grade")
    whose = _first(_WHO, key)
    what = _what_of_student(key, whose)
    digit = re.search(r"\b([1-4])\b|\b(първи|втори|трети)\b", key)
    number = int(digit[1] or {"първи": 1, "втори": 2, "трети": 3}[digit[2]]) if digit else 0
    return Heading(what, whose, number, bool(_SECOND.search(key)))


def _what_of_student(key: str, whose: str) -> str:
    if found := _first(_WHAT[:6], key):
        return found
    if whose in ("", "student") and (found := _first(_OF_STUDENTS, key)) and not re.search(r"\bиме", key):
        return found
    if found := _first(_WHAT[6:], key):
        return found
    return "name" if whose else ""


def _template(field: str) -> Heading:
    whose, _, what = field.rpartition("_") if field.startswith("guardian") else ("", "", field)
    if whose:
        return Heading(what, "guardian", int(whose[-1]), is_ours=True)
    return Heading(what, is_ours=True)


def _first(patterns: Sequence[tuple[str, re.Pattern[str]]], key: str) -> str:
    return next((name for name, pattern in patterns if pattern.search(key)), "")


def label_of(field: str) -> tuple[str, str]:
    """A field as two words of our own: what it holds, whose it is ("" for the student's own)."""
    for group in GUARDIANS:
        if field.startswith(f"{group}_"):
            return field.removeprefix(f"{group}_"), group
    return field, ""
