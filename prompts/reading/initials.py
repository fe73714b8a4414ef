"""Initialisms: „ПГИ“ letter by letter, „НАТО“ as a word."""

import re

from prompts.grammar.numbers import Gender, ordinal
from prompts.reading.rule import END, START, Found, rule, words_of

NAMES = {
    "А": "а", "Б": "бе", "В": "ве", "Г": "ге", "Д": "де", "Е": "е", "Ж": "же", "З": "зе", "И": "и", "Й": "и",
    "К": "ка", "Л": "ле", "М": "ме", "Н": "не", "О": "о", "П": "пе", "Р": "ре", "С": "се", "Т": "те", "У": "у",
    "Ф": "фе", "Х": "ха", "Ц": "це", "Ч": "че", "Ш": "ше", "Щ": "ще", "Ъ": "ъ", "Ь": "", "Ю": "ю", "Я": "я",
}  # fmt: skip
"""The names of letters inside an initialism („не ве о“), which are not those of a letter alone („ен“)."""

_WORDS = {
    "СМС": "есемес", "ЕГН": "егене", "ЛНЧ": "ленече", "ИТ": "ай ти", "ЗПУО": "зе пе у о", "СОП": "сопо",
    "УНИЦЕФ": "уницеф", "ЮНЕСКО": "юнеско", "НАТО": "нато", "МОН": "мон", "БЕЛ": "бел", "БАН": "бан", "НАП": "нап",
    "ТЕЛУС": "телус", "СТЕМ": "стем", "ФИФА": "фифа", "УЕФА": "уефа", "НАСА": "наса", "СПИН": "спин", "ПИСА": "писа",
    "ЦОИДУЕМ": "цоидуем", "РИОСВ": "риосв", "СОПИ": "сопи", "КАТ": "кат", "НОИ": "нои", "ОК": "окей",
    "ВИП": "вип", "УО": "у о",
    "НИП": "нип", "ГЕРБ": "герб", "УКТЦ": "у ка те це",
}  # fmt: skip
_ORDINARY = words_of(
    "ДА НЕ ЗА ОТ ДО НА ПО СЪС ВЪВ ТЕ ТО ТЯ ТОЙ НИЕ ВИЕ ЧАС ДЕН БЕЗ ПРИ НАД ПОД КОЙ ЩЕ СА СИ СЕ ДВА ТРИ ПЕТ "
    "АКО ИМА НЯМА МОЛЯ ОЩЕ ВЕЧЕ САМО УТРЕ ДНЕС ВСИ ВСЕ НИ ВИ МИ ТИ ИЛИ НО КАК КЪДЕ КОГА ВСЕКИ КЛАС СРОК ГРУП "
    "АЗ ТАМ ТУК ЕТО ЕЙ ЛИ КЪМ САМ ОТЪ НОВ НОВА НОВО НОВИ СТОП КРАЙ ЗАЛА СТАЯ СБОР ИЗЛЕТ БАЛ ТЕСТ ИЗПИТ МАЙ "
    "ЮНИ ЮЛИ МАРТ ВАЖНО"
)
_VOWELS = "АЕИОУЪЮЯ"
_ONSETS = words_of(
    "ПР БР ТР ДР КР ГР ХР ВР ФР СР ПЛ БЛ КЛ ГЛ ХЛ ВЛ СЛ ЗЛ СН ЗН КН ГН СМ ЗМ ТВ ДВ "
    "ЗВ СВ ЦВ СП СТ СК ЗД ЗБ ЗГ ВС ДН ВЧ ДЛ ТЛ ЧЛ ШК ШП ЖД ВЗ ВД ВН ВТ СБ СГ СД ХВ"
)
"""Pairs of consonants that a Bulgarian word may begin with."""


def _spelled(letters: str) -> str:
    return " ".join(name for letter in letters if (name := NAMES[letter]))


def is_word(letters: str) -> bool:
    """Whether people can say it as a word: vowels and consonants take turns, and it is long enough."""
    if len(letters) <= 2:
        return False
    if len(letters) == 3:
        return letters[0] not in _VOWELS and letters[1] in _VOWELS and letters[2] not in _VOWELS
    vowels = sum(letter in _VOWELS for letter in letters)
    if len(letters) > 4 and vowels > 1:
        return True  # a word in capitals, for emphasis: „ВСИЧКИ“
    if letters[0] not in _VOWELS and letters[1] not in _VOWELS and letters[:2] not in _ONSETS:
        return False
    clusters = re.search(rf"[^{_VOWELS}]{{3,}}|[{_VOWELS}]{{3,}}|[{_VOWELS}]{{2}}$", letters)
    return vowels * 5 >= len(letters) and not clusters


def _words(found: Found) -> str | None:
    letters = found[1]
    if letters in _WORDS:
        return _WORDS[letters] + found[2]
    if letters in _ORDINARY or is_word(letters):
        return None
    if not any(letter in _VOWELS for letter in letters) or _is_apart(found):
        return _spelled(letters) + found[2]
    return None


def _is_apart(found: Found) -> bool:
    """A word in capitals among words in capitals is a title, not an initialism."""
    left = re.search(r"([А-ЯA-Z]{4,})\W*$", found.string[max(0, found.start() - 24) : found.start()])
    right = re.match(r"\W*([А-ЯA-Z]{4,})", found.string[found.end() : found.end() + 24])
    return not ((left and not is_spelled(left[1])) or (right and not is_spelled(right[1])))


def is_spelled(letters: str) -> bool:
    return not any(letter in _VOWELS for letter in letters)


def _school_number(found: Found) -> str:
    """„164 ГПИЕ“, „1 АЕГ“: a Г in it stands for „гимназия“, else there is „училище“."""
    gender = Gender.FEMININE if "Г" in found[2] else Gender.NEUTER
    return f"{ordinal(int(found[1]), gender)} {found[2]}"


RULES = (
    rule(r"(?<![\w.,:/])([1-9]\d{0,2})\.? ([А-Я]{0,3}(?:Г|ГПИЕ|ГПЧЕ))(?![А-Яа-я])", _school_number),
    rule(rf"{START}(?!-)([А-Я]{{2,6}})((?:-(?:то|та|а|ът|те))?){END}(?!\.[А-Я])", _words),
)
