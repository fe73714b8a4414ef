"""A subscriber's telephone: dial, press keys, listen, hang up."""

import shutil
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from devtools.telephone.baresip import SAMPLES_PER_SECOND, Baresip
from devtools.telephone.heard import NOTHING, ClipBook, Heard, Match
from devtools.telephone.recording import Recording
from prompts.catalogue import PHRASES

PAUSE = PHRASES["pause"]
BREATH = PHRASES["breath"]
SILENCES = (PAUSE, BREATH)
_MAY_GO_ON = ((PAUSE,), (BREATH,), (NOTHING,))
HIDDEN = "anonymous@anonymous.invalid"
"""Who calls with a hidden number (RFC 3323, section 4.1.1.3)."""


class CallRefusedError(Exception):
    """The other side did not take the call; the text is its answer, such as `404 Not Found`."""


class Telephone:
    """A telephone with the number `number` (None: hidden) for one call to a PBX (`127.0.0.1:5060`).

    It hangs up by itself after `longest` seconds. A context manager: leaving it hangs up and removes what it wrote.
    """

    def __init__(
        self,
        number: str | None,
        pbx: str,
        clips: ClipBook,
        longest: int = 150,
        port: int | None = None,
        says: bytes = b"",
    ) -> None:
        """port: where it can be called; says: what its owner says once a call is answered (16 bit, 8 kHz)."""
        self._pbx = pbx
        self._clips = clips
        self._folder = Path(tempfile.mkdtemp(prefix="telephone-"))
        self._changed = threading.Condition()
        self._answered_at: float | None = None
        self._closed: str | None = None
        self._recognised: list[Match] = []
        identity = f"sip:{number}@127.0.0.1" if number else f"sip:{HIDDEN}"
        self._rings = False
        self._baresip = Baresip(identity, self._folder, longest, self._take, port, says)

    def __enter__(self) -> Self:
        self._baresip.__enter__()
        self._recording = Recording(self._baresip.recording)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._recording.stop()
        self._baresip.__exit__(kind, error, trace)
        shutil.rmtree(self._folder, ignore_errors=True)

    def dial(self, number: str, seconds: float = 20) -> None:
        """Call `number` and wait until it answers. Raises CallRefusedError when it does not."""
        self._baresip.command("dial", f"sip:{number}@{self._pbx}")
        with self._changed:
            self._changed.wait_for(lambda: self._answered_at or self._closed is not None, timeout=seconds)
            if self._answered_at is None:
                raise CallRefusedError(self._closed or f"no answer within {seconds:.0f} seconds")

    def wait_for_ring(self, seconds: float = 20) -> bool:
        """Wait until somebody calls it."""
        with self._changed:
            return self._changed.wait_for(lambda: self._rings, timeout=seconds)

    def answer(self, seconds: float = 20) -> None:
        """Wait until somebody calls it, and take the call. Raises AssertionError when nobody calls in time."""
        assert self.wait_for_ring(seconds), "nobody called"
        self._baresip.command("accept")
        with self._changed:
            assert self._changed.wait_for(lambda: self._answered_at is not None, timeout=5), "the call was not taken"

    def press(self, keys: str) -> None:
        """Press keys one after the other (RFC 4733): each about 0.2 seconds."""
        self._baresip.command("sndcode", keys)

    def hang_up(self) -> None:
        """End the call."""
        self._baresip.command("hangup")

    @property
    def ended(self) -> bool:
        """Whether the call is over."""
        return self._closed is not None

    def wait_for_end(self, seconds: float) -> bool:
        """Wait until the other side hangs up; False when it did not within `seconds`."""
        with self._changed:
            return self._changed.wait_for(lambda: self.ended, timeout=seconds)

    def since_answer(self) -> float:
        """Seconds since the call was answered."""
        return time.monotonic() - (self._answered_at or time.monotonic())

    def quiet_for(self) -> float:
        """Seconds since anything but silence was heard."""
        return self._recording.quiet_for()

    def heard(self, *, settled: bool = True) -> list[Heard]:
        """What was said so far, in order, times in seconds since the answer.

        settled: take the sound as it is; otherwise leave out a clip that may still go on.
        """
        sound = self._recording.sound()
        known = self._recognised[-1].start + self._recognised[-1].length if self._recognised else 0
        matches = self._clips.recognise(sound, known, settled=settled)
        # What is followed by another clip will not be told differently later; a silence that goes on may be.
        told = len(matches) - 1
        while told > 0 and matches[told - 1].texts[:1] in _MAY_GO_ON:
            told -= 1
        self._recognised += matches[: max(told, 0)]
        matches = [*self._recognised, *matches[max(told, 0) :]]
        return [self._with_time(match) for match in matches if match.texts != (NOTHING,)]

    def sound(self) -> bytes:
        """All that was heard so far: A-law, 8000 bytes a second, without what was lost on the way."""
        return self._recording.sound()

    def texts(self) -> list[str]:
        """What was said so far, without the pauses."""
        return [one.text for one in self.heard() if one.text not in SILENCES]

    def wait_for(self, text: str, seconds: float = 20, *, whole: bool = True) -> Heard:
        """Wait until a clip with this text was heard (since the beginning of the call), to its end if `whole`.

        Raises AssertionError, telling what was heard instead, when it is not heard in time or the call ends.
        """
        deadline = time.monotonic() + seconds
        while True:
            over = self.ended or time.monotonic() > deadline
            heard = self.heard(settled=over or not whole)
            for one in heard:
                if text in one.texts and (one.whole or not whole):
                    return one
            if over:
                raise AssertionError(f"not heard: {text!r}; heard: {[one.text for one in heard]}")
            time.sleep(0.05)

    def wait_for_count(self, text: str, count: int, seconds: float = 60) -> None:
        """Wait until a clip with this text has begun so many times, or the call is over.

        Raises AssertionError, telling what was heard instead, when it was not in time.
        """
        deadline = time.monotonic() + seconds
        while not self.ended and sum(text in one.texts for one in self.heard()) < count:
            if time.monotonic() > deadline:
                raise AssertionError(f"not heard {count} times: {text!r}; heard: {self.texts()}")
            time.sleep(0.05)

    def wait_for_quiet(self, quiet: float = 0.6, seconds: float = 30) -> None:
        """Wait until something was said and then nothing for `quiet` seconds, or the call is over."""
        deadline = time.monotonic() + seconds
        while not self.ended and (self.quiet_for() < quiet or not self._recording.has_sound()):
            if time.monotonic() > deadline:
                raise AssertionError(f"it still speaks: {[one.text for one in self.heard()][-3:]}")
            time.sleep(0.05)

    def _with_time(self, match: Match) -> Heard:
        at = self._recording.heard_at(match.start) - (self._answered_at or 0.0)
        return Heard(match.texts, at, match.length / SAMPLES_PER_SECOND, match.whole)

    def _take(self, event: dict[str, Any]) -> None:
        with self._changed:
            if event["type"] == "CALL_ESTABLISHED":
                self._answered_at = time.monotonic()
            elif event["type"] == "CALL_INCOMING":
                self._rings = True
                if self._answered_at is None:  # one that was not taken is over, and says nothing of this one
                    self._closed = None
            elif event["type"] == "CALL_CLOSED":
                self._rings = False
                self._closed = str(event.get("param", ""))
            self._changed.notify_all()
