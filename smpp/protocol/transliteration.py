"""Bulgarian in Latin letters by the official streamlined system (Закон за транслитерацията, 2009): fewer SMS parts."""

import re

LETTERS = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ж": "zh", "з": "z", "и": "i", "й": "y",
    "к": "k", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u",
    "ф": "f", "х": "h", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sht", "ъ": "a", "ь": "y", "ю": "yu", "я": "ya",
    "ѝ": "i",
}  # fmt: skip
"""Article 4 of the law; ѝ is a stressed и."""

SIGNS = {
    "„": '"', "“": '"', "”": '"', "«": '"', "»": '"', "’": "'", "‘": "'", "–": "-", "—": "-", "−": "-", "…": "...",
    "№": "No", "\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": " ", "•": "-",
}  # fmt: skip
"""Signs that would make a message UCS-2 all the same, though Latin script writes them otherwise."""

_IA_AT_THE_END = re.compile(r"(?<=[иИ])[яЯ](?!\w)")
"""„ия“ at the end of a word is `ia`: София, Sofia (article 5)."""

_BULGARIA = re.compile(r"(?<!\w)(бъ)(?=лгария(?!\w))", re.IGNORECASE)
"""България is written Bulgaria, as has long been established (article 6)."""

_CYRILLIC = re.compile(r"[А-Яа-яѝЍ]")


def to_latin(text: str) -> str:
    """The text in Latin letters; a capital that becomes several letters keeps them capital among capitals only.

    `„Щастие“ в СОФИЯ` -> `"Shtastie" v SOFIA`. Letters that Bulgarian does not have are left as they are.
    """
    text = _BULGARIA.sub(lambda found: found[1].translate(str.maketrans("ъЪ", "уУ")), text)
    text = _IA_AT_THE_END.sub(lambda found: "a" if found[0] == "я" else "A", text)
    latin = _CYRILLIC.sub(lambda found: _letter(text, found.start()), text)
    return "".join(SIGNS.get(character, character) for character in latin)


def _letter(text: str, position: int) -> str:
    letter = text[position]
    plain = LETTERS[letter.lower()]
    if letter.islower():
        return plain
    neighbours = text[position + 1 : position + 2] or text[max(position - 1, 0) : position]
    if not neighbours.isalpha():
        neighbours = text[max(position - 1, 0) : position]
    return plain.upper() if neighbours.isupper() else plain.capitalize()
