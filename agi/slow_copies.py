"""Has slow copies of the clips made while some subscriber wishes slow speech; where nobody does, nothing is looked at.

The thread that keeps the clips does it (agi.clip_store), after the clips themselves: a copy is made of what is there.
"""

import threading
from collections.abc import Callable, Iterable

import logs
from agi.lost_clips import LostClips
from prompts.clip_folder import look
from prompts.clips import Clips
from prompts.edition import Edition
from prompts.render_apart import Begun, render_apart
from prompts.slow import without_copy
from settings import Settings

log = logs.get(__name__)

MADE_AT_ONCE = 300
"""Copies that one program makes, before it is asked again what callers wait for; it takes some seconds."""


class SlowCopies:
    """The slow copies on disk. Any thread may ask for some; `keep` belongs to one."""

    def __init__(self, settings: Settings, is_wished: Callable[[], bool]) -> None:
        """`is_wished`: whether any subscriber wants them."""
        self._settings = settings
        self._is_wished = is_wished
        self._lock = threading.Lock()
        self._wanted: set[str] = set()
        self._left: set[str] = set()
        self.clips = Clips(settings, slow=True)
        """Finds them."""

    def follow(self, edition: Edition) -> None:
        """Callers hear another edition of the recordings from now on."""
        self.clips = Clips(self._settings, edition, slow=True)

    def want(self, texts: Iterable[str]) -> None:
        """A slow call lacked these, and heard the clips themselves: make them first."""
        with self._lock:
            self._wanted.update(texts)

    def keep(self, looked: LostClips | None, begun: Begun) -> bool:
        """Make what is missing, so many at a time; gives whether there is more.

        looked: the look through the folder of clips that was just taken, if one was; begun: is given the program.

        Raises OperationError; what was not made is found again by the next look, or by a call.
        """
        with self._lock:
            wanted, self._wanted = self._wanted, set()
        if looked is not None:
            self._left = self._lost_of(looked) if self._is_wished() else set()
        return self._make([*wanted, *(self._left - wanted)], begun)

    def _lost_of(self, looked: LostClips) -> set[str]:
        """Texts whose clip has no copy, or one of an earlier clip. Callers hear the clip itself meanwhile."""
        texts = {name: text for text, name in looked.names.items()}
        lost = {texts[name] for name in without_copy(texts, looked.whole, look(self.clips.folder).whole)}
        self.clips.forget(lost)
        return lost

    def _make(self, missing: list[str], begun: Begun) -> bool:
        self._left = set(missing[MADE_AT_ONCE:])
        if missing:
            made = render_apart(self._settings, missing[:MADE_AT_ONCE], begun, slow=True).made
            log.info("clips.slowed", made=made)
        return bool(self._left)
