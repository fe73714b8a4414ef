"""Abbreviations of addresses, titles, schools and ordinary writing, in full: „ул.“, „г-жа“, „напр.“, „СУ“."""

import re

from prompts.grammar.calendar import MONTHS
from prompts.reading.agreement import NOT_NOUNS
from prompts.reading.classes import letter
from prompts.reading.rule import END, START, Found, after, before, closed, rule, words_of

_BEFORE_NAME = {
    "ул": "улица", "бул": "булевард", "пл": "площад", "кв": "квартал", "гр": "град", "с": "село", "м": "местност",
    "обл": "област", "общ": "община", "проф": "професор", "доц": "доцент", "акад": "академик", "инж": "инженер",
    "арх": "архитект", "ген": "генерал", "полк": "полковник", "кап": "капитан", "ас": "асистент",
    "преп": "преподавател", "пр": "преподавател", "ред": "редактор", "дир": "директор", "в": "вестник",
    "сп": "списание", "х": "хижа", "яз": "язовир", "р": "река", "о": "остров", "вр": "връх",
    "адв": "адвокат", "майк": "майстор",
}  # fmt: skip
"""Only before a name (a capital letter or a quotation mark), for „с.“ and „м.“ alone say nothing."""

_BEFORE_NUMBER = {
    "ул": "улица", "бул": "булевард", "кв": "квартал", "бл": "блок", "вх": "вход", "ет": "етаж", "ап": "апартамент",
    "ст": "стая", "каб": "кабинет", "к-т": "кабинет", "корп": "корпус", "чл": "член", "ал": "алинея", "т": "точка",
    "стр": "страница", "с": "страница", "тел": "телефон", "бр": "брой", "ред": "ред", "гл": "глава", "фиг": "фигура",
    "зад": "задача", "упр": "упражнение", "табл": "таблица", "кл": "клас", "гр": "група", "п.к": "пощенски код",
    "пощ": "пощенска", "вар": "вариант", "км": "километър", "м": "месец", "сл": "след", "дело": "дело",
    "каб-т": "кабинет",
}  # fmt: skip

_ALWAYS = {
    "т.е": "тоест", "т. е": "тоест", "т.нар": "така наречен", "т. нар": "така наречен", "и т.н": "и така нататък",
    "и т. н": "и така нататък", "и др": "и други", "и пр": "и прочее", "т.н": "така нататък", "др": "други",
    "напр": "например", "мн": "много", "вж": "вижте", "вкл": "включително", "ок": "около", "прибл": "приблизително",
    "тел": "телефон", "моб": "мобилен", "ж.к": "жилищен комплекс", "ж. к": "жилищен комплекс", "т.г": "тази година",
    "т. г": "тази година", "м.г": "миналата година", "м. г": "миналата година", "с.г": "тази година",
    "с. г": "тази година", "гл. ас": "главен асистент", "ст. ас": "старши асистент", "гл. експерт": "главен експерт",
    "кл. р-л": "класен ръководител", "кл. рък": "класен ръководител", "р-л": "ръководител",
    "съкр": "съкратено", "макс": "максимум", "мин": "минимум", "изд": "издание",
    "авт": "автор", "англ": "английски", "бълг": "български", "нем": "немски", "фр": "френски", "мат": "математика",
    "физ": "физическо", "лит": "литература", "допълн": "допълнително", "пощ. код": "пощенски код",
    "забел": "забележка", "вх. №": "входящ номер", "изх. №": "изходящ номер", "доп": "допълнително",
    "уч-ли": "учители", "кв. м": "квадратни метра", "обл. град": "областен град", "нч": "народно читалище",
    "инд": "индекс", "прим": "пример", "пр. н. е": "преди новата ера", "пр.н.е": "преди новата ера",
    "н.е": "новата ера",
}  # fmt: skip

_HYPHENED = {
    "г-н": "господин", "г-жа": "госпожа", "г-ца": "госпожица", "г-да": "господа", "г-жи": "госпожи",
    "г-ци": "госпожици", "г-на": "господина", "г-жата": "госпожата", "д-р": "доктор", "д-р.": "доктор",
    "к-т": "комитет", "у-ще": "училище", "у-ще.": "училище", "м-во": "министерство", "р-л": "ръководител",
    "р-н": "район", "б-ка": "библиотека", "т-во": "дружество", "ф-ла": "формула",
    "гл.ас.": "главен асистент", "жк": "жилищен комплекс", "ЖК": "жилищен комплекс", "Ж.К.": "жилищен комплекс",
    "зам.-директор": "заместник-директор", "зам.директор": "заместник-директор",
    "зам. директор": "заместник-директор", "зам.-директорът": "заместник-директорът",
    "пом.-директор": "помощник-директор", "зам. директора": "заместник-директора",
    "зам.-директора": "заместник-директора", "пом. директор": "помощник-директор", "e-mail": "имейл",
    "E-mail": "имейл", "е-mail": "имейл", "и-мейл": "имейл", "Зам.-директор": "Заместник-директор",
    "Зам. директор": "Заместник-директор", "No": "номер", "Nо": "номер",
}  # fmt: skip

_SCHOOLS = {
    "СУ": "средно училище", "СОУ": "средно училище", "ОУ": "основно училище", "НУ": "начално училище",
    "ОбУ": "обединено училище", "ПГ": "професионална гимназия", "ПМГ": "природо-математическа гимназия",
    "ЕГ": "езикова гимназия", "ДГ": "детска градина", "ЧСУ": "частно средно училище", "СпУ": "спортно училище",
    "СЕУ": "средно езиково училище", "НЧ": "народно читалище", "ОДЗ": "обединено детско заведение",
}  # fmt: skip

_SPACED = {
    "ж.к": "жилищен комплекс", "жк": "жилищен комплекс", "т.е": "тоест", "т.г": "тази година", "т.н": "така нататък",
    "т.м": "този месец", "м.г": "миналата година", "с.г": "тази година", "пр.н.е": "преди новата ера",
}  # fmt: skip

_ADJECTIVES = (
    # abbreviation, (masculine, feminine, neuter, plural)
    ("уч", ("учебен", "учебна", "учебно", "учебни")),
    ("кл", ("класен", "класна", "класно", "класни")),
    ("род", ("родителски", "родителска", "родителско", "родителски")),
    ("гл", ("главен", "главна", "главно", "главни")),
    ("ст", ("старши", "старша", "старше", "старши")),
    ("мл", ("младши", "младша", "младше", "младши")),
    ("осн", ("основен", "основна", "основно", "основни")),
    ("контр", ("контролен", "контролна", "контролно", "контролни")),
    ("дом", ("домашен", "домашна", "домашно", "домашни")),
    ("физ", ("физически", "физическа", "физическо", "физически")),
    ("физк", ("физкултурен", "физкултурна", "физкултурно", "физкултурни")),
    ("ел", ("електронен", "електронна", "електронно", "електронни")),
)

_PLURALS_IN_A = words_of("занятия помагала пособия упражнения средства учреждения постижения състезания дела лица")
_HOLY_FEMININE = words_of("Неделя Богородица Петка Марина София Троица Параскева Екатерина Анна Елена Варвара Злата")
_CAPITAL = r"(?-i:(?=\s*(?:[А-ЯA-Z]|(?:доктор|доцент|инженер|доц\.|инж\.)(?![а-я]))))"
_NUMBER = r"(?=\s*№?\s*\d)"


def _any(words: dict[str, str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


def _capital_of(written: str, words: str) -> str:
    """A capital letter at the beginning stays."""
    return words[0].upper() + words[1:] if written[:1].isupper() else words


def _before_name(found: Found) -> str | None:
    if found[1].lower() not in _BEFORE_NAME:
        return None
    return _capital_of(found[1], _BEFORE_NAME[found[1].lower()]) + (" " if re.match(r"\S", after(found, 1)) else "")


def _before_number(found: Found) -> str:
    return _capital_of(found[1], _BEFORE_NUMBER[found[1].lower()]) + (" " if re.match(r"\S", after(found, 1)) else "")


def _always(found: Found) -> str:
    words = _capital_of(found[1], _ALWAYS[found[1].lower()])
    return closed(words, found, dotted=True) if not re.match(r"\s+[А-Я]", after(found, 3)) else words


def _hyphened(found: Found) -> str | None:
    written = found[1]
    words = _HYPHENED.get(written) or _HYPHENED.get(written.lower())
    if words is None:
        return None
    return _capital_of(written, words) if "-" in written else words


def _school(found: Found) -> str:
    return _SCHOOLS[found[1]]


def _adjective(found: Found) -> str | None:
    forms = dict(_ADJECTIVES)[found[1].lower()]
    noun = found[2]
    if noun.startswith(("г.", "год")):
        return _capital_of(found[1], forms[1]) + " година"
    if noun in NOT_NOUNS:
        return None
    last = "и" if noun in _PLURALS_IN_A else noun[-1]
    place = 1 if last in "ая" else 2 if last in "оеу" else 3 if last == "и" else 0
    return f"{_capital_of(found[1], forms[place])} {noun}"


def _holy(found: Found) -> str:
    if found[1]:
        return "Свети "
    return "Света " if found[2] in _HOLY_FEMININE else "Свети "


def _entrance(found: Found) -> str:
    word = {"вх": "вход", "бл": "блок", "вар": "вариант", "гр": "група", "корп": "корпус", "зала": "зала"}[
        found[1].lower()
    ]
    return f"{_capital_of(found[1], word)} {letter(found[2])}"


def _number_sign(found: Found) -> str:
    gap = " " if re.search(r"[А-Яа-яA-Za-z]$", before(found, 1)) else ""
    return f"{gap}номер{' ' if re.match(r'[^ ]', after(found, 1)) else ''}"


def _spaced(found: Found) -> str:
    """„ж. к. Люлин“, „т.е.“, „т. г.“, written with a space inside or without."""
    words = _SPACED[re.sub(r"\s+", "", found[1].lower())]
    if re.match(r"\s*[А-Я]", after(found, 4)) and words.startswith("ж"):
        return _capital_of(found[1], words) + (" " if re.match(r"\S", after(found, 1)) else "")
    return closed(_capital_of(found[1], words), found, dotted=True)


def _lone(found: Found) -> str:
    """At the end of a sentence, or before an ordinary word: „в каб. по физика“."""
    known = _BEFORE_NAME | _BEFORE_NUMBER
    return closed(_capital_of(found[1], known[found[1].lower()]), found, dotted=True)


_NAMES = {"Хр": "Христо", "Ал": "Александър", "Ив": "Иван", "Кл": "Климент"}

RULES = (
    rule(rf"{START}({_any(_NAMES)})\. ?(?=[А-Я][а-я]{{2}})", lambda found: f"{_NAMES[found[1]]} "),
    rule(rf"{START}([Тт])ел{END}(?!\.)", lambda found: f"{found[1]}елефон"),
    rule(r"(?:\b([Сс]в)\.? ?)?\b[Сс]в\. ?(?=([А-Я][а-я]+))", _holy),
    rule(rf"{START}Ст\. ?Загора", lambda _: "Стара Загора"),
    rule(
        rf"{START}([Пп])роф\. (?=(?:гимназ|училищ|обучен|ориентир|подготов))", lambda found: f"{found[1]}рофесионална "
    ),
    rule(rf"{START}([Мм])\. ?(?=(?:{'|'.join(MONTHS)})\b)", lambda found: f"{found[1]}есец "),
    rule(rf"{START}([Кк])-т (?=№? ?\d)", lambda found: "Кабинет " if found[1] == "К" else "кабинет "),
    rule(rf"{START}В\. ?Търново", lambda _: "Велико Търново"),
    rule(rf"{START}({_any(_HYPHENED)}){END}(?!-)", _hyphened, re.IGNORECASE),
    rule(rf"{START}(вх|бл|вар|гр|корп)\.? ?(?-i:([А-Щ]))(?![А-Яа-я.])", _entrance, re.IGNORECASE),
    rule(r"№|\bN°", _number_sign),
    rule(
        rf"{START}((?:ж\.? ?к|т\. ?[егнм]|м\. ?г|с\. ?г|пр\. ?н\. ?е))\.",
        _spaced,
        re.IGNORECASE,
    ),
    rule(
        rf"{START}({'|'.join(short for short, _ in _ADJECTIVES)})\. ?(г\.|год\.|(?-i:[а-я]{{2,}}))(?![А-Яа-я])",
        _adjective,
        re.IGNORECASE,
    ),
    rule(rf"{START}({_any(_ALWAYS)})\.", _always, re.IGNORECASE),
    rule(rf"{START}({_any(_BEFORE_NUMBER)})\.{_NUMBER}", _before_number, re.IGNORECASE),
    rule(rf"{START}((?-i:[а-я])|(?-i:(?![А-Я]\.))(?:{_any(_BEFORE_NAME)}))\.{_CAPITAL}", _before_name, re.IGNORECASE),
    rule(
        rf"{START}(ул|бул|каб|тел|бл|ет|ап|кв|обл|общ|проф|доц|инж|дир|стр)\.",
        _lone,
        re.IGNORECASE,
    ),
    rule(rf"{START}({_any(_SCHOOLS)}){END}", _school),
)
