"""Bulgarian respelled so that RHVoice's Ukrainian voices say it.

What is done and what is left alone was chosen by `make bench-speech`; raise `prompts.clips.RECIPE` with a change here.
"""


_LETTERS = str.maketrans({"и": "і", "ѝ": "і", "щ": "шт", "ъ": "а", "г": "ґ"})


def respelled(text: str) -> str:
    """`text` as a Ukrainian would have to write it for a Bulgarian to hear it."""
    return text.lower().translate(_LETTERS)
