"""Finds the clips of a call, and has missing ones rendered: entered texts, and whatever a call lacked.

Nothing is rendered while a caller waits. A thread of the voice process renders new names, subjects, meetings and
notes within seconds of their entry, and at once what a call asked for in vain. It also deletes the clips of those that
are no longer there.
"""

import os
import threading
from collections.abc import Callable, Collection, Iterable

import logs
from errors import EschoolError
from prompts.clips import Clips
from prompts.forgetting import forget
from prompts.render import render
from settings import Settings

log = logs.get(__name__)

SWEEP_SECONDS = 20.0


class ClipStore:
    """The clips on disk. Without `start` it only finds."""

    def __init__(self, settings: Settings, entered_texts: Callable[[], Collection[str]] | None = None) -> None:
        self._settings = settings
        self._clips = Clips(settings)
        self._entered_texts = entered_texts
        self._wanted: set[str] = set()
        self._unrenderable: set[str] = set()
        self._entered: set[str] = set()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopped = False

    def sound(self, text: str) -> str | None:
        """The clip of `text` as Asterisk names it; None: not rendered yet."""
        return self._clips.sound(text)

    def want(self, texts: Iterable[str]) -> None:
        """These were missing in a call: render them first."""
        with self._lock:
            self._wanted.update(texts)
        self._wake.set()

    def start(self) -> threading.Thread:
        """Begin to render what is missing, in the background."""
        thread = threading.Thread(target=self._keep, name="clip-keeper", daemon=True)
        thread.start()
        return thread

    def stop(self) -> None:
        """No new rendering begins."""
        self._stopped = True
        self._wake.set()

    def _keep(self) -> None:
        # Calls go first: neither this thread nor the programs it starts have the precedence of the process.
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        while not self._stopped:
            try:
                self._forget_unsaid()
                self._render_missing()
            except Exception as error:  # the next sweep may find the disk or the database back
                log.error("clips.sweep_failed", error=logs.where(error))
            self._wake.wait(SWEEP_SECONDS)
            self._wake.clear()

    def _forget_unsaid(self) -> None:
        """Delete the clips of what was entered at the last look and is not there any more."""
        if self._entered_texts is None:
            return
        entered = set(self._entered_texts())
        if gone := self._entered - entered:
            self._clips.forget(gone)
            log.info("clips.forgotten", deleted=forget(self._settings, gone))
        self._entered = entered

    def _render_missing(self) -> None:
        with self._lock:
            wanted, self._wanted = self._wanted, set()
        entered = () if self._entered_texts is None else self._entered_texts()
        texts = wanted.union(entered) - self._unrenderable
        missing = [text for text in texts if self._clips.find(text) is None]
        if not missing:
            return
        try:
            rendered = render(self._settings, missing, progress=False)
        except EschoolError as error:
            log.error("clips.render_failed", error=type(error).__name__, missing=len(missing))
            return
        self._unrenderable.update(text for text in missing if self._clips.find(text) is None)
        log.info("clips.rendered", made=rendered.made, failed=rendered.failed)
