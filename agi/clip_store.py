"""Finds the clips of a call, and has missing ones rendered: entered texts, whatever a call lacked, and what was lost.

Nothing is rendered while a caller waits. A thread of the voice process finds new names, subjects, meetings and notes
within seconds of their entry, and at once what a call asked for in vain; a process of low precedence renders them. It
also deletes the clips of those that are no longer there.
"""

import logging
import os
import subprocess
import threading
from collections.abc import Callable, Iterable, Set

import logs
from agi.lost_clips import LostClips
from agi.slow_copies import SlowCopies
from errors import EschoolError, OperationError
from prompts.clips import Clips
from prompts.edition import Edition
from prompts.forgetting import forget
from prompts.render_apart import Begun, render_apart
from school.hearing.spoken import Entered
from settings import Settings

log = logs.get(__name__)

SWEEP_SECONDS = 20.0
RENDERED_AT_ONCE = 300
"""Texts that one program renders, before it is asked again what callers wait for."""


def _same_edition(_begun: Begun) -> Edition | None:
    return None


def _nobody() -> bool:
    return False


Want = Callable[[Iterable[str]], None]


class ClipsOfCall:
    """The clips of one call: those of the voice with which it began, however long it lasts."""

    def __init__(self, clips: Clips, slow_copies: Clips, want: Want, want_slow: Want) -> None:
        self._clips = clips
        self._slow_copies = slow_copies
        self.want = want
        self._want_slow = want_slow
        self.slow = False
        """Whether the call is spoken slowly from here on."""

    def sound(self, text: str) -> str | None:
        """The clip of `text` as Asterisk names it; None: not rendered yet.

        Where a slow copy is lacking the clip itself is heard: nobody hears a gap.
        """
        if not self.slow:
            return self._clips.sound(text)
        copy = self._slow_copies.sound(text)
        if copy is not None:
            return copy
        clip = self._clips.sound(text)
        if clip is not None:
            self._want_slow((text,))
        return clip


class ClipStore:
    """The clips on disk. Without `start` it only finds."""

    def __init__(
        self,
        settings: Settings,
        entered_texts: Callable[[], Entered] = Entered,
        follow_edition: Callable[[Begun], Edition | None] = _same_edition,
        fixed_texts: Callable[[], Set[str]] = frozenset,
        slow_is_wished: Callable[[], bool] = _nobody,
    ) -> None:
        """The first two are called every SWEEP_SECONDS.

        entered_texts: gives at least what is new since the last call; follow_edition: makes another edition of people's
        recordings ready if one is in use, and gives it; fixed_texts: what every dialogue may say, whoever calls.
        slow_is_wished: whether any subscriber wants to be spoken to slowly, asked at every look for lost clips.
        """
        self._settings = settings
        self._follow_edition = follow_edition
        self._clips = Clips(settings)
        self._entered_texts = entered_texts
        self._fixed_texts = fixed_texts
        self._lost = LostClips()
        self._slow = SlowCopies(settings, slow_is_wished)
        self.missing = 0
        """Clips that should be there and are not, when the folder was last looked through."""
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
        return ClipsOfCall(self._clips, self._slow.clips, self.want, self._want_slow)

    def want(self, texts: Iterable[str]) -> None:
        """These were missing in a call: render them first."""
        with self._lock:
            self._wanted.update(texts)
        self._wake.set()

    def _want_slow(self, texts: Iterable[str]) -> None:
        self._slow.want(texts)
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
                lost, looked = self._lost_again()
                self._render_missing(lost, lost)
                self._copy_slowly(looked)
            except Exception as error:  # the next sweep may find the disk or the database back
                log.error("clips.sweep_failed", error=logs.where(error), **logs.outage(error))
            self._wake.wait(SWEEP_SECONDS)
            self._wake.clear()

    def _copy_slowly(self, looked: LostClips | None) -> None:
        """Slow copies of what was there at the last look, and of what a call wanted."""
        try:
            if self._slow.keep(looked, self._begun):
                self._wake.set()
        except EschoolError as error:
            if not self._stopped:
                log.error("clips.not_slowed", error=type(error).__name__, **logs.outage(error))
        finally:
            self._rendering = None

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
            self._slow.follow(edition)

    def _newly_entered(self) -> set[str]:
        """What may have no clip yet. The clips of what was there and is not any more are deleted."""
        entered = self._entered_texts()
        if entered.complete:
            if gone := self._entered - entered.texts:
                self._clips.forget(gone)
                self._slow.clips.forget(gone)
                log.info("clips.forgotten", deleted=forget(self._settings, gone))
            self._entered = set()
        self._entered |= entered.texts
        return entered.texts

    def _lost_again(self) -> tuple[set[str], LostClips | None]:
        """What somebody has deleted or a full disk has cut off: callers do not hear it until it is there again.

        With the look through the folder, if one was due and succeeded.
        """
        if not self._lost.is_due():
            return set(), None
        looked: LostClips | None = self._lost
        needed = self._fixed_texts() | self._entered
        try:
            lost = self._lost.among(needed - self._unrenderable, self._clips)
        except OperationError as error:
            log.error("clips.unreadable", reason=str(error))
            lost, looked = set(needed), None
        if len(lost) != self.missing:
            log.log(logging.WARNING if lost else logging.INFO, "clips.lost", missing=len(lost))
        self.missing = len(lost)
        self._clips.forget(lost)
        return lost, looked

    def _render_missing(self, texts: set[str], cut_off: Set[str] = frozenset()) -> None:
        """So many at a time, first what calls have lacked: the next sweep, which follows at once, has the rest."""
        with self._lock:
            first = self._wanted - self._unrenderable
            self._wanted |= texts
            wanted = self._wanted - self._unrenderable
            self._wanted = set()
        in_order = (*first, *(wanted - first))
        missing = [text for text in in_order if text in cut_off or self._clips.find(text) is None]
        if not missing:
            return
        if len(missing) > RENDERED_AT_ONCE:
            with self._lock:
                self._wanted.update(missing[RENDERED_AT_ONCE:])
            missing = missing[:RENDERED_AT_ONCE]
            self._wake.set()
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
        failed = [text for text in missing if self._clips.find(text) is None]
        self._unrenderable.update(failed)
        self.missing = max(0, self.missing - len(missing) + len(failed))
        log.info("clips.rendered", made=rendered.made, failed=len(rendered.failed))
