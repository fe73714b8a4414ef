"""What the voice of the dialer's host can say: its clips, of the recordings that callers hear now."""

from collections.abc import Iterable

from prompts.clips import Clips
from prompts.edition import current
from settings import Settings


class HostVoice:
    """Asked before anybody is rung."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._edition = current(settings)
        self._clips = Clips(settings, self._edition)

    def can_say(self, pieces: Iterable[str]) -> bool:
        """Whether there is a clip of each."""
        edition = current(self._settings)
        if edition != self._edition:
            self._edition, self._clips = edition, Clips(self._settings, edition)
        return all(self._clips.find(piece) for piece in pieces)
