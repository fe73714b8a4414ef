"""Opens the voice that the settings name."""

from prompts.voices.voice import Voice
from settings import Engine, Settings


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
