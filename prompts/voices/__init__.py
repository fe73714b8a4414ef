"""Voices: the speech engines behind one small interface."""

from prompts.voices.opening import open_voice
from prompts.voices.voice import SpeechError, Voice

__all__ = ["SpeechError", "Voice", "open_voice"]
