"""The order of the rules, and the one function that the rest of the program calls."""

import re
from functools import lru_cache

from prompts.reading import (
    abbreviations,
    amounts,
    classes,
    dates,
    hours,
    initials,
    latin,
    links,
    numerals,
    roman,
    signs,
    telephones,
)
from prompts.reading.rule import applied

TIMES = 4
"""A reading is read again until nothing changes; more often than this it never takes."""

_PLAIN = re.compile(
    r"(?!.*(?:клас|жк))[А-Я]?[а-яѐѝ\u0300]+(?:[,!?:;…]? (?:– )?[А-Я]?[а-яѐѝ\u0300]+)*(?:[,!?:;…]|(?<=[а-я]{8})\.)?"
)
"""What no rule touches: most names, subjects and phrases are found so at once."""

# Those that need a figure's surroundings come before those that spell what is left of figures and letters.
_RULES = (
    *links.RULES,
    *latin.TWIN_RULES,
    *telephones.RULES,
    *roman.RULES,
    *classes.RULES,
    *dates.RULES,
    *hours.RULES,
    *numerals.SIGN_RULES,
    *amounts.RULES,
    *abbreviations.RULES,
    *initials.RULES,
    *numerals.RULES,
    *latin.RULES,
)


@lru_cache(maxsize=20_000)
def read(text: str) -> str:
    """`text` as it is said: „18.30 ч.“ -> „осемнадесет часа и тридесет минути.“.

    Linear in the length. Reading what was read changes nothing, nor does reading plain words. A text with something to
    say never becomes one with nothing.
    """
    if _PLAIN.fullmatch(text):
        return text
    said = text
    for _ in range(TIMES):
        once = _once(said)
        if once == said:
            break
        said = once
    return said if any(sign.isalnum() for sign in said) else text


def _once(text: str) -> str:
    without = signs.early(text)
    # Quotation marks around a class's letter or a street's name are needed by the rules before they go.
    said = signs.late(applied(_RULES, without))
    return text if said == text else signs.tidied(said)
