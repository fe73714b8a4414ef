"""What the stand-in knows: bills with their state, payments by card, and tokens. It lives as long as the process."""

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from threading import RLock

from epay.protocol.notifications import Status
from epay.protocol.requests import LONGEST_EXPIRY, cents_of, expiry_of
from errors import InputError
from runtime.localtime import SOFIA


@dataclass(slots=True)
class Bill:
    """An invoice as a merchant asked for it. `code`: of EasyPay, where one was asked for."""

    invoice: str
    cents: int
    currency: str
    description: str
    expires_at: datetime
    code: str = ""
    status: Status | None = None
    paid_at: datetime | None = None
    stan: str = ""
    bcode: str = ""

    def line(self) -> str:
        """Its line in a notification."""
        if self.status is not Status.PAID or self.paid_at is None:
            return f"INVOICE={self.invoice}:STATUS={self.status}"
        paid = f"{self.paid_at.astimezone(SOFIA):%Y%m%d%H%M%S}"
        return f"INVOICE={self.invoice}:STATUS=PAID:PAY_TIME={paid}:STAN={self.stan}:BCODE={self.bcode}"


@dataclass(slots=True)
class CardPayment:
    """A payment of One Touch. `token` where the card was stored."""

    cents: int
    description: str
    paid: bool = False
    failed: bool = False
    token: str = ""
    number: str = field(default_factory=lambda: f"2{secrets.randbelow(10**15):015}")

    @property
    def state(self) -> int:
        """STATE as ePay.bg tells it: under way, paid, or failed."""
        if self.failed:
            return 4
        return 3 if self.paid else 2


class Book:
    """All bills. Every method may be called from any thread."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._bills: dict[str, Bill] = {}
        self.cards: dict[str, CardPayment] = {}
        self.tokens: set[str] = set()
        self.empty: set[str] = set()
        """Tokens of cards without money: what they are to pay fails."""

    def enter(self, lines: dict[str, str], now: datetime, *, with_code: bool) -> Bill:
        """A merchant's request. Raises InputError for what the protocol does not allow, as an invoice used twice."""
        cents, expires_at = cents_of(lines.get("AMOUNT", "")), expiry_of(lines.get("EXP_TIME", ""))
        invoice = lines.get("INVOICE", "")
        if not (invoice.isascii() and invoice.isdecimal()):
            raise InputError("INVOICE is not digits only")
        if cents is None or cents <= 1:
            raise InputError("AMOUNT is no amount above 0.01")
        if expires_at is None or expires_at <= now:
            raise InputError("EXP_TIME is no moment ahead")
        with self._lock:
            if invoice in self._bills:
                raise InputError("INVOICE was used before")
            bill = Bill(
                invoice,
                cents,
                lines.get("CURRENCY", "BGN"),
                lines.get("DESCR", ""),
                min(expires_at, now + LONGEST_EXPIRY),
                self._free_code() if with_code else "",
            )
            self._bills[invoice] = bill
            return bill

    def by_invoice(self, invoice: str) -> Bill | None:
        """The bill of an invoice."""
        return self._bills.get(invoice)

    def by_code(self, code: str) -> Bill | None:
        """The bill of a code for EasyPay."""
        with self._lock:
            return next((bill for bill in self._bills.values() if code and bill.code == code), None)

    def waiting(self) -> list[Bill]:
        """The bills that can be paid, newest first."""
        with self._lock:
            return [bill for bill in reversed(self._bills.values()) if bill.status is None]

    def move(self, invoice: str, expires_at: datetime, now: datetime) -> None:
        """Another expiry. Raises InputError for an invoice that is not waiting."""
        with self._lock:
            bill = self._bills.get(invoice)
            if bill is None or bill.status is not None:
                raise InputError("there is no such waiting invoice")
            bill.expires_at = min(expires_at, now + LONGEST_EXPIRY)

    def settle(self, bill: Bill, status: Status, now: datetime) -> bool:
        """Pay, deny or expire a bill. False: that was decided before, or it is too late to be paid."""
        with self._lock:
            if bill.status is not None or (status is Status.PAID and bill.expires_at <= now):
                return False
            bill.status = status
            if status is Status.PAID:
                bill.paid_at = now
                bill.stan, bill.bcode = f"{secrets.randbelow(10**6):06}", f"{secrets.randbelow(10**6):06}"
            return True

    def expire(self, now: datetime) -> list[Bill]:
        """End what nobody paid in time; a bill without a code whose page was only looked at ends quietly too."""
        with self._lock:
            due = [bill for bill in self._bills.values() if bill.status is None and bill.expires_at <= now]
            return [bill for bill in due if self.settle(bill, Status.EXPIRED, now)]

    def _free_code(self) -> str:
        while True:
            code = f"{secrets.randbelow(10**10):010}"
            if not any(bill.code == code for bill in self._bills.values()):
                return code


def transaction(now: datetime) -> str:
    """A TID of ePay Billing: the moment, STAN and AID."""
    return f"{now.astimezone(SOFIA):%Y%m%d%H%M%S}{secrets.randbelow(10**6):06}{secrets.randbelow(10**6):06}"
