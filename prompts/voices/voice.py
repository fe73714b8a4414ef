"""The interface of a voice."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pydub import AudioSegment


class SpeechError(Exception):
    """One text could not be spoken; others may. The message is the reason, part of a sentence."""


class Voice(Protocol):
    """A speech engine. It is used from several threads at once."""

    @property
    def workers(self) -> int:
        """How many texts are best spoken at the same time."""

    def speak(self, text: str) -> "AudioSegment":
        """`text` as sound, mono, 16 bits, at any rate, with whatever silence around.

        Raises SpeechError when this text cannot be spoken, OperationError when none can.
        """
