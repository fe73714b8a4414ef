"""Finds clips that should be on disk and are not: deleted under the running server, cut off, or never rendered."""

import time
from collections.abc import Iterable

from prompts.clip_folder import look
from prompts.clips import Clips

LOOK_SECONDS = 30.0
"""How often the folder is looked through; some thousand clips take some hundredths of a second."""
AT_ONCE, PAUSE = 100, 0.01
"""So many names are made, then calls have the interpreter for a moment."""


class LostClips:
    """Used in one thread. It remembers the names, each of which costs a pronunciation."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}
        """Text -> file name of the clips that were looked for last."""
        self.whole: dict[str, int] = {}
        """What the folder held then: file name -> time of the clip (nanoseconds)."""
        self._of: Clips | None = None
        self._look_at = 0.0

    def is_due(self) -> bool:
        """Whether it is time to look again."""
        return time.monotonic() >= self._look_at

    def among(self, texts: Iterable[str], clips: Clips) -> set[str]:
        """Those of `texts` whose clip is not there whole. Raises OperationError when the folder cannot be read."""
        self._look_at = time.monotonic() + LOOK_SECONDS
        if clips is not self._of:  # another edition: other names
            self._of, self.names = clips, {}
        wanted = {text for text in texts if text.strip()}
        for gone in self.names.keys() - wanted:
            del self.names[gone]
        for number, text in enumerate(wanted - self.names.keys(), 1):
            self.names[text] = clips.name_of(text)
            if number % AT_ONCE == 0:
                time.sleep(PAUSE)
        self.whole = look(clips.folder).whole
        return {text for text, name in self.names.items() if name not in self.whole}
