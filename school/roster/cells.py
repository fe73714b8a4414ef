"""Single cells as people and Excel write them -> typed values.

Every function takes a cell that is not blank and raises InputError when it cannot be what its column holds. A sentence
may repeat the cell: `Place.problem` hides a national id in it.
"""

import re
from datetime import date, datetime, time, timedelta

from db.kinds import GuardianRelation, Role
from errors import InputError
from school.roster import class_names
from school.roster.class_names import ClassName, ClassRange
from school.roster.tables import Value
from school.security import destinations
from school.students import national_ids
from school.students.national_ids import NationalId
from school.wording.translation import Words

LONGEST_NAME = 80
LONGEST_EMAIL = 254

_LOOK_ALIKE = str.maketrans("ABCEHKMOPTXaceopxy", "АВСЕНКМОРТХасеорху")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_LATIN = re.compile("[A-Za-z]")
_NAME = re.compile(r"[^\W\d_]+(?:[ .'’`\-–]+[^\W\d_]+)*\.?")
_EMAIL = re.compile(r"[a-z0-9._%+'-]+@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}", re.ASCII)
_MONTHS = ("яну", "фев", "мар", "апр", "май", "юни", "юли", "авг", "сеп", "окт", "ное", "дек")
_EXCEL_EPOCH = date(1899, 12, 30)
_EXCEL_DATES = range(1, 80_000)

RELATIONS = {
    "майка": GuardianRelation.MOTHER,
    "мама": GuardianRelation.MOTHER,
    "баща": GuardianRelation.FATHER,
    "татко": GuardianRelation.FATHER,
    "родител": GuardianRelation.PARENT,
    "баба": GuardianRelation.GRANDPARENT,
    "дядо": GuardianRelation.GRANDPARENT,
    "настойник": GuardianRelation.GUARDIAN,
    "попечител": GuardianRelation.GUARDIAN,
    "законен представител": GuardianRelation.GUARDIAN,
    "приемен родител": GuardianRelation.FOSTER_PARENT,
    "приемна майка": GuardianRelation.FOSTER_PARENT,
    "приемен баща": GuardianRelation.FOSTER_PARENT,
}
RELATION_WORDS = {
    GuardianRelation.MOTHER: Words("майка"),
    GuardianRelation.FATHER: Words("баща"),
    GuardianRelation.PARENT: Words("родител"),
    GuardianRelation.GRANDPARENT: Words("баба или дядо"),
    GuardianRelation.GUARDIAN: Words("настойник"),
    GuardianRelation.FOSTER_PARENT: Words("приемен родител"),
}
RELATIONS["баба или дядо"] = GuardianRelation.GRANDPARENT
ROLES = (
    (re.compile(r"\bдиректор"), Role.PRINCIPAL),
    (re.compile(r"^здуд$|^здад$"), Role.PRINCIPAL),
    (re.compile(r"\bучител|\bкласен р|^преподавател"), Role.TEACHER),
    (re.compile(r"^(?:училищен )?администратор$"), Role.SCHOOL_ADMINISTRATOR),
)
"""What a position is to us: „ст. учител“ and „начален учител“ are teachers, a deputy is a principal."""
ROLE_WORDS = {
    Role.TEACHER: Words("учител"),
    Role.PRINCIPAL: Words("директор"),
    Role.SCHOOL_ADMINISTRATOR: Words("администратор"),
    Role.PLATFORM_OPERATOR: Words("оператор"),
}
YES_NO = {True: Words("да"), False: Words("не")}
_YES = {"да", "д", "yes", "y", "true", "истина", "1", "x", "х", "+"}
_NO = {"не", "н", "no", "n", "false", "неистина", "лъжа", "0", "-"}


def in_cyrillic(text: str) -> str:
    """Latin letters that look like Cyrillic ones made Cyrillic: „Мapия“ typed with a wrong keyboard."""
    return text.translate(_LOOK_ALIKE)


def text_of(value: Value) -> str:
    """A cell as text in one line: 5.0 is „5“, and a date is as people write it."""
    if isinstance(value, bool):
        return "да" if value else "не"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return f"{value:%d.%m.%Y}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return " ".join(str("" if value is None else value).replace("\u200b", "").replace("\ufeff", "").split())


def lines_of(value: Value) -> str:
    """The same with the line breaks of the cell."""
    if not isinstance(value, str):
        return text_of(value)
    return "\n".join(line for one in value.splitlines() if (line := text_of(one)))


def is_name(text: str) -> bool:
    """Whether a text is made of letters as names are."""
    return bool(_NAME.fullmatch(text))


def name(value: Value) -> str:
    """A name of a person: letters, joined by spaces, hyphens, dots or apostrophes."""
    text = re.sub(r"\s*[-–—‐‑]\s*", "-", text_of(value))
    if _CYRILLIC.search(text) and _LATIN.search(text):
        text = in_cyrillic(text)
        if _LATIN.search(text):
            raise InputError("“{text}” mixes the letters of two alphabets: write the name in Cyrillic.", text=text[:80])
    if not _NAME.fullmatch(text):
        raise InputError("“{text}” is not a name: write it in letters only.", text=masked(text))
    if len(text) > LONGEST_NAME:
        raise InputError("The name is longer than {most} characters: shorten it.", most=LONGEST_NAME)
    return text


def national_id(value: Value, today: date) -> NationalId:
    """ЕГН or ЛНЧ, also where Excel has made a number of it and swallowed the zeros at its beginning."""
    text = text_of(value).strip("'’` ")
    digits = "".join(text.split())
    if re.fullmatch(r"\d+[.,]?\d*[eе]\+?\d+", digits, re.IGNORECASE):
        raise InputError("Excel has shortened the number: make the column “Text” and write it again with 10 digits.")
    if not (digits.isascii() and digits.isdigit()):
        raise InputError("An EGN or LNCh is written in digits only: check the number.")
    if 8 <= len(digits) < 10:
        digits = digits.zfill(10)
    if len(digits) != 10:
        raise InputError("An EGN or LNCh has 10 digits and this has {count}: check the number.", count=len(digits))
    try:
        return national_ids.parse(digits, today)
    except InputError:
        raise InputError("This is not a valid EGN or LNCh (a digit is wrong): check the number.") from None


def birth_date(value: Value, today: date) -> date:
    """A past date: Excel's own, „23.11.2012“ (г.), „23/11/2012“, „2012-11-23“ or „23 ноември 2012“."""
    found = _date(value)
    if found is None:
        raise InputError("“{text}” is not a date: write it like 23.11.2012.", text=text_of(value)[:40])
    if not 1900 < found.year <= today.year - 3:
        raise InputError("{day:%d.%m.%Y} cannot be a student's birth date: check it.", day=found)
    return found


def _date(value: Value) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    text = re.sub(r"\s*(г|год|година)\.?$", "", text_of(value).lower())
    if re.fullmatch(r"\d{5}", text) and int(text) in _EXCEL_DATES:
        return _EXCEL_EPOCH + timedelta(days=int(text))  # a date that lost its format
    text = re.sub(r"[ t]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?$", "", text)
    if iso := re.fullmatch(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})", text):
        return _made(*(int(part) for part in iso.groups()))
    if usual := re.fullmatch(r"(\d{1,2})\s*[-./,]\s*(\d{1,2})\s*[-./,]\s*(\d{4})", text):
        day, month, year = (int(part) for part in usual.groups())
        return _made(year, month, day)
    if (worded := re.fullmatch(r"(\d{1,2})\.?\s+([а-я]{3})[а-я]*\.?\s+(\d{4})", text)) and worded[2] in _MONTHS:
        return _made(int(worded[3]), _MONTHS.index(worded[2]) + 1, int(worded[1]))
    return None


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def phone(value: Value) -> str:
    """One telephone number that our lines reach -> E.164; a zero that Excel swallowed is no loss."""
    found = destinations.accepted(text_of(value).strip("'’` "))
    if found is None:
        raise InputError(
            "“{text}” is not a telephone number: write one number, as 0888123456.", text=text_of(value)[:40]
        )
    return found


def email(value: Value) -> str:
    """An e-mail address, in lower case; also where a name stands before it, as mail programs write it."""
    text = text_of(value).lower().strip(" ;,.")
    if named := re.fullmatch(r"[^<>]*<([^<>]+)>", text):
        text = named[1]
    text = text.removeprefix("mailto:").strip("<> ")
    if not _EMAIL.fullmatch(text) or len(text) > LONGEST_EMAIL or ".." in text:
        raise InputError("“{text}” is not an e-mail address: write one address in Latin letters.", text=text[:60])
    return text


def class_name(value: Value) -> ClassName:
    """A class of any spelling -> (8, "а")."""
    return class_names.class_name(text_of(value))


def classes(value: Value) -> tuple[tuple[ClassName, ...], tuple[ClassRange, ...]]:
    """„8а, 8б; 9а“ and „5а-8в“ -> classes and ranges of them."""
    return class_names.class_names(lines_of(value))


def level(value: Value) -> int:
    """The level alone: „5“, „V“, „5 клас“."""
    found, letter = class_names.class_name(text_of(value))
    if letter:
        raise InputError("“{text}” is not a level: write a number from 1 to 12.", text=text_of(value)[:40])
    return found


def letter(value: Value) -> str:
    """The letter of a class alone."""
    return class_names.class_name("1" + text_of(value).strip("\"'„“”«»."))[1]


def number(value: Value) -> int:
    """The student's number in the class, 1..99."""
    text = text_of(value).strip(".№ ")
    if not re.fullmatch(r"[1-9]\d?", text, re.ASCII):
        raise InputError(
            "“{text}” is not a number in the class: write a number from 1 to 99.", text=text_of(value)[:40]
        )
    return int(text)


def yes_no(value: Value) -> bool:
    """„да“ or „не“."""
    text = text_of(value).lower().strip(".")
    if text in _YES:
        return True
    if text in _NO:
        return False
    raise InputError("“{text}” is not understood: write {yes} or {no}.", text=text[:40], yes="да", no="не")


def relation_of(text: str) -> GuardianRelation | None:
    """Who a word says that somebody is to the student; None: it says nothing of it."""
    return RELATIONS.get(in_cyrillic(text.casefold()).strip(" .()"))


def relation(value: Value) -> GuardianRelation:
    """Who a guardian is to the student."""
    text = in_cyrillic(text_of(value).lower()).strip(".")
    found = relation_of(text)
    if found is None:
        raise InputError(
            "“{text}” is not understood: write one of {known}.",
            text=text[:40],
            known="майка, баща, баба, дядо, настойник, приемен родител",
        )
    return found


def roles(value: Value) -> frozenset[Role]:
    """„ст. учител, администратор“ -> roles at a school; nobody becomes a platform operator this way."""
    found = set()
    for part in re.split(r"[,;/+]| и ", text_of(value).lower()):
        text = " ".join(part.split())
        if not text or text in ("старши", "главен", "младши"):
            continue
        role = next((role for pattern, role in ROLES if pattern.search(text)), None)
        if role is None:
            raise InputError(
                "“{text}” is not a role: write one of {known}.",
                text=text[:40],
                known="учител, директор, администратор",
            )
        found.add(role)
    return frozenset(found)


def masked(text: str) -> str:
    """What may be repeated of a cell: a long number in a wrong column may be a national id."""
    return re.sub(r"\d(?=\d*\d{2})", "*", text)[:60]
