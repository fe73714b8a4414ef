"""A campaign's message as the telephone says it, for the browser: the same clips, one after the other."""

import io
import re
import wave
from collections.abc import Sequence

from prompts.clips import Clips
from prompts.reading import read
from prompts.render import render
from prompts.sound import linear
from prompts.speech import Sentence
from settings import Settings

SAMPLES_PER_SECOND = 8000


def pieces(speech: Sequence[Sentence]) -> list[str]:
    """The texts of which each is a clip."""
    return [piece for sentence in speech for piece in sentence]


def written(speech: Sequence[Sentence]) -> str:
    """What is said, to read: a pause ends a sentence."""
    sentences = " ".join(pieces(speech)).split("…")
    ended = [re.sub(r"[,;:]?$", "", sentence.strip()) for sentence in sentences if sentence.strip()]
    told = " ".join(sentence if sentence[-1] in ".!?" else f"{sentence}." for sentence in ended)
    return re.sub(r"(?<=[.!?] )\w", lambda first: first[0].upper(), told)


def prepare(settings: Settings, speech: Sequence[Sentence]) -> None:
    """Have the clips that are missing made. Raises OperationError when that cannot be done."""
    clips = Clips(settings)
    missing = [piece for piece in pieces(speech) if clips.find(piece) is None]
    if missing:
        render(settings, missing)


def seconds(settings: Settings, speech: Sequence[Sentence]) -> float:
    """How long it takes to say; a clip that is not made yet is guessed by its length."""
    clips = Clips(settings)
    total = 0.0
    for piece in pieces(speech):
        path = clips.find(piece)
        total += path.stat().st_size / SAMPLES_PER_SECOND if path else len(read(piece)) / 14
    return total


def wav(settings: Settings, speech: Sequence[Sentence]) -> bytes:
    """A WAV file, 16 bit, 8 kHz, mono. Raises OperationError when missing clips cannot be made."""
    prepare(settings, speech)
    clips = Clips(settings)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLES_PER_SECOND)
        for piece in pieces(speech):
            if path := clips.find(piece):
                file.writeframes(linear(path.read_bytes()))
    return buffer.getvalue()
