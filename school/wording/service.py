"""Facts about the service itself: its numbers."""

from dataclasses import dataclass
from typing import Self

from settings import Settings


@dataclass(frozen=True, slots=True)
class Numbers:
    """What parents text, call and open, as they type it."""

    short_code: str = "1987"
    voice: str = "0882818905"
    pages: str = "http://127.0.0.1"
    """Where our pages begin: links in letters do."""

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """The configured ones."""
        return cls(settings.short_code, settings.inbound_number, settings.web_root)
