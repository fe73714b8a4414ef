"""piper: a neural voice, offline, from a voice file such as bg_BG-dimitar-medium.onnx (with its .onnx.json beside it).

The Python package piper-tts keeps the voice in memory; a `piper` program loads it again for every text, which is slow.
"""

import importlib
import shutil
import subprocess
import tempfile
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from errors import InputError, OperationError
from prompts.pronunciation import pronounced
from prompts.voices.voice import SpeechError, Voice
from prompts.voices.wav import segment_of_wav
from settings import Engine

if TYPE_CHECKING:
    from pydub import AudioSegment

TIMEOUT_SECONDS = 120


def open_piper(model: Path) -> Voice:
    """The package when it is installed, else the program.

    Raises InputError when the voice file is missing or not a voice, OperationError when piper is not installed.
    """
    for path in (model, Path(f"{model}.json")):
        if not path.is_file():
            raise InputError(
                f"ESCHOOL_PIPER_MODEL={model} is not usable: there is no file {path}; "
                "give a piper voice (.onnx) with its .onnx.json beside it."
            )
    try:
        package = importlib.import_module("piper")
    except ImportError:
        return PiperProgram(model)
    return PiperPackage(package, model)


class PiperPackage:
    """The Python package piper-tts (1.3 and newer)."""

    def __init__(self, package: Any, model: Path) -> None:
        """Raises InputError when the file is not a voice."""
        try:
            self._voice = package.PiperVoice.load(str(model))
        except Exception as error:  # onnxruntime has many kinds of error for a file that it cannot read
            raise InputError(f"ESCHOOL_PIPER_MODEL={model} is not a piper voice ({type(error).__name__}).") from None
        self._lock = Lock()  # its espeak-ng is one per process, not one per thread

    @property
    def workers(self) -> int:
        return 1  # onnxruntime uses all cores by itself

    def speak(self, text: str) -> "AudioSegment":
        from pydub import AudioSegment

        try:
            with self._lock:
                chunks = list(self._voice.synthesize(pronounced(text, Engine.PIPER)))
        except Exception as error:  # a text that the voice has no sounds for
            raise SpeechError(f"piper failed ({type(error).__name__})") from error
        if not chunks:
            raise SpeechError("piper gave no sound")
        samples = b"".join(chunk.audio_int16_bytes for chunk in chunks)
        return AudioSegment(data=samples, sample_width=2, frame_rate=chunks[0].sample_rate, channels=1)


class PiperProgram:
    """The `piper` program, one process per text; the text goes through standard input."""

    def __init__(self, model: Path) -> None:
        """Raises OperationError when there is no piper on PATH."""
        program = shutil.which("piper")
        if program is None:
            raise OperationError(
                "piper is not installed: install it (pip install 'infoserv-eschool[piper]') or use another engine."
            )
        self._command = (program, "--model", str(model.absolute()), "--output_file")

    @property
    def workers(self) -> int:
        return 1

    def speak(self, text: str) -> "AudioSegment":
        line = " ".join(pronounced(text, Engine.PIPER).split()) + "\n"
        with tempfile.TemporaryDirectory(prefix="eschool-piper-") as folder:
            wav = Path(folder) / "speech.wav"
            try:
                done = subprocess.run(
                    (*self._command, str(wav)), input=line.encode(), capture_output=True, timeout=TIMEOUT_SECONDS
                )
            except subprocess.TimeoutExpired:
                raise SpeechError(f"piper did not finish within {TIMEOUT_SECONDS} s") from None
            if done.returncode != 0 or not wav.is_file():
                raise SpeechError(f"piper ended with status {done.returncode} and no sound")
            return segment_of_wav(wav.read_bytes(), "piper")
