"""RHVoice: a Ukrainian man's voice that reads Bulgarian respelled for it; the voice the product starts with.

There is no Bulgarian voice among the free ones that a set-up can get; how well each engine is understood is measured
by `make bench-speech` (docs/performance.md).
"""

import os
import struct
import subprocess
import sys
import tempfile
import threading
import weakref
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

from errors import OperationError
from prompts.pronunciation import pronounced
from prompts.voices import rhvoice_program
from prompts.voices.respelling import respelled
from prompts.voices.voice import SpeechError
from settings import Engine

if TYPE_CHECKING:
    from pydub import AudioSegment

VOICE = "Anatol"
RATE = 1.0
"""Of the voice's own speed."""

TIMEOUT_SECONDS = 60
HINT = "run `eschool prompts install-rhvoice` or set ESCHOOL_ENGINE=espeak."


class RhvoiceVoice:
    """Several programs that speak, each kept for the next text."""

    def __init__(self, folder: Path, name: str = VOICE) -> None:
        """folder: where RHVoice was unpacked; name: of its voices. Raises OperationError when it is not there."""
        self._command = command(folder, name)
        self._idle: SimpleQueue[_Program | None] = SimpleQueue()
        self._programs: list[_Program] = []
        for _ in range(self.workers):
            self._idle.put(None)  # started when the first text comes for it
        weakref.finalize(self, _end, self._programs)

    @property
    def workers(self) -> int:
        return os.cpu_count() or 1

    def speak(self, text: str) -> "AudioSegment":
        from pydub import AudioSegment

        program = self._idle.get()
        try:
            if program is None:
                program = _Program(self._command)
                self._programs.append(program)
            rate, samples = program.speak(respelled(pronounced(text, Engine.RHVOICE)))
        except SpeechError:
            if program is not None:
                self._programs.remove(program)
                program.end()
                program = None
            raise
        finally:
            self._idle.put(program)
        if not samples:
            raise SpeechError("RHVoice gave no sound")
        return AudioSegment(data=samples, sample_width=2, frame_rate=rate, channels=1)


def command(folder: Path, name: str = VOICE) -> tuple[str, ...]:
    """The program that speaks with what was unpacked into `folder`. Raises OperationError when it is not there."""
    library = next(folder.glob("usr/lib/*/libRHVoice.so.5"), None)
    if library is None:
        raise OperationError(f"RHVoice is not set up in {folder}: {HINT}")
    data, configuration = folder / "usr/share/RHVoice", folder / "etc/RHVoice"
    program = (sys.executable, "-I", rhvoice_program.__file__, str(library.parent))
    return (*program, str(data), str(configuration), name, str(RATE))


class _Program:
    """One running program; one text at a time."""

    def __init__(self, command: tuple[str, ...]) -> None:
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115  # a pipe nobody reads would fill and stop it
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._complaints
        )

    def speak(self, text: str) -> tuple[int, bytes]:
        """Samples a second, and the samples. Raises SpeechError when it dies or takes too long: it is of no more use.

        Raises OperationError when RHVoice cannot be loaded at all.
        """
        requests, answers = self._process.stdin, self._process.stdout
        assert requests is not None
        assert answers is not None
        spoken = text.encode()
        late = threading.Timer(TIMEOUT_SECONDS, self._process.kill)
        late.start()
        try:
            requests.write(struct.pack(">I", len(spoken)) + spoken)
            requests.flush()
            head = answers.read(8)
            if len(head) == 8:
                rate, size = struct.unpack(">II", head)
                samples = answers.read(size)
                if len(samples) == size:
                    return rate, samples
        except BrokenPipeError:
            pass
        finally:
            late.cancel()
        raise self._failure()

    def end(self) -> None:
        """It ends with its input."""
        for pipe in (self._process.stdin, self._process.stdout, self._complaints):
            try:
                if pipe is not None:
                    pipe.close()
            except BrokenPipeError:
                pass
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _failure(self) -> Exception:
        status = self._process.wait()
        self._complaints.seek(0)
        said = self._complaints.read().decode(errors="replace").strip()
        if status == 1 and said:  # what the program itself says
            return OperationError(f"RHVoice cannot be used ({said.splitlines()[-1]}): {HINT}")
        if status == -9:
            return SpeechError(f"RHVoice did not finish within {TIMEOUT_SECONDS} s")
        return SpeechError(f"RHVoice ended with status {status}")


def _end(programs: list[_Program]) -> None:
    for program in programs:
        program.end()
