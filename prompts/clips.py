"""Which file says a text: clips are named by their content, so no ids are passed around."""

import hashlib
import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

from prompts.edition import Edition, current
from prompts.pronunciation import pronounced
from settings import Engine, Settings

RECIPE = "3"
"""Number of the way clips are made (prompts.sound, the engines' options); raise it when that changes how they sound."""

FRAME_BYTES = 160
"""20 ms of A-law, what one packet carries: a clip is a whole number of these."""

SLOW_TEMPO = 0.8
"""Speed of a slow copy; raise RECIPE when this changes."""

CLIP_NAME = re.compile(r"[0-9a-f]{24}\.alaw")


class Clips:
    """The clips of the current voice. Threads may share one."""

    def __init__(self, settings: Settings, edition: Edition | None = None, *, slow: bool = False) -> None:
        """edition: of recordings; None: the one that this host's callers hear. slow: their slow copies."""
        self.folder = settings.slow_sounds_path if slow else settings.sounds_path
        self._engine = settings.speaker
        model = settings.piper_model.name if settings.piper_model else ""
        command = settings.speech_command if settings.speaker is Engine.COMMAND else ""
        self._voice = (RECIPE, str(settings.speaker), settings.voice_name, model or command)
        self._edition = current(settings) if edition is None else edition
        self._found: dict[str, Path] = {}
        self._sounds: dict[str, str] = {}

    def path_of(self, text: str) -> Path:
        """Where the clip of `text` is or will be."""
        return self.folder / self.name_of(text)

    def name_of(self, text: str) -> str:
        """The clip's file name: of the engine, the voice, the text, and how the text is pronounced.

        The last one makes a corrected stress a new clip, as a recording makes one by its own content: calls in progress
        go on with the clips that they began with.
        """
        recorded = self._edition.digest_of(text)
        if recorded is not None:
            return self.name_of_recording(text, recorded)
        return _name(*self._voice, text, pronounced(text, self._engine))

    def name_of_recording(self, text: str, digest: str) -> str:
        """The file name of the clip that a recording of `text` became, in whichever edition."""
        return _name(*self._voice, text, "recorded", digest)

    def find(self, text: str) -> Path | None:
        """The clip of `text` if it has been rendered, by whichever process; one look at the disk, then none."""
        found = self._found.get(text)
        if found is None:
            path = self.path_of(text)
            if not path.is_file():
                return None
            found = self._found[text] = path
        return found

    def sound(self, text: str) -> str | None:
        """The same as Asterisk names it: absolute, without the ending."""
        sound = self._sounds.get(text)
        if sound is None and (clip := self.find(text)):
            sound = self._sounds[text] = str(clip.with_suffix(""))
        return sound

    def forget(self, texts: Iterable[str]) -> None:
        """These have no clip any more: look at the disk when they are asked for again."""
        for text in texts:
            self._found.pop(text, None)
            self._sounds.pop(text, None)


@lru_cache(maxsize=20_000)
def _name(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:24] + ".alaw"
