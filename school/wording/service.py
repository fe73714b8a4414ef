"""Facts about the service itself: its numbers, and its price with the date from which it holds."""

from dataclasses import dataclass
from datetime import date
from typing import Self

from db.kinds import Language
from school.wording.translation import Words, gettext
from settings import Settings


@dataclass(frozen=True, slots=True)
class Price:
    """The price of a month, VAT included, of all messages on all channels."""

    valid_from: date
    cents: int
    currency: str
    shown: Words
    """As a parent reads it; in English in letters of the GSM alphabet, where one in Cyrillic would make three parts of
    an SMS instead of one."""

    def told(self, language: Language) -> str:
        """As a parent of this language reads it."""
        return gettext(language, self.shown)


PRICES = (
    Price(date(2000, 1, 1), 120, "BGN", Words("1,20 лв.")),
    Price(date(2026, 1, 1), 61, "EUR", Words("0,61 € (1,20 лв.)")),
)
"""Oldest first; the last that is valid counts. 1.20 / 1.95583 is rounded half up at the cent."""


def price_on(day: date) -> Price:
    """The price in force on a day."""
    return [price for price in PRICES if price.valid_from <= day][-1]


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
