"""Any other voice, by a command line: it reads a text from standard input and writes a WAV file to standard output."""

import os
import shlex
import shutil
import signal
import subprocess
from typing import TYPE_CHECKING

from errors import InputError, OperationError
from prompts.pronunciation import pronounced
from prompts.voices.voice import SpeechError
from prompts.voices.wav import segment_of_wav
from settings import Engine

if TYPE_CHECKING:
    from pydub import AudioSegment

SHOWN_ERROR = 200
"""Letters of a program's own complaint that are told."""


class CommandVoice:
    """One process a text. No shell reads the command line: what it quotes is one argument."""

    def __init__(self, line: str, seconds: int) -> None:
        """Raises InputError when the line cannot be split, OperationError when there is no such program."""
        try:
            self._command = shlex.split(line)
        except ValueError as error:
            raise InputError(
                f"ESCHOOL_SPEECH_COMMAND cannot be read ({str(error).lower()}): quote it as a shell would."
            ) from None
        if not self._command or shutil.which(self._command[0]) is None:
            raise OperationError(
                f"There is no program {(self._command or ['?'])[0]}, which ESCHOOL_SPEECH_COMMAND names: "
                "install it or give its path."
            )
        self._name = os.path.basename(self._command[0])  # a name, not a file
        self._seconds = seconds

    @property
    def workers(self) -> int:
        return os.cpu_count() or 1

    def speak(self, text: str) -> "AudioSegment":
        spoken = pronounced(text, Engine.COMMAND) + "\n"
        # A session of its own, so that what the program started ends with it.
        with subprocess.Popen(
            self._command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        ) as process:
            try:
                sound, complaint = process.communicate(spoken.encode(), timeout=self._seconds)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                raise SpeechError(
                    f"{self._name} did not finish within {self._seconds} s, which ESCHOOL_SPEECH_SECONDS allows"
                ) from None
        if process.returncode != 0:
            said = " ".join(complaint.decode(errors="replace").split())[-SHOWN_ERROR:]
            raise SpeechError(f"{self._name} ended with status {process.returncode} ({said or 'it said nothing'})")
        return segment_of_wav(sound, self._name)
