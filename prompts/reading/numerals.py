"""Numbers of any form in words, and what remains in a text after dates, hours and amounts: counts, ordinals, ranges."""

import re

from prompts.grammar.numbers import LIMIT, Article, Gender, cardinal, ordinal
from prompts.grammar.spelling import digits as spelled
from prompts.reading.agreement import counted_gender, ordinal_gender
from prompts.reading.rule import DASH, Found, after, before, rule

NUMBER = r"\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3}){1,3}(?!\d)|\d+"
"""A whole number, its thousands apart or not."""

LONGEST = 6
"""A bare number of more digits is a code of some kind: nobody reads it as a quantity."""

_DECIMAL_PLACES = {1: ("десета", "десети"), 2: ("стотна", "стотни"), 3: ("хилядна", "хилядни")}
_FRACTION_SIGNS = {"½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅛": (1, 8)}
_COMPOUND = {1: "едно", 2: "дву", 3: "три", 4: "четири"}

_SUFFIX_GENDERS = {
    **dict.fromkeys(("ви", "ри", "ти", "ми", "и"), (Gender.MASCULINE, Article.NONE)),
    **dict.fromkeys(("вия", "рия", "тия", "мия", "ия", "я"), (Gender.MASCULINE, Article.SHORT)),
    **dict.fromkeys(("вият", "рият", "тият", "мият", "ият", "ят"), (Gender.MASCULINE, Article.FULL)),
    **dict.fromkeys(("ва", "ра", "та", "ма", "а"), (Gender.FEMININE, Article.NONE)),
    **dict.fromkeys(("вата", "рата", "тата", "мата", "ата"), (Gender.FEMININE, Article.SHORT)),
    **dict.fromkeys(("во", "ро", "то", "мо", "о"), (Gender.NEUTER, Article.NONE)),
    **dict.fromkeys(("вото", "рото", "тото", "мото", "ото"), (Gender.NEUTER, Article.SHORT)),
}
SUFFIXES = "|".join(sorted((*_SUFFIX_GENDERS, "те"), key=len, reverse=True))


def number(text: str) -> int:
    """The value of a NUMBER."""
    return int(re.sub(r"\D", "", text))


def in_groups(digits: str) -> str:
    """Digit by digit, three or so in a breath: „0888123456“ -> „нула осем осем осем, едно две три, четири пет шест“."""
    if len(digits) <= 4:
        groups = [digits]
    else:
        first = len(digits) % 3 or 3
        first += 3 if first == 1 else 0
        first = min(first, 4)
        groups = [digits[:first], *(digits[at : at + 3] for at in range(first, len(digits), 3))]
    return ", ".join(" ".join(spelled(group)) for group in groups)


def whole(text: str, gender: Gender = Gender.NEUTER) -> str:
    """A NUMBER in words; with zeros before it, or longer than a quantity is, sign by sign."""
    bare = re.sub(r"\D", "", text)
    grouped = bare != text
    if (bare[0] == "0" and len(bare) > 1) or (not grouped and len(bare) > LONGEST) or int(bare) >= LIMIT:
        return in_groups(bare)
    return cardinal(int(bare), gender)


def decimal(before_point: str, places: str) -> str:
    """„пет цяло и седемдесет и пет стотни“; the zeros of 6.00 are not said, and more than three places are spelled."""
    if not places.strip("0"):
        return whole(before_point)
    if len(places) > 3:
        return f"{whole(before_point)} цяло и {in_groups(places)}"
    one, many = _DECIMAL_PLACES[len(places)]
    n = int(places)
    return f"{whole(before_point)} цяло и {cardinal(n, Gender.FEMININE)} {one if n == 1 else many}"


def fraction(top: int, bottom: int) -> str:
    """„една втора“, „три четвърти“, „една четвърт“."""
    if (top, bottom) == (1, 4):
        return "една четвърт"
    part = ordinal(bottom, Gender.FEMININE) if top == 1 else ordinal(bottom)
    return f"{cardinal(top, Gender.FEMININE)} {part}"


def with_suffix(n: int, suffix: str) -> str | None:
    """„20-ти“ -> „двадесети“, „5-те“ -> „петте“, „2-ма“ -> „двама“; None when they do not go together."""
    if not 1 <= n <= 9999:
        return None
    if suffix == "те":
        return ("двете" if n == 2 else f"{cardinal(n)}те") if n > 1 else None
    if suffix in ("ма", "мата") and 2 <= n <= 6:
        return cardinal(n, Gender.PERSONS) + suffix.removeprefix("ма")
    if suffix == "та" and n == 2:
        return "двата"
    found = _SUFFIX_GENDERS.get(suffix)
    return ordinal(n, *found) if found else None


def _suffixed(found: Found) -> str | None:
    return with_suffix(int(found[1]), found[2].lower())


def _suffixed_pair(found: Found) -> str | None:
    first, last = with_suffix(int(found[1]), found[3]), with_suffix(int(found[2]), found[3])
    return f"{first} до {last}" if first and last else None


def _compound(found: Found) -> str | None:
    n, rest = int(found[1]), found[2]
    if n >= LIMIT:
        return None
    if rest.startswith("клас"):
        return ordinal(n, Gender.NEUTER) + rest if 1 <= n <= 12 else None
    return _COMPOUND.get(n, cardinal(n, Gender.MASCULINE)) + rest


def _of(n: int, rest: str) -> str:
    """`n` as what follows wants it: an ordinal or a cardinal."""
    gender = ordinal_gender(n, rest) if 1 <= n <= 9999 else None
    return ordinal(n, gender) if gender else cardinal(n, counted_gender(n, rest))


def _dotted(found: Found) -> str | None:
    """„5. клас“ is an ordinal, as in „5. и 6. клас“: without its full stop it is one by its noun."""
    digits, rest = found[1], after(found)
    further = re.match(rf"(?:(?: ?{DASH} ?|, ?| и | или | до )\d{{1,4}}\.)+", rest)
    noun = rest[further.end() :] if further else rest
    return digits if digits[0] != "0" and ordinal_gender(int(digits), noun) else None


def _range(found: Found) -> str | None:
    low, high = found[1], found[2]
    if any(len(end) > LONGEST or (end[0] == "0" and len(end) > 1) for end in (low, high)):
        return None
    if int(low) > int(high):
        return f"{cardinal(int(low))} минус {cardinal(int(high))}"
    rest = after(found)
    if ordinal_gender(int(high), rest):
        gender = ordinal_gender(2, rest) or Gender.MASCULINE
        return f"{_ordinal_or_none(int(low), gender)} до {_ordinal_or_none(int(high), gender)}"
    gender = counted_gender(2, rest)
    return f"{cardinal(int(low), gender)} до {cardinal(int(high), gender)}"


def _ordinal_or_none(n: int, gender: Gender) -> str:
    return ordinal(n, gender) if 1 <= n <= 9999 else cardinal(n, gender)


_LISTED = re.compile(r"((?:\s*(?:,|и|или|до)\s*\d{1,4}(?!\d|[.,:]\d)){1,6})(?=\s+[а-я])")


def _count(found: Found) -> str | None:
    """A number alone. In „5, 6 и 7 клас“ the noun stands after the last of them."""
    digits, rest = found[0], after(found)
    listed = _LISTED.match(rest)
    noun = rest[listed.end() :] if listed else rest
    bare = re.sub(r"\D", "", digits)
    plain = (bare[0] != "0" or bare == "0") and (len(bare) <= LONGEST or bare != digits) and int(bare) < LIMIT
    gender = ordinal_gender(2, noun) if listed and plain and bare == "1" else None
    words = ordinal(1, gender) if gender else _of(int(bare), noun) if plain else whole(digits)
    return f"{_space_before(found)}{words}{' ' if re.match('[A-Za-zА-Яа-я]', rest) else ''}"


def _space_before(found: Found) -> str:
    return " " if re.search(r"[A-Za-zА-Яа-я]$", before(found, 1)) else ""


def _mixed(found: Found) -> str:
    """„2 и 1/2 часа“, „2½“."""
    n = int(found[1])
    sign = found[2]
    top, bottom = _FRACTION_SIGNS.get(sign) or tuple(map(int, sign.split("/")))
    rest = after(found)
    gender = counted_gender(2, rest)
    said = "половина" if (top, bottom) == (1, 2) else fraction(top, bottom)
    return f"{cardinal(n, gender)} и {said}"


_HALF_NOUN = re.compile(
    r"\s+(?:час|ден|урок|месец|година|страница|литър|кило|лист|отсъствие|порция|тетрадка|километър)\b"
)


def _fraction(found: Found) -> str | None:
    top, bottom = _FRACTION_SIGNS.get(found[0]) or tuple(map(int, found[0].split("/")))
    if (top, bottom) == (1, 2) and _HALF_NOUN.match(after(found)):
        return "половин"
    return fraction(top, bottom) if 1 <= top < bottom <= 10 else None


def _digits_after_name(found: Found) -> str:
    return found[1] + in_groups(found[2])


def _score(found: Found) -> str:
    return f"{whole(found[1])} на {whole(found[2])}"


_SPANS = r"(?= (?:часа|дни|дена|години|месеца|седмици|минути|урока|страници|листа|порции)\b)"


def _and_a_half(found: Found) -> str:
    """„2,5 часа“ is said as halves."""
    n = int(found[1])
    return f"{cardinal(n, counted_gender(2, after(found)))} и половина" if n else "половин"


def _decimal(found: Found) -> str:
    return decimal(found[1], found[2])


_SCHOOL_GRADES = {2: "двойк", 3: "тройк", 4: "четворк", 5: "петиц", 6: "шестиц"}


def _grade_noun(found: Found) -> str:
    """„2-ка“ is „двойка“."""
    return _SCHOOL_GRADES[int(found[1])] + found[2]


def _said_twice(found: Found) -> str | None:
    """„6 (шест)“ says it once."""
    n = int(found[1])
    return found[2] if found[2].lower() in {cardinal(n, gender) for gender in Gender} else None


def _apart(found: Found) -> str:
    """The thousands of „1.000.000“."""
    return found[0].replace(".", " ")


def _signed(found: Found) -> str:
    return "минус " if found[0] in "-−–" else "плюс "


_ALONE = r"(?<![\d.,:/])"
_NO_MORE = r"(?![\d]|[.,:/]\d)"

SIGN_RULES = (
    rule(r"(?<![\w.,)])(?<!\d )[-−–+](?=\d)", _signed),
    rule(r"(?<=\d) ?[xх×] ?(?=\d)", lambda _: " по "),
)
"""Before amounts are read: „-5°C“. The numbers of a range and of a telephone have been read by then."""

RULES = (
    rule(r"(?<![\w.,])([2-6])[-–](?:йк|к|ц)(а|и|ата|ите)(?![а-я])", _grade_noun),
    rule(r"(?<![\w.,])(\d{1,4}) ?\(([а-я]+(?: [а-я]+){0,5})\)", _said_twice),
    rule(r"(?<![\w.,])\d{1,3}(?:\.\d{3}){2,3}(?![\d.])", _apart),
    rule(
        r"(\b(?:код|кода|ПИН|пин|PIN|парола|паролата|кратък номер|СМС на|есемес на|SMS на)(?: е)?:? ?)(\d{3,8})(?!\d)",
        _digits_after_name,
    ),
    rule(rf"(?<![\w.,])(\d{{1,4}}){DASH}(\d{{1,4}}){DASH}({SUFFIXES})\b", _suffixed_pair),
    rule(rf"(?<![\d.,])(\d{{1,4}}){DASH}({SUFFIXES})\b", _suffixed),
    rule(rf"(?<![\w.,])(\d{{1,4}})((?=[а-я]{{2}})(?:{SUFFIXES}))\b", _suffixed),
    rule(r"(?<=[A-Za-zА-Яа-я])\d{3,}", lambda found: f" {in_groups(found[0])}"),
    rule(
        rf"(?<![\d.,])(\d{{1,4}}) ?{DASH} ?"
        r"((?:годиш|днев|месеч|часов|минут|етаж|клас|стаен|стайн|крат|степен|язич)[а-я]+)",
        _compound,
    ),
    rule(r"(?<![\d.,])(\d{1,4})\.(?= |[-–,])", _dotted),
    rule(r"(?<![\d.,/])(\d{1,4})(?: ?и ?| ?)([½⅓⅔¼¾⅕⅛]|(?<= )(?:1/2|1/3|2/3|1/4|3/4)(?![\d/]))", _mixed),
    rule(r"[½⅓⅔¼¾⅕⅛]|(?<![\d./])(?:[1-9])/(?:10|[2-9])(?![\d/])", _fraction),
    rule(r"(?<![\d:.])(\d{1,4}) ?: ?(\d{1,4})(?![\d:])", _score),
    rule(rf"(?<![\d.,])(\d{{1,4}})[.,]50?{_SPANS}", _and_a_half),
    rule(rf"(?<![\d.,])({NUMBER})[.,](\d{{1,6}})(?![\d]|[.,]\d)", _decimal),
    rule(rf"{_ALONE}(\d{{1,6}}) ?{DASH} ?(\d{{1,6}}){_NO_MORE}(?! ?{DASH} ?\d)", _range),
    rule(rf"(?:{NUMBER})", _count),
)
