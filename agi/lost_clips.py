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
        self._names: dict[str, str] = {}
        self._of: Clips | None = None
        self._look_at = 0.0

    def is_due(self) -> bool:
        """Whether it is time to look again."""
        return time.monotonic() >= self._look_at

    def among(self, texts: Iterable[str], clips: Clips) -> set[str]:
        """Those of `texts` whose clip is not there whole. Raises OperationError when the folder cannot be read."""
        self._look_at = time.monotonic() + LOOK_SECONDS
        if clips is not self._of:  # another edition: other names
            self._of, self._names = clips, {}
        wanted = {text for text in texts if text.strip()}
        for gone in self._names.keys() - wanted:
            del self._names[gone]
        for number, text in enumerate(wanted - self._names.keys(), 1):
            self._names[text] = clips.name_of(text)
            if number % AT_ONCE == 0:
                time.sleep(PAUSE)
        whole = look(clips.folder).whole
        return {text for text, name in self._names.items() if name not in whole}
