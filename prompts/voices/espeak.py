"""espeak-ng: small, offline, on every machine; the voice the product starts with."""

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from errors import OperationError
from prompts.pronunciation import pronounced
from prompts.voices.voice import SpeechError
from prompts.voices.wav import segment_of_wav
from settings import Engine

if TYPE_CHECKING:
    from pydub import AudioSegment

WORDS_PER_MINUTE = 150
"""Slower than espeak-ng's 175: a telephone is listened to once."""

TIMEOUT_SECONDS = 60


class EspeakVoice:
    """One espeak-ng process per text; the text goes through standard input, never through an argument."""

    def __init__(self) -> None:
        """Raises OperationError when espeak-ng is not installed."""
        program = shutil.which("espeak-ng")
        if program is None:
            raise OperationError("espeak-ng is not installed: install it (apt-get install espeak-ng) and try again.")
        self._command = (program, "-v", "bg", "-b", "1", "-s", str(WORDS_PER_MINUTE), "--stdin", "--stdout")

    @property
    def workers(self) -> int:
        return os.cpu_count() or 1

    def speak(self, text: str) -> "AudioSegment":
        # „[[“ opens espeak-ng's phoneme notation, which nobody who enters a text means.
        spoken = pronounced(text, Engine.ESPEAK).replace("[", " ")
        try:
            done = subprocess.run(self._command, input=spoken.encode(), capture_output=True, timeout=TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            raise SpeechError(f"espeak-ng did not finish within {TIMEOUT_SECONDS} s") from None
        if done.returncode != 0:
            reason = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise SpeechError(f"espeak-ng ended with status {done.returncode} ({' '.join(reason)})")
        return segment_of_wav(done.stdout, "espeak-ng")
