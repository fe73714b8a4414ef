"""The simulator's SMSC: stores and forwards between gateways and telephones, as an operator's does.

What a gateway does not acknowledge is delivered again, on whichever bind comes; what it submits arrives at a telephone
at once, and a delivery receipt tells so. Nothing outlives the process.
"""

import asyncio
import hmac
import secrets
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count

from smpplib import consts

import logs
from smpp.protocol import reassembly
from smpp.protocol.addresses import subscriber_of
from smpp.protocol.decoding import as_named
from smpp.protocol.pdus import UDHI, Address, Message
from smpp.protocol.segmentation import split as split_text
from smpp.protocol.user_data_header import Concatenation
from smpp.protocol.user_data_header import split as split_header
from smpp.simulator import endpoint
from smpp.simulator.session import Delivery, Session
from smpp.simulator.telephones import Telephones

log = logs.get(__name__)

RECEIPT_SECONDS = 0.1
"""From the answer to a submit_sm to its receipt: a telephone that is switched on."""

FIRST_RETRY, LONGEST_RETRY = 0.5, 30.0
"""Seconds until a delivery that the gateway refused is tried again, doubled each time."""

MOST_WAITING = 50_000
"""Deliveries kept while no gateway takes them; beyond, the oldest are dropped."""

TIDY_SECONDS = 60.0

FIRST_OWN_TAG = 0x1400
"""The first tag of what operators may define for themselves (SMPP 3.4, 5.3.2)."""

_RECEIPT = 0x04
"""esm_class of a delivery receipt (SMPP 3.4, 5.2.12)."""


class Centre:
    """The SMSC; made and used in one event loop."""

    def __init__(self, password: str, short_code: str) -> None:
        self.telephones = Telephones()
        self._password = password
        self._short_code = short_code
        self._loop = asyncio.get_running_loop()
        self._sessions: list[Session] = []
        self._waiting: deque[Delivery] = deque()
        self._parts = reassembly.MemoryStore()
        # A receipt must never be taken for that of a message of an earlier run.
        self._run, self._numbers = secrets.token_hex(4), count(1)
        self._references = count(secrets.randbelow(256))
        self._tidied_at = self._loop.time()

    def text(self, phone: str, text: str, taken: Callable[[], None]) -> None:
        """A telephone texts to the short code; `taken` is called once a gateway has acknowledged all of it."""
        parts = split_text(text, next(self._references) % 256)
        missing = len(parts)

        def one_taken() -> None:
            nonlocal missing
            missing -= 1
            if not missing:
                taken()

        for part in parts:
            self._deliver(
                Delivery(
                    source=Address(phone.removeprefix("+"), consts.SMPP_TON_INTL, consts.SMPP_NPI_ISDN),
                    destination=Address(self._short_code, consts.SMPP_TON_NWSPEC),
                    payload=part.payload,
                    esm_class=UDHI if part.has_header else 0,
                    data_coding=part.data_coding,
                    taken=one_taken,
                )
            )

    def close(self) -> None:
        """End every session."""
        for session in list(self._sessions):
            session.close()

    # What sessions tell

    def admits(self, system_id: str, password: str) -> int:
        """The command_status of the answer to a bind."""
        known = system_id == endpoint.SYSTEM_ID and hmac.compare_digest(password.encode(), self._password.encode())
        status: int = consts.SMPP_ESME_ROK if known else consts.SMPP_ESME_RINVPASWD
        return status

    def bound(self, session: Session) -> None:
        """A session may be used."""
        log.info("gateway.bound", kind=session.kind)
        self._sessions.append(session)
        self.roomy()

    def gone(self, session: Session, unanswered: list[Delivery]) -> None:
        """A session is over; what it has not acknowledged goes to the next one, before what came later."""
        if session in self._sessions:
            self._sessions.remove(session)
            log.info("gateway.gone", unanswered=len(unanswered))
        self._waiting.extendleft(reversed(unanswered))
        self.roomy()

    def refused(self, delivery: Delivery) -> None:
        """The gateway wants it again later."""
        pause = min(FIRST_RETRY * 2 ** min(delivery.refusals, 20), LONGEST_RETRY)
        delivery.refusals += 1
        self._loop.call_later(pause, self._deliver, delivery)

    def submitted(self, message: Message) -> tuple[int, str]:
        """A submit_sm came; returns command_status and message_id of its answer."""
        phone = subscriber_of(message.destination)
        if phone is None:
            return consts.SMPP_ESME_RINVDSTADR, ""
        self._arrive(phone, message)
        message_id = f"{self._run}{next(self._numbers):08}"
        if message.registered_delivery & consts.SMPP_SMSC_DELIVERY_RECEIPT_BITMASK:
            self._loop.call_later(RECEIPT_SECONDS, self._deliver, _receipt(message, message_id))
        return consts.SMPP_ESME_ROK, message_id

    def roomy(self) -> None:
        """Deliver what waits, as far as sessions take it."""
        while self._waiting:
            session = next((one for one in self._sessions if one.can_deliver), None)
            if session is None:
                return
            session.deliver(self._waiting.popleft())

    # What goes to telephones

    def _arrive(self, phone: str, message: Message) -> None:
        now = datetime.now(UTC)
        octets, told = message.payload, message.sar
        if message.has_header:
            header = split_header(message.payload)
            octets, told = header.body, header.concatenation or told
        if told is None:
            text = as_named(octets, message.data_coding).text
            self._show(phone, message.source.number, text, 1, now, _own_parameters(message))
            return
        part = reassembly.PartPayload(octets, message.data_coding)
        added = reassembly.add(self._parts, _key(phone, message, told), told, part, now)
        for assembly in filter(None, (added.given_up, added.whole)):
            self._show(
                phone, message.source.number, assembly.text().text, assembly.total, now, _own_parameters(message)
            )
        self._tidy(now)

    def _tidy(self, now: datetime) -> None:
        """Forget parts of long ago; a telephone shows at last what came of a text whose other parts never did."""
        if self._loop.time() - self._tidied_at < TIDY_SECONDS:
            return
        self._tidied_at = self._loop.time()
        for key, assembly in reassembly.give_up_old(self._parts, now):
            self._show(key.destination, key.source, assembly.text().text, assembly.total, now)

    def _show(
        self, phone: str, sender: str, text: str, parts: int, now: datetime, parameters: tuple[str, ...] = ()
    ) -> None:
        self.telephones.receive(phone, sender, text, parts, now, parameters)
        log.info("telephone.received", to=logs.masked_phone(phone), parts=parts)

    def _deliver(self, delivery: Delivery) -> None:
        self._waiting.append(delivery)
        if len(self._waiting) > MOST_WAITING:
            self._waiting.popleft()
            log.warning("delivery.dropped", waiting=MOST_WAITING)
        self.roomy()


def _own_parameters(message: Message) -> tuple[str, ...]:
    return tuple(f"0x{tag:04X}={value.hex().upper()}" for tag, value in message.tlvs.items() if tag >= FIRST_OWN_TAG)


def _key(phone: str, message: Message, told: Concatenation) -> reassembly.Key:
    return reassembly.Key("", message.source.number, phone, told.kind, told.reference)


def _receipt(message: Message, message_id: str) -> Delivery:
    """The receipt of a message that is in its telephone, in both forms (SMPP 3.4, 5.2.28 and appendix B)."""
    done = f"{datetime.now(UTC):%y%m%d%H%M}"
    told = f"id:{message_id} sub:001 dlvrd:001 submit date:{done} done date:{done} stat:DELIVRD err:000 text:"
    return Delivery(
        source=message.destination,
        destination=message.source,
        payload=told.encode(),
        esm_class=_RECEIPT,
        parameters={
            "receipted_message_id": message_id,
            "message_state": consts.SMPP_MESSAGE_STATE_DELIVERED,
        },
    )
