"""Finds the clips of a call, and has missing ones rendered: entered texts, and whatever a call lacked.

Nothing is rendered while a caller waits. A thread of the voice process finds new names, subjects, meetings and notes
within seconds of their entry, and at once what a call asked for in vain; a process of low precedence renders them. It
also deletes the clips of those that are no longer there.
"""

import os
import subprocess
import threading
from collections.abc import Callable, Iterable

import logs
from errors import EschoolError
from prompts.clips import Clips
from prompts.edition import Edition
from prompts.forgetting import forget
from prompts.render_apart import render_apart
from school.hearing.spoken import Entered
from settings import Settings

log = logs.get(__name__)

SWEEP_SECONDS = 20.0


Begun = Callable[["subprocess.Popen[bytes]"], None]
"""Is given a program that renders, so that it can be ended early."""


def _same_edition(_begun: Begun) -> Edition | None:
    return None


class ClipsOfCall:
    """The clips of one call: those of the voice with which it began, however long it lasts."""

    def __init__(self, clips: Clips, want: Callable[[Iterable[str]], None]) -> None:
        self._clips = clips
        self.want = want

    def sound(self, text: str) -> str | None:
        """The clip of `text` as Asterisk names it; None: not rendered yet."""
        return self._clips.sound(text)


class ClipStore:
    """The clips on disk. Without `start` it only finds."""

    def __init__(
        self,
        settings: Settings,
        entered_texts: Callable[[], Entered] = Entered,
        follow_edition: Callable[[Begun], Edition | None] = _same_edition,
    ) -> None:
        """Both are called every SWEEP_SECONDS.

        entered_texts: gives at least what is new since the last call; follow_edition: makes another edition of people's
        recordings ready if one is in use, and gives it.
        """
        self._settings = settings
        self._follow_edition = follow_edition
        self._clips = Clips(settings)
        self._entered_texts = entered_texts
        self._wanted: set[str] = set()
        self._rendering: subprocess.Popen[bytes] | None = None
        self._unrenderable: set[str] = set()
        self._entered: set[str] = set()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopped = False

    def sound(self, text: str) -> str | None:
        """The clip of `text` as Asterisk names it; None: not rendered yet."""
        return self._clips.sound(text)

    def of_call(self) -> ClipsOfCall:
        """The clips for a call that begins now."""
        return ClipsOfCall(self._clips, self.want)

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
        """No new rendering begins, and one under way ends; the clips that it made are whole."""
        self._stopped = True
        if self._rendering is not None:
            self._rendering.terminate()
        self._wake.set()

    def _begun(self, rendering: "subprocess.Popen[bytes]") -> None:
        self._rendering = rendering
        if self._stopped:
            rendering.terminate()

    def _keep(self) -> None:
        # Calls go first: neither this thread nor the programs it starts have the precedence of the process.
        os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
        while not self._stopped:
            try:
                self._follow()
                self._render_missing(self._newly_entered())
            except Exception as error:  # the next sweep may find the disk or the database back
                log.error("clips.sweep_failed", error=logs.where(error), **logs.outage(error))
            self._wake.wait(SWEEP_SECONDS)
            self._wake.clear()

    def _follow(self) -> None:
        """Callers from now on hear another edition of the recordings, if there is one."""
        try:
            edition = self._follow_edition(self._begun)
        except EschoolError as error:
            if not self._stopped:
                log.error("voice.switch_failed", error=type(error).__name__, **logs.outage(error))
            return
        finally:
            self._rendering = None
        if edition is not None:
            self._clips = Clips(self._settings, edition)

    def _newly_entered(self) -> set[str]:
        """What may have no clip yet. The clips of what was there and is not any more are deleted."""
        entered = self._entered_texts()
        if entered.complete:
            if gone := self._entered - entered.texts:
                self._clips.forget(gone)
                log.info("clips.forgotten", deleted=forget(self._settings, gone))
            self._entered = set()
        self._entered |= entered.texts
        return entered.texts

    def _render_missing(self, entered: set[str]) -> None:
        with self._lock:
            self._wanted.update(entered)
            wanted = self._wanted - self._unrenderable
            self._wanted = set()
        missing = [text for text in wanted if self._clips.find(text) is None]
        if not missing:
            return
        try:
            rendered = render_apart(self._settings, missing, self._begun)
        except Exception as error:
            with self._lock:
                self._wanted.update(missing)  # for the next sweep
            if not isinstance(error, EschoolError):
                raise
            if not self._stopped:
                log.error("clips.render_failed", error=type(error).__name__, missing=len(missing))
            return
        finally:
            self._rendering = None
        self._unrenderable.update(text for text in missing if self._clips.find(text) is None)
        log.info("clips.rendered", made=rendered.made, failed=len(rendered.failed))
