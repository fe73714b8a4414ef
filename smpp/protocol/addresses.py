"""Telephone numbers in PDUs <-> E.164. SMSCs write the same number as `359…`, `+359…`, `00359…`, `0…` or `8…`."""

from enum import StrEnum

from smpplib import consts

from school.security.phones import e164
from smpp.protocol.pdus import Address


class NumberForm(StrEnum):
    """How an operator wants destination numbers written."""

    INTERNATIONAL = "359"
    PLUS = "+359"
    NATIONAL = "0"


def subscriber_of(address: Address) -> str | None:
    """The E.164 number of a subscriber; None for names and short codes, which no answer can reach."""
    digits = address.number.strip()
    if address.ton == consts.SMPP_TON_ALNUM:
        return None
    if address.ton == consts.SMPP_TON_INTL and not digits.startswith(("+", "0")):
        return e164("+" + digits)
    if address.ton == consts.SMPP_TON_NATNL and not digits.startswith(("+", "0", "359")):
        return e164("0" + digits)
    return e164(digits)


def destination(number: str, form: NumberForm, ton: int, npi: int) -> Address:
    """The address of an E.164 number. A foreign one has no national form and is then written without its plus."""
    if form is NumberForm.PLUS:
        return Address(number, ton, npi)
    if form is NumberForm.NATIONAL and number.startswith("+359"):
        return Address("0" + number.removeprefix("+359"), ton, npi)
    return Address(number.removeprefix("+"), ton, npi)
