"""What ePay.bg tells of invoices, one line each, and what is answered.

https://kb.epay.bg/en/web/notify. One notification may be about many invoices. `OK` and `NO` end their retries (for 30
days), `ERR` has them try again, so a payment that was denied or has expired is answered with OK like one that was paid.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from epay.protocol.packets import Packet, text_of
from epay.protocol.requests import cents_of
from errors import InputError
from runtime.localtime import SOFIA

LONGEST_INVOICE = 30


class Status(StrEnum):
    """What became of an invoice."""

    PAID = "PAID"
    DENIED = "DENIED"
    EXPIRED = "EXPIRED"


class Answer(StrEnum):
    """Understood and done; no such invoice; our own trouble, tell again."""

    OK = "OK"
    NO = "NO"
    ERR = "ERR"


@dataclass(frozen=True, slots=True)
class Notice:
    """One line. `status` None: one that is not in their protocol. `stan` and `bcode`: of the card system.

    `cents` and `bin` stand only where a discount for a bank's cards was given: what was paid, and the cards' first
    digits. Else no amount is told.
    """

    invoice: str
    status: Status | None
    paid_at: datetime | None = None
    stan: str = ""
    bcode: str = ""
    cents: int | None = None
    bin: str = ""


def notices_of(packet: Packet) -> tuple[Notice, ...]:
    """All lines that name an invoice. Raises InputError when none does."""
    found = tuple(notice for line in text_of(packet).splitlines() if (notice := _notice(line)))
    if not found:
        raise InputError("The notification names no invoice.")
    return found


def answer_lines(answers: Sequence[tuple[str, Answer]]) -> str:
    """The body of the answer."""
    return "".join(f"INVOICE={invoice}:STATUS={answer}\n" for invoice, answer in answers)


def refusal(words: str) -> str:
    """The body of the answer to what is no notification of theirs."""
    return f"ERR={' '.join(words.split())}\n"


def _notice(line: str) -> Notice | None:
    fields: dict[str, str] = {}
    for part in line.strip().split(":"):
        key, _, value = part.partition("=")
        fields.setdefault(key.strip().upper(), value.strip())
    invoice = fields.get("INVOICE", "")
    if not re.fullmatch(rf"[0-9]{{1,{LONGEST_INVOICE}}}", invoice, re.ASCII):
        return None
    status = fields.get("STATUS", "")
    return Notice(
        invoice,
        Status(status) if status in {one.value for one in Status} else None,
        _moment(fields.get("PAY_TIME", "")),
        _short(fields.get("STAN", "")),
        _short(fields.get("BCODE", "")),
        cents_of(fields["AMOUNT"]) if "AMOUNT" in fields else None,
        _short(fields.get("BIN", "")),
    )


def _moment(text: str) -> datetime | None:
    """`YYYYMMDDhhmmss`, also without the seconds, in Sofia."""
    if not re.fullmatch(r"[0-9]{12}(?:[0-9]{2})?", text, re.ASCII):
        return None
    try:
        return datetime.strptime(text.ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=SOFIA)
    except ValueError:
        return None


def _short(text: str) -> str:
    """Letters and digits, as many as a column takes."""
    return re.sub(r"[^0-9A-Za-z*]", "", text)[:20]
