"""Tells the merchant what became of its bills, again and again until it says OK or NO.

How it misbehaves can be chosen, for trying what ePay.bg and networks do: notifications that come late, twice, with a
wrong checksum, or several invoices in one.
"""

import base64
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Condition, Thread
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

import logs
from epay.protocol.packets import Packet
from epay.protocol.signing import checksum
from epay.simulator.bills import Bill, Book

log = logs.get(__name__)

RETRIES = (1.0, 3.0, 10.0, 30.0, 60.0, 300.0)
"""Seconds until it tells again; the last repeats. ePay.bg takes minutes to days, for 30 days."""


@dataclass
class Manners:
    """Seconds of delay, how often each is told however it is answered, how many are told with a wrong checksum first,
    and whether what waits is told in one."""

    delay: float = 0.0
    copies: int = 1
    bad_checksums: int = 0
    hold: bool = False


@dataclass
class _Due:
    bill: Bill
    at: float
    tries: int = 0
    copies: int = 1


class Notifier:
    """One thread that tells; `address` is where the merchant is told."""

    def __init__(self, book: Book, address: Callable[[], str], secret: str) -> None:
        self.manners = Manners()
        self.answers: list[str] = []
        """What the merchant answered, newest last."""
        self._book, self._address, self._secret = book, address, secret
        self._due: list[_Due] = []
        self._changed = Condition()
        self._stopped = False
        self._thread = Thread(target=self._run, name="notifier", daemon=True)

    def start(self) -> None:
        """Begin to tell."""
        self._thread.start()

    def stop(self) -> None:
        """Tell nothing more."""
        with self._changed:
            self._stopped = True
            self._changed.notify()
        self._thread.join(5)

    def tell(self, bill: Bill) -> None:
        """Have a bill's state told."""
        with self._changed:
            self._due.append(_Due(bill, time.monotonic() + self.manners.delay, copies=self.manners.copies))
            self._changed.notify()

    def behave(self, **manners: float | bool) -> None:
        """Change the manners."""
        with self._changed:
            for name, value in manners.items():
                setattr(self.manners, name, value)
            self._changed.notify()

    def _run(self) -> None:
        while not self._stopped:
            for bill in self._book.expire(datetime.now(UTC)):
                self.tell(bill)
            with self._changed:
                now = time.monotonic()
                ready = [] if self.manners.hold else [one for one in self._due if one.at <= now]
                if not ready:
                    self._changed.wait(0.2)
                    continue
                self._due = [one for one in self._due if one not in ready]
            self._send(ready)

    def _send(self, ready: list[_Due]) -> None:
        text = "\n".join(one.bill.line() for one in ready)
        answer = self._post(text)
        for one in ready:
            one.tries += 1
            done = any(f"INVOICE={one.bill.invoice}:STATUS={end}" in answer for end in ("OK", "NO"))
            if done:
                one.copies -= 1
            if not done or one.copies > 0:
                pause = RETRIES[min(one.tries, len(RETRIES)) - 1] if not done else 0.0
                with self._changed:
                    self._due.append(_Due(one.bill, time.monotonic() + pause, one.tries, one.copies))

    def _post(self, text: str) -> str:
        encoded = base64.b64encode(text.encode()).decode("ascii")
        packet = Packet(encoded, checksum(self._secret, encoded))
        if self.manners.bad_checksums > 0:
            self.manners.bad_checksums -= 1
            packet = Packet(encoded, checksum("another secret", encoded))
        data = urlencode({"encoded": packet.encoded, "checksum": packet.checksum}).encode()
        try:
            with build_opener(ProxyHandler({})).open(Request(self._address(), data), timeout=30) as answer:  # noqa: S310 - our own
                body: bytes = answer.read(65536)
            found = body.decode("utf-8", "replace")
        except (URLError, OSError) as error:
            found = f"({type(error).__name__})"
        self.answers = [*self.answers, found][-200:]
        log.info("notification.told", invoices=text.count("INVOICE="), answer=found.strip()[:100])
        return found
