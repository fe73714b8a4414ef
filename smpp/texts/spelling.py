"""The many ways in which a Bulgarian word is typed on a telephone: any case, Latin letters, look-alikes, „6“ for ш."""

import re
import unicodedata

_WAYS = {
    "а": "а a", "б": "б b 6", "в": "в v w b", "г": "г g", "д": "д d", "е": "е e", "ж": "ж zh j", "з": "з z 3",
    "и": "и i u й y", "й": "й y i j и", "к": "к k", "л": "л l", "м": "м m", "н": "н n h", "о": "о o 0",
    "п": "п p р n", "р": "р r p", "с": "с s c", "т": "т t", "у": "у u y", "ф": "ф f", "х": "х h x", "ц": "ц ts tc c",
    "ч": "ч ch 4", "ш": "ш sh 6 w", "щ": "щ sht 6t шт ш sh 6 st", "ъ": "ъ a а u у y ь o о", "ь": "ь y й i",
    "ю": "ю yu iu u", "я": "я ya ia ja q а a",
}  # fmt: skip
"""How each letter is typed: itself; by the official system, by habit, by sound; as what looks like it."""

_LOOK_ALIKES = str.maketrans("πγδλφοτρσςαεκμηχβιѕіјѐѝёэΠ", "пгдлфотрссаекмнхвисийеиеeп")
"""Greek letters (the GSM alphabet has some capitals) and Cyrillic ones that Bulgarian does not have."""

_DIGIT_ALIKES = str.maketrans("oоliзІ", "001131")
_ALIKE_IN_NUMBERS = str.maketrans("б", "6")
"""What else looks like a digit among many; „8б“ is a class."""


def plain(text: str) -> str:
    """Lower case, one form of each character, no accents on Latin or Cyrillic and nothing invisible."""
    text = unicodedata.normalize("NFKC", text.replace("\0", " ")).casefold().translate(_LOOK_ALIKES)
    decomposed = unicodedata.normalize("NFD", text.replace("й", "\0"))
    kept = (c for c in decomposed if unicodedata.category(c) not in ("Mn", "Cf") and (c != "\N{SOFT HYPHEN}"))
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in kept).replace("\0", "й")


def words(text: str) -> list[str]:
    """Runs of letters and digits of a `plain` text, letters before a long number apart: `id12345678` is two."""
    return [part for run in re.findall(r"[^\W_]+", text) for part in _parted(run)]


def as_number(word: str, *, forgiving: bool = False) -> str | None:
    """The digits of a word that is a number, letters typed for digits (O, l, З) among at least five digits forgiven.

    `forgiving`: among any number of digits.
    """
    if word.isascii() and word.isdigit():
        return word
    digits = word.translate(_DIGIT_ALIKES)
    if not forgiving:
        digits = digits.translate(_ALIKE_IN_NUMBERS)
    typed = sum(character.isdigit() for character in word)
    return digits if (forgiving or typed >= 5) and digits.isascii() and digits.isdigit() else None


def looks_like_digits(word: str) -> bool:
    """Digits, with letters among them that look like some."""
    digits = word.translate(_DIGIT_ALIKES)
    return digits.isascii() and digits.isdigit() and any(character.isdigit() for character in word)


def any_spelling_of(*bulgarian: str) -> re.Pattern[str]:
    """A pattern for `fullmatch` of a `plain` word: any of the words, however spelt, letters repeated or not."""
    return re.compile("|".join("".join(_ways(letter) for letter in word) for word in bulgarian))


def either(*bulgarian: str, english: str = "") -> re.Pattern[str]:
    """A pattern for `fullmatch` of a `plain` word: any spelling of the Bulgarian words, or the English pattern."""
    pattern = any_spelling_of(*bulgarian).pattern
    return re.compile(f"{pattern}|{english}" if english else pattern)


DIGITS_BEHIND = re.compile(r"(?<!\d)\d{2,}\Z")
"""Of a word: „СТОП1987“, the short code typed on to it; „махни32“."""

_LETTERS_THEN_NUMBER = re.compile(r"(?=\D)(.*\D)(\d{6,})")


_LABEL_THEN_NUMBER = re.compile(r"(ид|id|код|kod|егн|egn|лнч|lnch)(\d+)")
"""„ID8545 98 16“."""


def _parted(run: str) -> list[str]:
    found = _LABEL_THEN_NUMBER.fullmatch(run) or _LETTERS_THEN_NUMBER.fullmatch(run)
    return [found[1], found[2]] if found and as_number(run) is None else [run]


def _ways(letter: str) -> str:
    return "(?:" + "|".join(_WAYS.get(letter, letter).split()) + ")+"
