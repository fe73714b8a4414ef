"""Bulgarian respelled so that RHVoice's Ukrainian voices say it.

What is done and what is left alone was chosen by `make bench-speech` (docs/performance.md). A change here is a new
number of `prompts.clips.RECIPE`.
"""

import unicodedata

from prompts.stress import STRESS

ACUTE = "\u0301"
"""Sets the stress, after its vowel. The `+` of RHVoice's documentation cuts a word in two in its release 1.8."""

_LETTERS = str.maketrans({"и": "і", "щ": "шт", "ъ": "а", "г": "ґ", STRESS: ACUTE})


def respelled(text: str) -> str:
    """`text`, stress marked by `prompts.stress` or not, as a Ukrainian has to write it for a Bulgarian to hear it."""
    composed = unicodedata.normalize("NFC", text.lower())  # „й“ is one letter
    return composed.replace("ѝ", "и" + STRESS).replace("ѐ", "е" + STRESS).translate(_LETTERS)
