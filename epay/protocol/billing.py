"""ePay Billing: the cash desks and ePay.bg ask a merchant what a customer owes, and tell that it was paid.

https://kb.epay.bg/en/billing/protocol: GET `/pay/init` and `/pay/confirm` over HTTPS. Public are the parameters, the
checksum and status `00`; every other status is in a merchant's contract, so `Statuses` is configured and never guessed.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from epay.protocol.signing import checksum_of_fields, is_right
from errors import InputError

FOUND = "00"
"""A debt was found; a payment was taken."""
LONGEST_SHORT, LONGEST_LONG, LONG_LINE = 40, 4000, 110


class Type(StrEnum):
    """What `/pay/init` is asked for."""

    CHECK = "CHECK"
    BILLING = "BILLING"
    PARTIAL = "PARTIAL"
    DEPOSIT = "DEPOSIT"


class Outcome(StrEnum):
    """What an answer says, whichever number a merchant's contract has for it."""

    FOUND = "found"
    UNKNOWN = "unknown"  # no such customer
    NOTHING = "nothing"  # nothing is owed
    DUPLICATE = "duplicate"  # this transaction was taken already
    AMOUNT = "amount"  # not what is owed
    CHECKSUM = "checksum"
    ERROR = "error"  # our own trouble, or what cannot be understood


@dataclass(frozen=True, slots=True)
class Statuses:
    """The numbers of a merchant's contract."""

    numbers: Mapping[Outcome, str]

    @classmethod
    def of(cls, written: str) -> "Statuses":
        """The numbers that a setting names, such as `unknown=12,nothing=34,…`; the settings have checked its form."""
        pairs = (one.partition("=") for one in written.split(","))
        return cls({Outcome.FOUND: FOUND} | {Outcome(name): number for name, _, number in pairs})


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is theirs. `total`: minor units of the currency; `tid`: 26 digits, the same when told again."""

    idn: str
    type: Type = Type.CHECK
    tid: str = ""
    total: int = 0


@dataclass(frozen=True, slots=True)
class Debt:
    """What is owed: `cents`, the day it is owed for, and what the cashier reads."""

    cents: int
    valid_to: date
    short: str
    long: str


class ChecksumError(Exception):
    """The request is not theirs."""


def asked_to_init(query: Mapping[str, str], merchant: str, secret: str) -> Asked:
    """`/pay/init`. Raises ChecksumError first, then InputError for what cannot be understood."""
    _check(query, merchant, secret)
    kind = query.get("TYPE") or Type.CHECK
    if kind not in {one.value for one in Type}:
        raise InputError("TYPE is none of the protocol's.")
    return Asked(_idn(query), Type(kind), _tid(query, needed=False))


def asked_to_confirm(query: Mapping[str, str], merchant: str, secret: str) -> Asked:
    """`/pay/confirm`. Raises as `asked_to_init` does."""
    _check(query, merchant, secret)
    total = query.get("TOTAL", "")
    if not re.fullmatch(r"[0-9]{1,9}", total, re.ASCII):
        raise InputError("TOTAL is no amount.")
    kind = query.get("TYPE") or Type.BILLING
    if kind not in {one.value for one in Type}:
        raise InputError("TYPE is none of the protocol's.")
    return Asked(_idn(query), Type(kind), _tid(query, needed=True), int(total))


def debt_answer(statuses: Statuses, idn: str, debt: Debt) -> str:
    """The answer that a debt was found."""
    return _answer(
        {
            "STATUS": statuses.numbers[Outcome.FOUND],
            "IDN": idn,
            "SHORTDESC": " ".join(debt.short.split())[:LONGEST_SHORT],
            "LONGDESC": long_description(debt.long),
            "AMOUNT": str(debt.cents),
            "VALIDTO": f"{debt.valid_to:%Y%m%d}",
        }
    )


def answer(statuses: Statuses, outcome: Outcome) -> str:
    """An answer that says nothing but how it went."""
    return _answer({"STATUS": statuses.numbers[outcome]})


def long_description(text: str) -> str:
    """One line with `\\n` written out where a line ends, at most every 110 characters; 4000 characters at most."""
    lines: list[str] = []
    for paragraph in text.splitlines():
        line = ""
        for word in paragraph.replace("\\", "/").split():
            while len(word) > LONG_LINE:
                lines += [line] * bool(line) + [word[:LONG_LINE]]
                line, word = "", word[LONG_LINE:]
            if line and len(line) + 1 + len(word) > LONG_LINE:
                lines.append(line)
                line = word
            else:
                line = f"{line} {word}".strip()
        lines.append(line)
    while len(joined := "\\n".join(lines)) > LONGEST_LONG:
        lines.pop()
    return joined


def signed(fields: Mapping[str, str], secret: str) -> dict[str, str]:
    """A query as ePay.bg sends it."""
    return {**fields, "CHECKSUM": checksum_of_fields(secret, fields)}


def _answer(fields: Mapping[str, str]) -> str:
    return json.dumps(fields, ensure_ascii=False)


def _check(query: Mapping[str, str], merchant: str, secret: str) -> None:
    given = query.get("CHECKSUM") or query.get("checksum") or ""
    if not is_right(checksum_of_fields(secret, query), given):
        raise ChecksumError
    if query.get("MERCHANTID") != merchant:
        raise InputError("MERCHANTID is another merchant's.")


def _idn(query: Mapping[str, str]) -> str:
    idn = query.get("IDN", "")
    if not re.fullmatch(r"[0-9]{1,64}", idn, re.ASCII):
        raise InputError("IDN is not 1 to 64 digits.")
    return idn


def _tid(query: Mapping[str, str], *, needed: bool) -> str:
    tid = query.get("TID", "")
    if (tid or needed) and not re.fullmatch(r"[0-9]{26}", tid, re.ASCII):
        raise InputError("TID is not 26 digits.")
    return tid
