"""What an engine is given instead of a text that it would pronounce wrongly."""

import re
from functools import lru_cache

from prompts import stress
from prompts.grammar.numbers import ordinal
from prompts.grammar.spelling import LEVELS
from settings import Engine

LETTER_NAMES = dict(
    zip("абвгдежзийк", ("а", "бе", "ве", "ге", "де", "е", "же", "зе", "и", "и кратко", "ка"), strict=True)
)
"""How people name the letter of a class: „осми бе клас“."""

STRESSED = frozenset({Engine.RHVOICE, Engine.ESPEAK, Engine.PIPER, Engine.RECORDED})
"""Engines that guess the stress by rules of another language or by espeak-ng's, and so are told it; Google's might read
a mark aloud."""

_CLASS_LETTER = re.compile(
    rf"\b({'|'.join(ordinal(level) for level in LEVELS)}) ([абвгдежзийк])(?= клас\b)", re.IGNORECASE
)


@lru_cache(maxsize=20_000)
def pronounced(text: str, engine: Engine) -> str:
    """`text` as `engine` is to read it."""
    spoken = _CLASS_LETTER.sub(lambda found: f"{found[1]} {LETTER_NAMES[found[2].lower()]}", text)
    return stress.marked(spoken) if engine in STRESSED else spoken
