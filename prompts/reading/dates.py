"""Days, months, years and school years as they are written: „12.03.“, „1–5 юни“, „2026/2027“, „15 септ.“."""

import re

from prompts.grammar.calendar import MONTHS, day_of_month
from prompts.grammar.calendar import year as year_in_words
from prompts.grammar.numbers import Gender, cardinal, ordinal
from prompts.reading.rule import DASH, END, START, Found, after, before, closed, rule

_MONTH_LENGTHS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_ROMAN_MONTHS = {
    roman: n
    for n, roman in enumerate(("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"), start=1)
}
_SHORT_MONTHS = {
    "ян": 1, "яну": 1, "февр": 2, "фев": 2, "апр": 4, "авг": 8, "септ": 9, "сеп": 9, "окт": 10, "ноем": 11, "ное": 11,
    "дек": 12,
}  # fmt: skip
_SHORT_DAYS = {"пон": "понеделник", "вт": "вторник", "четв": "четвъртък", "съб": "събота", "нед": "неделя"}
_SHORT_DAYS |= {"пн": "понеделник", "чт": "четвъртък", "пт": "петък", "сб": "събота"}

_MONTH = "|".join(MONTHS)
_NUMBERED = r"(?:0?[1-9]|1[0-2]|(?:VIII|VII|VI|V|IX|IV|XII|XI|X|III|II|I))"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_POINT = r"\. ?"
_YEAR = r"(?:(?:19|20)\d\d|\d\d)"
_YEAR_WORD = r"(?: ?(?:г\.|година\b|год\.|год\b|г\b))"
_SUFFIX = r"(?:-?(?:ви|ри|ти|ми|и|ия|ият|тия|вия|рия|мия))?"


def _month(written: str) -> int:
    return _ROMAN_MONTHS.get(written) or int(written)


def _valid(day: str, month: str) -> bool:
    return int(day) <= _MONTH_LENGTHS[_month(month) - 1]


def full_year(written: str) -> int:
    """„27“ is of this century."""
    return int(written) if len(written) == 4 else 2000 + int(written)


def _written_day(day: str, month: str, year: str | None) -> str:
    words = day_of_month(_month(month), int(day))
    return f"{words} {year_in_words(full_year(year))}" if year else words


def _date(found: Found) -> str | None:
    """„12.03.“, „12.03.2027 г.“, „12/03/2027“, „12.III.2027“; „12.03“ only where it can be no hour or decimal."""
    day, month, year = found["day"], found["month"], found["year"]
    if not _valid(day, month) or not (year or found["point"] or _can_only_be_a_date(found)):
        return None
    return closed(_written_day(day, month, year), found, dotted=found[0].endswith("."))


_SAYS_OTHERWISE = re.compile(
    r"(?:\b(?:[Вв]|[Вв]ъв|часа|[Уу]спех|[Сс]реден|оценка|бал|точки|т\.)|Отличен|добър|Добър) $"
)
_MEASURED = re.compile(r" ?(?:ч\b|часа|лв|€|%|км|м\b|кг|л\b|евро|EUR|BGN)")


def _can_only_be_a_date(found: Found) -> bool:
    month = found["month"]
    if len(month) < 2 or month.isalpha() or _SAYS_OTHERWISE.search(before(found, 12)):
        return False
    return not _MEASURED.match(after(found)) and not _looks_like_hours(found)


_JOINED_BEFORE = re.compile(r"\d\.(\d\d) ?(?:до|[-–—]) ?$")
_JOINED_AFTER = re.compile(r" ?(?:до|[-–—]) ?\d{1,2}\.(\d\d)(?![\d.])")


def _looks_like_hours(found: Found) -> bool:
    """The other end of „8.10 до 8.50“, which can be no date, says that both are hours."""
    ends = (_JOINED_BEFORE.search(before(found, 14)), _JOINED_AFTER.match(after(found, 14)))
    return any(end is not None and (int(end[1]) > 12 or end[1] == "00") for end in ends)


def _day_before(found: Found) -> str:
    """The first days of „3, 4 и 5.12.“."""
    return f"{ordinal(int(found[1]))}{found[2]}"


def _iso(found: Found) -> str | None:
    year, month, day = found.groups()
    return closed(_written_day(day, month, year), found, dotted=found[0].endswith("."))


def _said_range(found: Found, words: str) -> str:
    """A range of days is said „от ... до ...“, unless a preposition stands before it."""
    said = re.search(r"\b(?:от|между|на|за|през|до|след|преди|из|[Оо]т|[Нн]а|[Зз]а) $", before(found, 8))
    return words if said else f"от {words}"


def _range_of_numbers(found: Found) -> str | None:
    """„12-14.03.2027 г.“, „12.03-14.03.“."""
    day, first_month, last, month, year = found["d1"], found["m1"], found["d2"], found["m2"], found["year"]
    if not _valid(last, month) or (first_month and not _valid(day, first_month)):
        return None
    if not found["point"] and not year and not first_month:
        return None
    if not found["point"] and not year and (month.isalpha() or len(month) < 2):
        return None
    first = day_of_month(_month(first_month), int(day)) if first_month and first_month != month else ordinal(int(day))
    words = f"{first} до {_written_day(last, month, year)}"
    return closed(_said_range(found, words), found, dotted=found[0].endswith("."))


def _range_in_month(found: Found) -> str:
    return _said_range(found, f"{ordinal(int(found[1]))} до {ordinal(int(found[2]))} {found[3]}")


def _days_in_month(found: Found) -> str:
    """„1 септември“, „12, 13 и 14 март“, „20-ти май“."""
    return re.sub(rf"(\d{{1,2}}){_SUFFIX}", lambda day: ordinal(int(day[1])), found[1]) + " " + found[2]


def _month_and_year(found: Found) -> str:
    """„юни 2027“, „юни 2027 г.“; also after a day in words."""
    return closed(f"{found[1]} {year_in_words(int(found[2]))}", found, dotted=found[0].endswith("."))


def _roman_month(found: Found) -> str:
    return closed(
        f"{MONTHS[_month(found[1]) - 1]} {year_in_words(int(found[2]))}", found, dotted=found[0].endswith(".")
    )


def _two_years(found: Found) -> str | None:
    first, last = int(found["first"]), found["last"]
    second = int(last) if len(last) == 4 else first // 100 * 100 + int(last)
    if not first < second <= first + 40 or (len(last) == 2 and second != first + 1):
        return None
    joined = "," if second == first + 1 and "/" in found[0] else " до"
    words = f"{ordinal(first, Gender.FEMININE)}{joined} {ordinal(second, Gender.FEMININE)}"
    word = found["word"]
    if not word:
        school_year = re.search(r"(?:учебн\w+|година|годината) $", before(found, 14), re.IGNORECASE)
        follows = re.match(r" (?:учебна|година)", after(found))
        return words if school_year or follows else f"{words} година"
    said = "учебна година" if word.lstrip().startswith("уч") else "година"
    return closed(f"{words} {said}", found, dotted=found[0].endswith("."))


def _year(found: Found) -> str:
    n = int(found[1])
    school = "учебна " if found[2].lstrip().startswith("уч") else ""
    return closed(f"{ordinal(n, Gender.FEMININE)} {school}година", found, dotted=found[0].endswith("."))


def _bare_year(found: Found) -> str | None:
    """„през 2026“, „до 2030“: with no noun after it."""
    if re.match(r" ?[А-Яа-яA-Za-z%€]", after(found)) and not re.match(
        r" (?:и|в|на|за|се|ще|до|от|с|г)\b", after(found)
    ):
        return None
    return f"{found[1]}{ordinal(int(found[2]), Gender.FEMININE)}"


def _ages(found: Found) -> str:
    """„15 г.“ is an age or a duration: „петнадесет години“."""
    n = int(found[1])
    words = "една година" if n == 1 else f"{cardinal(n, Gender.FEMININE)} години"
    return closed(words, found, dotted=True)


def _ages_range(found: Found) -> str:
    low, high = (cardinal(int(found[at]), Gender.FEMININE) for at in (1, 2))
    return closed(f"{low} до {high} години", found, dotted=True)


def _short_month(found: Found) -> str:
    return closed(f"{found[1]} {MONTHS[_SHORT_MONTHS[found[2].lower()] - 1]}", found, dotted=True)


def _short_day(found: Found) -> str:
    return closed(_SHORT_DAYS[found[1].lower()], found, dotted=True)


_NOT_BEFORE = r"(?<![\w.,:/])"
RULES = (
    rule(
        rf"{_NOT_BEFORE}(\d{{1,2}}) ?({'|'.join(sorted(_SHORT_MONTHS, key=len, reverse=True))})\.",
        _short_month,
        re.IGNORECASE,
    ),
    rule(
        r"\b[Пп]он(?:\.|еделник)( ?[-–] ?| до )[Пп]ет\.",
        lambda found: closed(f"понеделник{found[1]}петък", found, dotted=True),
    ),
    rule(rf"{START}({'|'.join(_SHORT_DAYS)})\.(?! ?ч\b)", _short_day, re.IGNORECASE),
    rule(rf"{_NOT_BEFORE}((?:19|20)\d\d)-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])(?!\d)(?: ?г\.)?", _iso),
    rule(
        rf"{_NOT_BEFORE}(?P<d1>{_DAY})(?:\.(?P<m1>{_NUMBERED})\.?)? ?{DASH} ?(?P<d2>{_DAY})\.(?P<m2>{_NUMBERED})"
        rf"(?:{_POINT}(?P<year>{_YEAR})(?![\d:]|\.\d)(?P<word>{_YEAR_WORD})?|(?P<point>\.)(?!\d)|(?![\d.:]))",
        _range_of_numbers,
    ),
    rule(
        rf"{_NOT_BEFORE}({_DAY})\.?(, | и | до )(?=(?:{_DAY}\.?(?:, | и | до )){{0,5}}{_DAY}\.{_NUMBERED}\.)",
        _day_before,
    ),
    rule(
        rf"{_NOT_BEFORE}(?P<day>{_DAY})\.(?: (?=\d\d?\. ?\d{{4}}))?(?P<month>{_NUMBERED})"
        rf"(?:{_POINT}(?P<year>{_YEAR})(?![\d:]|\.\d| ?ч\b| ?часа)(?P<word>{_YEAR_WORD})?"
        r"|(?P<point>\.)(?!\d)(?! ?ч\b)|(?![\d.:]))",
        _date,
    ),
    rule(
        rf"{_NOT_BEFORE}(?P<day>{_DAY})[/-](?P<month>0[1-9]|1[0-2])(?P<point>[/-])(?P<year>(?:19|20)\d\d)(?!\d)"
        rf"(?P<word>{_YEAR_WORD})?",
        _date,
    ),
    rule(rf"{_NOT_BEFORE}({_DAY}){_SUFFIX} ?{DASH} ?({_DAY}){_SUFFIX} ({_MONTH})\b", _range_in_month, re.IGNORECASE),
    rule(
        rf"{_NOT_BEFORE}((?:{_DAY}{_SUFFIX}(?:, ?| и | или | до )){{0,6}}{_DAY}{_SUFFIX}) ({_MONTH})\b",
        _days_in_month,
        re.IGNORECASE,
    ),
    rule(rf"{_NOT_BEFORE}([IVX]{{1,4}}|0?[1-9]|1[0-2])\.((?:19|20)\d\d)(?!\d)(?:{_YEAR_WORD})?", _roman_month),
    rule(rf"\b({_MONTH}),? ((?:19|20)\d\d)(?!\d|[.,:/-]\d)(?:{_YEAR_WORD})?", _month_and_year, re.IGNORECASE),
    rule(
        rf"{_NOT_BEFORE}(?P<first>(?:19|20)\d\d) ?(?:/|{DASH}) ?(?P<last>(?:19|20)?\d\d)(?!\d)"
        r"(?P<word> ?уч(?:ебна|\.) ?г(?:одина\b|од\.|\.)| ?г(?:одина\b|од\.|\.))?",
        _two_years,
    ),
    rule(
        rf"{_NOT_BEFORE}((?:1[0-9]|20|21)\d\d)"
        r"( ?уч(?:ебна|\.) ?г(?:одина\b|од\.|\.)| ?г(?:одина\b|од\.|од\b|\.|\b(?! ?[а-я])))",
        _year,
    ),
    rule(
        r"(\b(?:през|от|до|след|преди|към|на|за|випуск|Коледа|Великден) )((?:19|20)\d\d)(?!\d|[.,:/-]\d| ?[€%])",
        _bare_year,
        re.IGNORECASE,
    ),
    rule(rf"{_NOT_BEFORE}(\d{{1,3}}) ?{DASH} ?(\d{{1,3}}) ?г(?:од)?\.{END}", _ages_range),
    rule(rf"{_NOT_BEFORE}(1?\d{{1,2}}) ?г(?:од)?\.{END}", _ages),
)
