"""A person's recordings of phrases, with an engine for everything not recorded."""

import hashlib
import io
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from errors import InputError
from prompts.catalogue import PHRASES
from prompts.voices.voice import SpeechError, Voice

if TYPE_CHECKING:
    from pydub import AudioSegment


def recording_name(text: str) -> str:
    """Name (without .wav) of the recording of a text that is no phrase of the catalogue: 24 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:24]


class Recordings:
    """A folder of .wav files in any rate and width, each named by a phrase's id or by `recording_name`."""

    def __init__(self, folder: Path) -> None:
        """Raises InputError when there is no such folder."""
        if not folder.is_dir():
            raise InputError(f"ESCHOOL_RECORDINGS={folder} is not a folder: give the folder of the .wav recordings.")
        present = {path.stem: path for path in folder.iterdir() if path.suffix.lower() == ".wav"}
        self._by_text = {text: present[name] for name, text in PHRASES.items() if name in present}
        self._by_name = present

    def of(self, text: str) -> Path | None:
        """The recording of `text`."""
        return self._by_text.get(text) or self._by_name.get(recording_name(text))


class Recorded(Protocol):
    """Recordings by text."""

    def of(self, text: str) -> Path | None:
        """The recording of `text`."""


class RecordedVoice:
    """Plays what is recorded and lets another voice say the rest."""

    def __init__(self, recordings: Recorded, otherwise: Voice) -> None:
        self._recordings = recordings
        self._otherwise = otherwise

    @property
    def workers(self) -> int:
        return self._otherwise.workers

    def speak(self, text: str) -> "AudioSegment":
        recording = self._recordings.of(text)
        return self._otherwise.speak(text) if recording is None else _read(recording)


def _read(path: Path) -> "AudioSegment":
    from pydub import AudioSegment
    from pydub.exceptions import CouldntDecodeError

    try:
        segment = AudioSegment.from_file(io.BytesIO(path.read_bytes()))  # given a path, pydub leaves the file open
    except (OSError, EOFError, CouldntDecodeError, IndexError, KeyError):
        raise SpeechError(f"the recording {path.name} is not a sound file") from None
    if not segment.frame_count():
        raise SpeechError(f"the recording {path.name} is empty")
    return segment.set_channels(1).set_sample_width(2)
