"""Who speaks: the speech engines behind one small interface."""

from prompts.voices.voice import SpeechError, Voice, open_voice

__all__ = ["SpeechError", "Voice", "open_voice"]
