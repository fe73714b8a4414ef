"""What a voice is, and which one the settings ask for."""

from typing import TYPE_CHECKING, Protocol

from settings import Engine, Settings

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


def open_voice(settings: Settings) -> Voice:
    """The voice of the settings, its recordings before it.

    Raises OperationError when its program or library is missing, InputError when its files are.
    """
    voice = _engine(settings)
    if settings.recordings is None:
        return voice
    from prompts.voices.recorded import RecordedVoice

    return RecordedVoice(settings.recordings.expanduser(), otherwise=voice)


def _engine(settings: Settings) -> Voice:
    # Each engine is imported only when it speaks: gTTS and piper are slow to import, and piper may be absent.
    if settings.engine is Engine.PIPER and settings.piper_model is not None:
        from prompts.voices.piper import open_piper

        return open_piper(settings.piper_model.expanduser())
    if settings.engine is Engine.GTTS:
        from prompts.voices.google import GoogleVoice

        return GoogleVoice(settings.gtts_url)
    from prompts.voices.espeak import EspeakVoice

    return EspeakVoice()
