"""Which numbers our lines may reach: by country and by kind of number, for every door and right before dialling.

What costs our lines is dialled only where the platform's operator allows it (ESCHOOL_DESTINATIONS): Bulgarian mobile
and fixed lines unless it says more. The kinds are those of `phonenumbers` (Google's libphonenumber), which knows each
country's numbering plan. A country is the one that the number belongs to, not its calling code: +1 809 is the
Dominican Republic, +7 7 Kazakhstan, +44 7797 Jersey. Satellites (+870, +881, +882, +883) belong to no country.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from typing import Any

import phonenumbers
from phonenumbers import PhoneNumberType

import settings
from db.kinds import Channel
from errors import InputError
from school.security.phones import e164

MOBILE, FIXED_LINE = "mobile", "fixed_line"
_BULGARIAN_MOBILE = ("BG", MOBILE)
_NAMES: dict[int, str] = {
    PhoneNumberType.MOBILE: MOBILE,
    PhoneNumberType.FIXED_LINE: FIXED_LINE,
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.UAN: "uan",
}
"""The kinds that a platform may allow, by the library's number; whatever is not here is never called."""
ERROR = "Our lines do not reach this number: its country or kind is not allowed."
"""What is told of a message that was not sent for it; for people, without the number."""


class Refusal(StrEnum):
    """Why a number is not reached."""

    NOT_A_NUMBER = "not a number"
    COUNTRY = "country"
    KIND = "kind"
    NO_SMS = "no SMS"


@dataclass(frozen=True, slots=True)
class Destinations:
    """What may be reached: pairs of a country (ISO 3166, two letters) and a kind of number."""

    allowed: frozenset[tuple[str, str]]

    def refusal(self, phone: str, channel: Channel = Channel.CALL) -> Refusal | None:
        """Why this E.164 number is not called, or not written to; None: it may be.

        An SMS goes to mobile numbers only. Where a country's numbers do not tell mobile from fixed lines (the USA,
        the Dominican Republic), both kinds must be allowed for a number to be called or written to.
        """
        if _BULGARIAN_MOBILE in self.allowed and _bulgarian_mobile().fullmatch(phone):
            return None
        return _refusal(self.allowed, phone, channel is Channel.SMS)

    def reaches(self, phone: str, channel: Channel = Channel.CALL) -> bool:
        """Whether the number may be called, or written to."""
        return self.refusal(phone, channel) is None


def of(written: str) -> Destinations:
    """The destinations that a setting names, such as `BG:mobile,BG:fixed_line`; the settings have checked its form."""
    pairs = (one.strip().partition(":") for one in written.split(","))
    return Destinations(frozenset((country, kind) for country, _, kind in pairs))


def current() -> Destinations:
    """Those of this process's environment."""
    return _of(settings.current().destinations)


def accepted(raw: str | None) -> str | None:
    """A number as somebody writes it -> E.164 when our lines may reach it; None: it is no number.

    Raises InputError, with a sentence that says what is wrong, for one that is not reached.
    """
    phone = e164(raw)
    if phone is not None:
        check(phone)
    return phone


def check(phone: str) -> None:
    """Raises InputError for an E.164 number that our lines do not reach."""
    match current().refusal(phone):
        case None:
            return
        case Refusal.COUNTRY:
            raise InputError(
                "{phone} is a number abroad that is not called from here: write a Bulgarian one, as 0888123456.",
                phone=phone,
            )
        case _:
            raise InputError(
                "{phone} is not called from here, as calling it costs more than an ordinary call: "
                "write an ordinary mobile or fixed number, as 0888123456.",
                phone=phone,
            )


@cache
def _bulgarian_mobile() -> re.Pattern[str]:
    """Nearly every number there is, by the library's own pattern: it takes a twentieth of the time."""
    described: Any = phonenumbers.PhoneMetadata.metadata_for_region("BG")
    return re.compile(rf"\+359(?:{described.mobile.national_number_pattern})", re.ASCII)


_of = lru_cache(maxsize=8)(of)


@lru_cache(maxsize=65_536)
def _refusal(allowed: frozenset[tuple[str, str]], phone: str, by_sms: bool) -> Refusal | None:
    try:
        number = phonenumbers.parse(phone)
    except phonenumbers.NumberParseException:
        return Refusal.NOT_A_NUMBER
    if phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) != phone:
        return Refusal.NOT_A_NUMBER  # not as the database keeps numbers: letters, an extension, a zero too many
    country = phonenumbers.region_code_for_number(number)
    if country is None:
        return Refusal.NOT_A_NUMBER
    if not any(country == one for one, _ in allowed):
        return Refusal.COUNTRY
    kind = phonenumbers.number_type(number)
    if kind == PhoneNumberType.FIXED_LINE_OR_MOBILE:
        return None if {(country, MOBILE), (country, FIXED_LINE)} <= allowed else Refusal.KIND
    name = _NAMES.get(kind)
    if name is None or (country, name) not in allowed:
        return Refusal.KIND
    return Refusal.NO_SMS if by_sms and name != MOBILE else None
