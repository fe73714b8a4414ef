"""Ways to pay, behind one small interface, so that another bank or processor can stand beside ePay.bg.

A method only talks: it reads an order and says where a browser goes, which code a cash desk takes, or what became of a
payment. What that means for the order is decided in `school.billing.orders`. No method is called while a session is
open: the other side may take its time.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from db.kinds import PaymentWay
from epay.protocol.onetouch import StoredCard, Told
from epay.protocol.requests import BrowserForm
from school.billing.orders import Order


@dataclass(frozen=True, slots=True)
class Returns:
    """Addresses of ours to which a browser comes back. That it does is no proof of a payment."""

    paid: str
    cancelled: str


@dataclass(frozen=True, slots=True)
class Redirect:
    """Where a browser goes on."""

    address: str


@dataclass(frozen=True, slots=True)
class CashCode:
    """What is said at a cash desk."""

    code: str


Begun = BrowserForm | Redirect | CashCode


class PaymentMethod(Protocol):
    """A way or several of one processor."""

    ways: Collection[PaymentWay]

    def begin(self, order: Order, returns: Returns, description: str) -> Begun:
        """Begin to be paid. Raises OperationError when the other side does not answer."""
        ...


class CodesMethod(PaymentMethod, Protocol):
    """One that gives codes for cash desks."""

    def expire(self, order: Order, expires_at: datetime) -> None:
        """Let an order's code last until then; a moment of the past ends it. Raises OperationError."""
        ...


class RecurringMethod(PaymentMethod, Protocol):
    """One that can charge again what was stored once. `device`: the name under which it was stored."""

    def outcome(self, order: Order, device: str, description: str) -> Told:
        """What became of an order whose card was to be stored. Raises OperationError when that cannot be known."""
        ...

    def announce(self, device: str, card: StoredCard) -> str:
        """Begin to charge; gives the other side's name of it, by which it can be asked for. Raises OperationError."""
        ...

    def charge(self, order: Order, device: str, card: StoredCard, description: str) -> Told:
        """Charge under the name that `announce` gave. Raises OperationError when nobody knows how it ended."""
        ...

    def charged(self, order: Order, device: str, card: StoredCard) -> Told:
        """What became of such a charge. Raises OperationError when that cannot be known."""
        ...

    def forget(self, device: str, card: StoredCard) -> None:
        """End what was stored, there too. Raises OperationError."""
        ...
