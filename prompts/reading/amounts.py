"""Money, percent and measures: „12,50 лв.“, „1,20 €“, „5 %“, „2,5 км“, „-5°C“."""

import re
from dataclasses import dataclass

from prompts.grammar.calendar import year
from prompts.grammar.numbers import Gender, cardinal
from prompts.reading.numerals import NUMBER, decimal, fraction, number, whole
from prompts.reading.rule import DASH, END, Found, closed, rule

M, F, N = Gender.MASCULINE, Gender.FEMININE, Gender.NEUTER


@dataclass(frozen=True)
class _Unit:
    one: str
    many: str
    gender: Gender


@dataclass(frozen=True)
class _Currency(_Unit):
    part: _Unit


_STOTINKA = _Unit("стотинка", "стотинки", F)
_CENT = _Unit("цент", "цента", M)
_PENNY = _Unit("пени", "пенса", N)
_LEV = _Currency("лев", "лева", M, _STOTINKA)
_EURO = _Currency("евро", "евро", N, _CENT)
_CURRENCIES = {
    "лв": _LEV, "лева": _LEV, "лев": _LEV, "bgn": _LEV, "€": _EURO, "eur": _EURO, "евро": _EURO, "euro": _EURO,
    "$": _Currency("долар", "долара", M, _CENT), "usd": _Currency("долар", "долара", M, _CENT),
    "£": _Currency("лира", "лири", F, _PENNY),
}  # fmt: skip

_UNITS = {
    "km": ("километър", "километра", M), "м": ("метър", "метра", M), "см": ("сантиметър", "сантиметра", M),
    "мм": ("милиметър", "милиметра", M), "дм": ("дециметър", "дециметра", M), "км": ("километър", "километра", M),
    "m": ("метър", "метра", M), "cm": ("сантиметър", "сантиметра", M), "mm": ("милиметър", "милиметра", M),
    "кг": ("килограм", "килограма", M), "kg": ("килограм", "килограма", M), "гр": ("грам", "грама", M),
    "г": ("грам", "грама", M), "мг": ("милиграм", "милиграма", M), "mg": ("милиграм", "милиграма", M),
    "g": ("грам", "грама", M), "л": ("литър", "литра", M), "l": ("литър", "литра", M),
    "мл": ("милилитър", "милилитра", M), "ml": ("милилитър", "милилитра", M), "т": ("тон", "тона", M),
    "ha": ("хектар", "хектара", M),
    "дка": ("декар", "декара", M), "ха": ("хектар", "хектара", M), "мин": ("минута", "минути", F),
    "min": ("минута", "минути", F), "сек": ("секунда", "секунди", F), "бр": ("брой", "броя", M),
    "стр": ("страница", "страници", F), "км/ч": ("километър в час", "километра в час", M),
    "km/h": ("километър в час", "километра в час", M), "м/с": ("метър в секунда", "метра в секунда", M),
    "кв.м": ("квадратен метър", "квадратни метра", M), "кв. м": ("квадратен метър", "квадратни метра", M),
    "м²": ("квадратен метър", "квадратни метра", M), "м2": ("квадратен метър", "квадратни метра", M),
    "м³": ("кубичен метър", "кубични метра", M), "м3": ("кубичен метър", "кубични метра", M),
    "куб. м": ("кубичен метър", "кубични метра", M), "°C": ("градус", "градуса", M), "°С": ("градус", "градуса", M),
    "℃": ("градус", "градуса", M), "°": ("градус", "градуса", M), "º": ("градус", "градуса", M),
    "ºC": ("градус", "градуса", M), "GB": ("гигабайт", "гигабайта", M), "MB": ("мегабайт", "мегабайта", M),
    "TB": ("терабайт", "терабайта", M), "kW": ("киловат", "киловата", M), "W": ("ват", "вата", M),
    "ккал": ("килокалория", "килокалории", F), "kcal": ("килокалория", "килокалории", F),
    "%": ("процент", "процента", M), "‰": ("промил", "промила", M), "к-та": ("комплект", "комплекта", M),
    "к-т": ("комплект", "комплекта", M), "ст": ("стотинка", "стотинки", F), "т.": ("точка", "точки", F),
}  # fmt: skip
_UNITS |= {"ч": ("час", "часа", M), "г.": ("година", "години", F)}
_OLDEST = 120
"""More years than this nobody is: „200 г.“ are grams."""

_SCALES = {"хил": ("хиляда", "хиляди", F), "млн": ("милион", "милиона", M), "млрд": ("милиард", "милиарда", M)}

_AMOUNT = rf"(?<![\w.,:])(?<!\d/)({NUMBER})(?:[.,](\d{{1,3}}))?(?!\d)"
_CURRENCY = r"(лв\.?|лева\b|лев\b|BGN\b|€|EUR\b|евро\b|euro\b|USD\b|\$|£)"
_UNIT = "|".join(re.escape(unit) for unit in sorted(_UNITS, key=len, reverse=True))


def _counted(n: int, unit: _Unit) -> str:
    return f"{cardinal(n, unit.gender)} {unit.one if n == 1 else unit.many}"


def _currency(written: str) -> _Currency:
    return _CURRENCIES[written.lower().rstrip(".")]


def _money(whole_part: str, part: str | None, currency: _Currency) -> str:
    """„дванадесет лева и петдесет стотинки“, „петдесет цента“; three places are no money, but thousands."""
    n = number(whole_part)
    if part and len(part) == 3:
        return _counted(n * 1000 + int(part), currency)
    parts = int(part.ljust(2, "0")) if part else 0
    if not parts:
        return _counted(n, currency)
    small = _counted(parts, currency.part)
    return f"{_counted(n, currency)} и {small}" if n else small


def _is_too_long(whole_part: str) -> bool:
    return len(re.sub(r"\D", "", whole_part)) > 9


def _price(found: Found) -> str | None:
    if _is_too_long(found[1]):
        return None
    words = _money(found[1], found[2], _currency(found[3]))
    return closed(words, found, dotted=found[0].endswith("."))


def _price_before(found: Found) -> str | None:
    return None if _is_too_long(found[2]) else _money(found[2], found[3], _currency(found[1]))


def _price_range(found: Found) -> str | None:
    currency = _currency(found[3])
    low, high = number(found[1]), number(found[2])
    words = f"{cardinal(low, currency.gender)} до {_counted(high, currency)}"
    return closed(words, found, dotted=found[0].endswith("."))


def quantity(whole_part: str, places: str | None, unit: _Unit) -> str:
    """„два и половина километра“, „половин литър“, „един градус“, „пет цяло и пет десети процента“."""
    n = number(whole_part)
    if not places or not places.strip("0"):
        if whole_part[0] == "0" and len(whole_part) > 1:
            return f"{whole(whole_part)} {unit.many}"
        return _counted(n, unit)
    if places.rstrip("0") == "5":
        return f"половин {unit.one}" if n == 0 else f"{cardinal(n, unit.gender)} и половина {unit.many}"
    return f"{decimal(whole_part, places)} {unit.many}"


def _measure(found: Found) -> str | None:
    written, n = found[3], 0 if _is_too_long(found[1]) else number(found[1])
    if written == "г." and n > _OLDEST and not found[2]:
        if n % 5:  # „681 г.“
            return closed(year(n), found, dotted=True) if n <= 9999 else None
        written = "г"
    if _is_too_long(found[1]):
        return None
    dotted = found[0].endswith(".")
    return closed(quantity(found[1], found[2], _Unit(*_UNITS[written])), found, dotted=dotted)


def _students(found: Found) -> str:
    n = int(found[1])
    return closed(f"{cardinal(n, Gender.PERSONS)} {'ученик' if n == 1 else 'ученици'}", found, dotted=True)


def _measure_range(found: Found) -> str | None:
    if _is_too_long(found[1]) or _is_too_long(found[2]):
        return None
    unit = _Unit(*_UNITS[found[3]])
    words = f"{cardinal(number(found[1]), unit.gender)} до {_counted(number(found[2]), unit)}"
    return closed(words, found, dotted=found[0].endswith("."))


def _scaled(found: Found) -> str | None:
    """„2 млн. лв.“, „5,5 млн.“."""
    if _is_too_long(found[1]):
        return None
    one, many, gender = _SCALES[found[3]]
    words = (
        "хиляда"
        if found[3] == "хил" and found[1] == "1" and not found[2]
        else quantity(found[1], found[2], _Unit(one, many, gender))
    )
    if found[4]:
        words = f"{words} {_currency(found[4]).many}"
    return closed(words, found, dotted=found[0].endswith("."))


def _fraction_of(found: Found) -> str:
    """„2½ кг“, „1/2 л“, „3/4 л“."""
    unit = _Unit(*_UNITS[found[3]])
    if found[2] in ("½", "1/2"):
        return closed(quantity(found[1] or "0", "5", unit), found, dotted=found[0].endswith("."))
    part = fraction(*map(int, found[2].split("/")))
    words = f"{cardinal(int(found[1]), unit.gender)} и {part} {unit.many}" if found[1] else f"{part} {unit.one}"
    return closed(words, found, dotted=found[0].endswith("."))


RULES = (
    rule(
        rf"(?<![\w.,:/])(?:(\d{{1,3}}) ?(?:и )?(?<=[ \d]))?(½|(?<!\d)[13]/[234]) ?({_UNIT}){END}\.?(?!\w|/)",
        _fraction_of,
    ),
    rule(r"(?<![\w.,:/])(\d{1,4}) ?уч\.(?=$|[,;]| (?:от|в|на|са|с|по|и|не|ще)\b)", _students),
    rule(rf"{_AMOUNT} ?(хил|млн|млрд)\.?{END}(?: ?{_CURRENCY}(?![A-Za-zА-Яа-я]))?", _scaled),
    rule(rf"(?<![\w.,:/])({NUMBER}) ?{DASH} ?({NUMBER}) ?{_CURRENCY}(?![A-Za-zА-Яа-я])", _price_range),
    rule(rf"{_AMOUNT} ?{_CURRENCY}(?![A-Za-zА-Яа-я])", _price, re.IGNORECASE),
    rule(rf"(€|\$|£|\b(?:EUR|BGN|USD)\b) ?({NUMBER})(?:[.,](\d{{1,2}}))?(?!\d)", _price_before),
    rule(rf"(?<![\w.,:/№])({NUMBER}) ?{DASH} ?({NUMBER}) ?({_UNIT})\.?{END}(?!/)", _measure_range),
    rule(rf"{_AMOUNT} ?({_UNIT}){END}\.?(?!\w|/)", _measure),
)
