"""What a merchant asks: to be paid in a browser, a code for EasyPay's cash desks, another expiry of such a code.

Sources: https://kb.epay.bg/en/web/web/, https://kb.epay.bg/en/web/easypay, https://kb.epay.bg/en/web/expiration_time.
Their documented default of CURRENCY is BGN, so the currency is always sent.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlencode

from epay.protocol.packets import Line, Packet, packed
from errors import OperationError
from runtime.localtime import SOFIA

LONGEST_DESCRIPTION = 100
LONGEST_EXPIRY = timedelta(days=30)
"""ePay.bg shortens a later expiry to this."""
CURRENCIES = frozenset({"EUR", "BGN", "USD"})
_CODE = re.compile(r"^IDN=([0-9]{10})\s*$", re.ASCII | re.MULTILINE)
_CHANGED = re.compile(r"^SYS_CODE=OK\s*$", re.ASCII | re.MULTILINE)


class Page(StrEnum):
    """Which page of ePay.bg a browser is sent to."""

    ACCOUNT = "paylogin"
    CARD = "credit_paydirect"


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """`invoice`: digits, used once. `cents` of `currency`. `expires_at`: aware; told in Sofia time."""

    merchant: str
    invoice: str
    cents: int
    currency: str
    expires_at: datetime
    description: str

    def lines(self) -> tuple[Line, ...]:
        """The lines of the packet. Raises ValueError for what ePay.bg does not take."""
        if not (self.invoice.isascii() and self.invoice.isdecimal()):
            raise ValueError("an invoice's number is digits only")
        if self.cents <= 1:
            raise ValueError("the least that can be asked for is 0.02")
        if self.currency not in CURRENCIES:
            raise ValueError(f"{self.currency} is no currency of ePay.bg")
        return (
            ("MIN", self.merchant),
            ("INVOICE", self.invoice),
            ("AMOUNT", amount(self.cents)),
            ("CURRENCY", self.currency),
            ("EXP_TIME", expiry(self.expires_at)),
            ("DESCR", " ".join(self.description.split())[:LONGEST_DESCRIPTION]),
            ("ENCODING", "utf-8"),
        )

    def packet(self, secret: str) -> Packet:
        """The signed packet."""
        return packed(self.lines(), secret)


@dataclass(frozen=True, slots=True)
class BrowserForm:
    """What a browser posts to ePay.bg: hidden fields, in order."""

    address: str
    fields: tuple[Line, ...]


def browser_form(
    address: str, packet: Packet, page: Page, *, returns_to: str, cancels_to: str, language: str
) -> BrowserForm:
    """The form that takes a browser to ePay.bg. `language`: bg or en. That it returns is no proof of a payment."""
    return BrowserForm(
        address,
        (
            ("PAGE", page),
            ("LANG", "en" if language == "en" else "bg"),
            ("ENCODED", packet.encoded),
            ("CHECKSUM", packet.checksum),
            ("URL_OK", returns_to),
            ("URL_CANCEL", cancels_to),
        ),
    )


def query(address: str, packet: Packet) -> str:
    """The address of a request by GET."""
    return f"{address}?{urlencode({'ENCODED': packet.encoded, 'CHECKSUM': packet.checksum})}"


def cash_code(answer: str) -> str:
    """The 10 digits of an answer to a request for a code. Raises OperationError for any other answer."""
    found = _CODE.search(answer)
    if found is None:
        raise OperationError("ePay.bg gave no code for EasyPay.")
    return found[1]


def new_expiry(merchant: str, invoice: str, expires_at: datetime, secret: str) -> Packet:
    """Asks for another expiry of an invoice's code; a moment of the past ends the code."""
    lines = (("MIN", merchant), ("INVOICE", invoice), ("EXP_TIME", expiry(expires_at)))
    return packed(lines, secret)


def check_changed(answer: str) -> None:
    """Raises OperationError unless the answer to `new_expiry` says that it was done."""
    if _CHANGED.search(answer) is None:
        raise OperationError("ePay.bg did not change the code's expiry.")


def amount(cents: int) -> str:
    """`61` -> `0.61`."""
    return f"{cents // 100}.{cents % 100:02}"


def cents_of(text: str) -> int | None:
    """`0.61`, `22`, `22.8` -> cents; None for what is no amount."""
    found = re.fullmatch(r"([0-9]{1,9})(?:[.,]([0-9]{1,2}))?", text.strip(), re.ASCII)
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else None


def expiry(moment: datetime) -> str:
    """`DD.MM.YYYY hh:mm:ss` in Sofia."""
    return f"{moment.astimezone(SOFIA):%d.%m.%Y %H:%M:%S}"


def expiry_of(text: str) -> datetime | None:
    """`DD.MM.YYYY[ hh:mm[:ss]]` -> an aware moment; a date alone lasts to its last second. None: it is none."""
    for form in ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y"):
        try:
            found = datetime.strptime(text.strip(), form).replace(tzinfo=SOFIA)
        except ValueError:
            continue
        return found.replace(hour=23, minute=59, second=59) if form == "%d.%m.%Y" else found
    return None
