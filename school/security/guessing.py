"""How easily a password is guessed: zxcvbn, its lists of leaked passwords, names and words, and Bulgarian ones.

A password may be Bulgarian words in Cyrillic letters, in Latin ones, or the keys of one layout pressed in another, so
words and passwords are compared in all these forms.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from threading import Lock

EASY = 10**8
"""Guesses that an attacker who knows the lists needs at most: below, zxcvbn calls a password somewhat guessable."""
LOOKED_AT = 64
"""Characters that are judged: what follows only makes a password harder, and zxcvbn slower."""
SHORTEST_WORD = 3
OF_ITS_OWN = 6
"""Letters that a password must have besides the words that everybody knows of a person."""

_LETTERS = "абвгдежзийклмнопрстуфхцчшщъьюя"
_OFFICIAL = "a b v g d e zh z i y k l m n o p r s t u f h ts ch sh sht a y yu ya".split()  # noqa: SIM905 - thirty strings in quotes cannot be read
"""Streamlined System of the Transliteration Act."""
_CHAT = "a b v g d e j z i i k l m n o p r s t u f h c 4 6 6t y y yu q".split()  # noqa: SIM905 - thirty strings in quotes cannot be read
"""„шльокавица“, as people write Bulgarian in Latin letters."""
_LOOSE = "a b v g d e zh z i i k l m n o p r s t u f h c ch sh sht u i iu ia".split()  # noqa: SIM905 - as above
"""As names in passports of before were written, and as others write them by ear."""
_KEYBOARDS = (
    ("уеишщксдзцьяаожгтнвмчюйъэфхпрлб", "wertyuiop[asdfghjkl;'zxcvbnm,./"),
    ("чшертъуиопящасдфгхйклзжцвбнм", "qwertyuiop[]asdfghjklzxcvbnm"),
    ("явертъуиопшщасдфгхйклзьцжбнм", "qwertyuiop[]asdfghjklzxcvbnm"),
    ("йцукенгшщзхъфывапролджэячсмитьбю", "qwertyuiop[]asdfghjkl;'zxcvbnm,."),
)
"""The letters that keys give (БДС, phonetic, old phonetic, Russian), and the same keys in Latin."""

_FORMS: tuple[dict[str, str], ...] = (
    *(dict(zip(_LETTERS, way, strict=True)) for way in (_OFFICIAL, _CHAT, _LOOSE)),
    *(dict(zip(letters, keys, strict=True)) for letters, keys in _KEYBOARDS),
)

_ONE_AT_A_TIME = Lock()
"""zxcvbn keeps the words it is given where all threads see them."""


def is_easily_guessed(password: str, own: Iterable[str] = ()) -> bool:
    """Whether lists of leaked passwords, words, names, dates and keyboard patterns lead to it in few guesses.

    `own`: what an attacker may know of the person, such as names.
    """
    from zxcvbn import zxcvbn  # reading its lists takes some 50 ms: a call's path, which comes by here, needs none

    inputs = [*own_words(own), *_common_words()]
    for form in _forms(password.casefold()[:LOOKED_AT]):
        with _ONE_AT_A_TIME:
            guesses = zxcvbn(form[:LOOKED_AT], inputs)["guesses"]
        if guesses < EASY:
            return True
    return False


def is_made_of(password: str, own: Iterable[str]) -> bool:
    """Whether little is left of it without these words: a person's names, the school's, the product's."""
    words = sorted(own_words(own), key=len, reverse=True)
    for form in _forms(password.casefold()):
        plain = re.sub(r"[\W_]", "", form)
        left = plain
        for word in words:
            left = left.replace(re.sub(r"[\W_]", "", word), "")
        if left != plain and sum(letter.isalpha() for letter in left) < OF_ITS_OWN:
            return True
    return False


def own_words(texts: Iterable[str]) -> tuple[str, ...]:
    """The words of these texts in all their forms."""
    words = {word for text in texts for word in re.findall(r"[^\W_]+", text.casefold())}
    found = {form for word in words if len(word) >= SHORTEST_WORD for form in _forms(word)}
    return tuple(sorted(form for form in found if len(form) >= SHORTEST_WORD))


def _forms(text: str) -> Iterator[str]:
    """The text itself, and where it has Cyrillic letters, as it would be in Latin ones."""
    yield text
    if re.search("[а-я]", text):
        yield from {"".join(form.get(one, one) for one in text) for form in _FORMS}


@cache
def _common_words() -> tuple[str, ...]:
    """Bulgarian words that passwords are made of, the most likely first, in all their forms."""
    lines = Path(__file__).with_name("common_words.txt").read_text("utf-8").split("\n")
    return tuple(dict.fromkeys(form for line in lines if line for form in _forms(line.replace(" ", ""))))
