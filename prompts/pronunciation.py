"""What an engine is given instead of a text that it would read or pronounce wrongly."""

from functools import lru_cache

from prompts import stress
from prompts.reading import read
from settings import Engine

STRESSED = frozenset({Engine.RHVOICE, Engine.ESPEAK, Engine.PIPER, Engine.RECORDED})
"""Engines that guess the stress by rules of another language or by espeak-ng's, and so are told it; Google's might read
a mark aloud."""


@lru_cache(maxsize=20_000)
def pronounced(text: str, engine: Engine) -> str:
    """`text` as `engine` is to read it.

    Every text that is spoken comes through here, whoever wrote it, so nothing reaches an engine unread; clips are
    named and listed by the text itself.
    """
    spoken = read(text)
    return stress.marked(spoken) if engine in STRESSED else spoken
