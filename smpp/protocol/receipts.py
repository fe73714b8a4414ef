"""Delivery receipts: recognised by esm_class or by parameters that only a receipt has, read from parameters and text
(SMPP 3.4, appendix B).

Never by text alone: a parent may well write `id:1 stat:DELIVRD`.
"""

import re
from enum import StrEnum
from typing import NamedTuple

from smpplib import consts

from smpp.protocol.decoding import decode
from smpp.protocol.pdus import Message

_TYPE_BITS = 0x3C
_RECEIPT, _INTERMEDIATE = 0x04, 0x20
"""Message types in esm_class of a deliver_sm (SMPP 3.4, 5.2.12): an SMSC's receipt, an intermediate notification."""


class IdFormat(StrEnum):
    """How an SMSC writes message ids in one kind of PDU."""

    TEXT = "text"
    HEX = "hex"
    DECIMAL = "decimal"


class DeliveryState(StrEnum):
    """States of a message at the SMSC (SMPP 3.4, 5.2.28; the first and the last of version 5.0)."""

    SCHEDULED = "scheduled"
    ENROUTE = "enroute"
    DELIVERED = "delivered"
    EXPIRED = "expired"
    DELETED = "deleted"
    UNDELIVERABLE = "undeliverable"
    ACCEPTED = "accepted"
    UNKNOWN = "unknown"
    REJECTED = "rejected"
    SKIPPED = "skipped"


FINAL = frozenset(
    {
        DeliveryState.DELIVERED,
        DeliveryState.EXPIRED,
        DeliveryState.DELETED,
        DeliveryState.UNDELIVERABLE,
        DeliveryState.REJECTED,
        DeliveryState.SKIPPED,
    }
)
"""States that will not change. `accepted` and `unknown` are not among them: SMSCs send them and deliver later."""

STATES: dict[int | str, DeliveryState] = {
    0: DeliveryState.SCHEDULED,
    consts.SMPP_MESSAGE_STATE_ENROUTE: DeliveryState.ENROUTE,
    consts.SMPP_MESSAGE_STATE_DELIVERED: DeliveryState.DELIVERED,
    consts.SMPP_MESSAGE_STATE_EXPIRED: DeliveryState.EXPIRED,
    consts.SMPP_MESSAGE_STATE_DELETED: DeliveryState.DELETED,
    consts.SMPP_MESSAGE_STATE_UNDELIVERABLE: DeliveryState.UNDELIVERABLE,
    consts.SMPP_MESSAGE_STATE_ACCEPTED: DeliveryState.ACCEPTED,
    consts.SMPP_MESSAGE_STATE_UNKNOWN: DeliveryState.UNKNOWN,
    consts.SMPP_MESSAGE_STATE_REJECTED: DeliveryState.REJECTED,
    9: DeliveryState.SKIPPED,
    "SCHEDULE": DeliveryState.SCHEDULED,
    "ENROUTE": DeliveryState.ENROUTE,
    "DELIVRD": DeliveryState.DELIVERED,
    "EXPIRED": DeliveryState.EXPIRED,
    "DELETED": DeliveryState.DELETED,
    "UNDELIV": DeliveryState.UNDELIVERABLE,
    "ACCEPTD": DeliveryState.ACCEPTED,
    "UNKNOWN": DeliveryState.UNKNOWN,
    "REJECTD": DeliveryState.REJECTED,
    "SKIPPED": DeliveryState.SKIPPED,
    # Full words, as some SMSCs write them.
    "DELIVERED": DeliveryState.DELIVERED,
    "UNDELIVERABLE": DeliveryState.UNDELIVERABLE,
    "UNDELIVERED": DeliveryState.UNDELIVERABLE,
    "ACCEPTED": DeliveryState.ACCEPTED,
    "REJECTED": DeliveryState.REJECTED,
    "FAILED": DeliveryState.UNDELIVERABLE,
}
"""message_state, or `stat:` of the text in capitals, -> state."""


class Receipt(NamedTuple):
    """One receipt. `message_id` is normalised as `normal_id` does; None: the receipt could not be read.

    `error`: what the SMSC says went wrong, in its own terms.
    """

    message_id: str | None
    state: DeliveryState
    error: str | None = None

    @property
    def final(self) -> bool:
        """Whether the message's state will not change any more."""
        return self.state in FINAL


def is_receipt(message: Message) -> bool:
    """Whether a deliver_sm or data_sm is a receipt or an intermediate notification.

    SMSCs that say so by nothing but receipted_message_id or message_state are understood: no telephone can send these.
    """
    if message.esm_class & _TYPE_BITS in (_RECEIPT, _INTERMEDIATE):
        return True
    return message.esm_class & _TYPE_BITS == 0 and (
        bool(message.receipted_message_id) or message.message_state is not None
    )


def normal_id(message_id: str, written: IdFormat) -> str:
    """One form of an id for submit_sm_resp and receipt alike: the number in decimal, or the text where it is none.

    `1A2B` written in hex and `6699` written in decimal are the same message. Of a text that could be a number or a UUID
    neither leading zeros nor the case of its letters count: SMSCs pad and capitalise their ids in one PDU and not in
    the other.
    """
    message_id = message_id.strip()
    if written is IdFormat.TEXT:
        return (message_id.lower().lstrip("0") or "0") if _PADDED.fullmatch(message_id) else message_id
    digits = message_id[2:] if written is IdFormat.HEX and message_id[:2] in ("0x", "0X") else message_id
    pattern, base = _NUMBERS[written]
    return str(int(digits, base)) if pattern.fullmatch(digits) else message_id


_PADDED = re.compile(r"[0-9A-Fa-f]+(?:-[0-9A-Fa-f]+)*")
_NUMBERS = {IdFormat.HEX: (re.compile(r"[0-9A-Fa-f]+"), 16), IdFormat.DECIMAL: (re.compile(r"[0-9]+"), 10)}


def read_receipt(message: Message, written: IdFormat) -> Receipt:
    """Read a message that `is_receipt`. Optional parameters come before the text. `written`: this SMSC's receipts."""
    message_id, told = message.receipted_message_id, message.message_state
    if message_id and told == consts.SMPP_MESSAGE_STATE_DELIVERED:  # nearly every one: its text says nothing more
        return Receipt(normal_id(message_id, written), DeliveryState.DELIVERED, message.network_error)
    fields = _fields(message)
    message_id = message_id or fields.get("id")
    state = STATES.get(told) if told is not None else STATES.get(fields.get("stat", "").upper())
    return Receipt(
        normal_id(message_id, written) if message_id else None,
        state or DeliveryState.UNKNOWN,
        message.network_error or _error(fields.get("err")),
    )


_FIELD = re.compile(r"\b(id|stat|err)\s*:\s*(\S*)", re.IGNORECASE)
_TEXT = re.compile(r"\btext\s*:", re.IGNORECASE)


def _fields(message: Message) -> dict[str, str]:
    """The fields of the text form. `text:`, the last, quotes our message: what looks like a field there is none.

    SMSCs write it in ASCII and say data_coding 0 all the same: read as GSM, the id `a_1` would become `a§1`.
    """
    wide = message.data_coding == consts.SMPP_ENCODING_ISO10646
    text = decode(message.payload, message.data_coding).text if wide else message.payload.decode("latin-1")
    start = _TEXT.search(text)
    return {name.lower(): value for name, value in _FIELD.findall(text[: start.start()] if start else text)}


def _error(told: str | None) -> str | None:
    return None if not told or told.lower() == "null" or not told.strip("0") else told
