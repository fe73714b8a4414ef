"""Opens the voice that the settings name."""

from typing import TYPE_CHECKING

from prompts.voices.voice import Voice
from settings import Engine, Settings

if TYPE_CHECKING:
    from prompts.voices.recorded import Recorded


def open_voice(settings: Settings, recorded: "Recorded | None" = None) -> Voice:
    """The voice of the settings; before it its folder of recordings, and before that what is `recorded`.

    Raises OperationError when its program or library is missing, InputError when its files are.
    """
    from prompts.voices.recorded import RecordedVoice, Recordings

    voice = _engine(settings)
    if settings.recordings is not None:
        voice = RecordedVoice(Recordings(settings.recordings.expanduser()), otherwise=voice)
    return voice if recorded is None else RecordedVoice(recorded, otherwise=voice)


def _engine(settings: Settings) -> Voice:
    # Each engine is imported only when it speaks: gTTS and piper are slow to import, and piper may be absent.
    if settings.speaker is Engine.RHVOICE:
        from prompts.voices.rhvoice import RhvoiceVoice

        return RhvoiceVoice(settings.rhvoice_path)
    if settings.speaker is Engine.COMMAND:
        from prompts.voices.command import CommandVoice

        return CommandVoice(settings.speech_command, settings.speech_seconds)
    if settings.speaker is Engine.PIPER and settings.piper_model is not None:
        from prompts.voices.piper import open_piper

        return open_piper(settings.piper_model.expanduser())
    if settings.speaker is Engine.GTTS:
        from prompts.voices.google import GoogleVoice

        return GoogleVoice(settings.gtts_url)
    from prompts.voices.espeak import EspeakVoice

    return EspeakVoice()
