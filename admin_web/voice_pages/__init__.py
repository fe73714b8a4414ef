"""Pages on which people lend the telephone their voice: the platform's operators, and each school's leaders."""

from admin_web.voice_pages import editions, lines, long_recordings
from admin_web.voice_pages.blueprint import voice_pages

__all__ = ["editions", "lines", "long_recordings", "voice_pages"]
