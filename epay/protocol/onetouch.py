"""One Touch without registration: a card is paid with once on ePay.bg's page, and later by the token that it gave.

https://kb.epay.bg/en/onetouch/onetouch_no_reg and https://kb.epay.bg/en/onetouch/onetouch. Amounts are minor units.
STATE is 2 while a payment is under way, 3 once it was made and 4 when it failed. Which numbers mean paid can be
configured, should a contract say otherwise.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from epay.protocol.signing import checksum_of_fields
from errors import OperationError

PAGE, STATUS = "/api/payment/noreg/send", "/api/payment/noreg/send/status"
BEGIN, SEND, ASK = "/payment/init", "/payment/send/user", "/payment/send/status"
INVALIDATE = "/api/token/invalidate"
FAILED = "4"
"""STATE of a payment that failed, which is its end."""


class RefusedError(OperationError):
    """ePay.bg answered that it does not do what was asked, such as for a token that it does not know."""


@dataclass(frozen=True, slots=True)
class Application:
    """What ePay.bg gives an application: its number and secret, whom it pays, and where it is reached.

    `web` is for browsers, `api` for us; both without a slash at the end. `paid`: numbers of states that mean paid.
    """

    app_id: str
    secret: str
    recipient: str
    web: str
    api: str
    paid: frozenset[str]


@dataclass(frozen=True, slots=True)
class CardRequest:
    """A payment by a card that is to be typed on ePay.bg's page. `device` and `payment`: names of ours, used once."""

    device: str
    payment: str
    cents: int
    description: str
    save_card: bool

    def fields(self, application: Application) -> dict[str, str]:
        """The signed fields."""
        fields = {
            "APPID": application.app_id,
            "DEVICEID": self.device,
            "ID": self.payment,
            "AMOUNT": str(self.cents),
            "RCPT": application.recipient,
            "RCPT_TYPE": "KIN",
            "DESCRIPTION": self.description[:100],
            "REASON": self.description[:100],
            "SAVECARD": "1" if self.save_card else "0",
        }
        return fields | {"CHECKSUM": checksum_of_fields(application.secret, fields)}

    def page(self, application: Application) -> str:
        """The address that a browser is sent to."""
        return f"{application.web}{PAGE}?{urlencode(self.fields(application))}"

    def status(self, application: Application) -> str:
        """The address at which is asked what became of it."""
        return f"{application.api}{STATUS}?{urlencode(self.fields(application))}"


@dataclass(frozen=True, slots=True)
class StoredCard:
    """What a later payment needs, and what its owner knows the card by. `expires`: MM/YYYY."""

    token: str
    instrument: str
    name: str
    expires: str


@dataclass(frozen=True, slots=True)
class Told:
    """What became of a payment. `number`: ePay.bg's own; `card` where it was stored.

    `failed`: it was not made and will not be. `is_under_way`: it may still be made. None of them: it was never begun.
    `is_other_amount`: it was made, and not with the amount that was asked for.
    """

    paid: bool
    number: str = ""
    cents: int | None = None
    card: StoredCard | None = None
    failed: bool = False
    is_under_way: bool = False
    is_other_amount: bool = False


def told(answer: str, application: Application) -> Told:
    """Read an answer about a payment. Raises OperationError when it is an error or cannot be understood."""
    found = read(answer)
    payment = _mapping(found.get("payment"))
    instrument = _mapping(found.get("payment_instrument"))
    token = str(payment.get("TOKEN") or "")
    stored = str(found.get("savecard", "")) == "1" and token and instrument.get("ID")
    cents = str(payment.get("AMOUNT", ""))
    state = str(payment.get("STATE", ""))
    return Told(
        state in application.paid,
        str(payment.get("NO") or "")[:40],
        int(cents) if cents.isascii() and cents.isdecimal() else None,
        StoredCard(
            token,
            str(instrument["ID"]),
            str(instrument.get("NAME") or instrument.get("CARD_TYPE_DESCR") or "")[:40],
            str(instrument.get("EXPIRES") or "")[:7],
        )
        if stored
        else None,
        failed=state == FAILED and state not in application.paid,
        is_under_way=bool(state) and state != FAILED and state not in application.paid,
    )


def payment_name(answer: str) -> str:
    """The name that ePay.bg gave a payment that was begun. Raises OperationError as `told` does."""
    name = _mapping(read(answer).get("payment")).get("ID")
    if not isinstance(name, str) or not name:
        raise OperationError("ePay.bg named no payment.")
    return name


def read(answer: str) -> dict[str, Any]:
    """An answer in JSON. Raises RefusedError when it is an error, OperationError when it cannot be understood."""
    try:
        found = json.loads(answer)
    except ValueError:
        raise OperationError("ePay.bg answered what is no JSON.") from None
    if not isinstance(found, dict) or found.get("status") not in ("OK", "ERR"):
        raise OperationError("ePay.bg answered what cannot be understood.")
    if found["status"] == "ERR":
        raise RefusedError("ePay.bg refused the request.")
    return found


def begin(application: Application, device: str, card: StoredCard) -> dict[str, str]:
    """The fields of the first step of a payment by a stored card."""
    return {"APPID": application.app_id, "DEVICEID": device, "TOKEN": card.token, "TYPE": "send"}


def send(
    application: Application, device: str, card: StoredCard, payment: str, cents: int, description: str
) -> dict[str, str]:
    """The fields of its second step; `payment` is the name that the first gave."""
    return {
        **begin(application, device, card),
        "ID": payment,
        "AMOUNT": str(cents),
        "RCPT": application.recipient,
        "RCPT_TYPE": "KIN",
        "DESCRIPTION": description[:100],
        "REASON": description[:100],
        "PINS": card.instrument,
        "SHOW": "NAME",
    }


def ask(application: Application, device: str, card: StoredCard, payment: str) -> dict[str, str]:
    """The fields that ask what became of it."""
    return {"APPID": application.app_id, "DEVICEID": device, "TOKEN": card.token, "ID": payment}


def invalidate(application: Application, device: str, token: str) -> str:
    """The address that ends a token."""
    fields = {"APPID": application.app_id, "DEVICEID": device, "TOKEN": token}
    return f"{application.api}{INVALIDATE}?{urlencode(fields)}"


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
