"""What a deliver_sm or data_sm is (a receipt, a text or a part of one), and how texts are stored."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

import logs
from db.kinds import PartState
from school.outbox import Report
from school.subscriptions import inbox
from smpp.gateway.operators import Operator
from smpp.gateway.part_store import PartStore
from smpp.protocol import user_data_header
from smpp.protocol.addresses import subscriber_of
from smpp.protocol.pdus import Message
from smpp.protocol.reassembly import Assembly, Key, PartPayload, add, give_up_old
from smpp.protocol.receipts import DeliveryState, is_receipt, read_receipt
from smpp.protocol.segmentation import DefaultAlphabet
from smpp.protocol.user_data_header import Concatenation

log = logs.get(__name__)

LONGEST_ID = 64
"""Octets of a message_id (SMPP 3.4, 5.2.23); a longer one is cut the same way in answers and receipts."""
LEFT_OVER = "overdue"
"""Stands for a connection's token where a text is put together of parts whose rest never came."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A text, or a part of one when `told` says so. `connection`: token of the one it came by; `phone`: E.164."""

    operator: str
    alphabet: DefaultAlphabet
    connection: str
    phone: str
    destination: str
    payload: PartPayload
    told: Concatenation | None


def understood(operator: Operator, connection: str, message: Message) -> Report | Piece | None:
    """What came from the operator. None: nothing that we could keep or act on; the SMSC may forget it.

    Never the text decides what is a receipt (see `smpp.protocol.receipts`).
    """
    if is_receipt(message):
        return _report(operator, message)
    phone = subscriber_of(message.source)
    if phone is None:
        log.warning("text.unanswerable", operator=operator.name, ton=message.source.ton)
        return None
    octets, told = message.payload, message.sar
    if message.has_header:
        parted = user_data_header.split(octets)
        octets, told = parted.body, parted.concatenation or told
        if not parted.well:
            log.warning("text.ill_formed_header", operator=operator.name)
    return Piece(
        operator.name,
        operator.default_alphabet,
        connection,
        phone,
        message.destination.number,
        PartPayload(octets, message.data_coding),
        told if told and told.total > 1 else None,
    )


def _report(operator: Operator, message: Message) -> Report | None:
    receipt = read_receipt(message, operator.receipt_ids)
    if receipt.message_id is None:
        log.warning("receipt.without_id", operator=operator.name, state=receipt.state)
        return None
    if not receipt.final:
        return None
    delivered = receipt.state is DeliveryState.DELIVERED
    error = None if delivered else " ".join(filter(None, (receipt.state, receipt.error)))
    state = PartState.DELIVERED if delivered else PartState.FAILED
    return Report(operator.name, receipt.message_id[:LONGEST_ID], state, error)


def keep(session: Session, piece: Piece, living: Collection[str], now: datetime) -> list[int]:
    """Keep a piece; gives the ids of the texts in the inbox that it made whole: none, one, or two when a reference was
    used again before its first message was whole. `living` as in `inbox.store`.
    """
    if piece.told is None:
        whole = Assembly(1, now, {1: piece.payload})
        return _store(session, piece.operator, piece.connection, piece.phone, _words(whole, piece), living, now)
    key = Key(piece.operator, piece.phone, piece.destination, piece.told.kind, piece.told.reference)
    added = add(PartStore(session), key, piece.told, piece.payload, now)
    stored: list[int] = []
    for assembly in (added.given_up, added.whole):
        if assembly:
            words = _words(assembly, piece)
            stored += _store(session, piece.operator, piece.connection, piece.phone, words, living, now)
    return stored


def keep_overdue(session: Session, alphabets: dict[str, DefaultAlphabet], now: datetime) -> list[int]:
    """Make texts of the parts whose rest never came within the time limit; gives their ids in the inbox."""
    stored: list[int] = []
    for key, assembly in give_up_old(PartStore(session), now):
        words = assembly.text(alphabets.get(key.operator, DefaultAlphabet.GSM)).text
        stored += _store(session, key.operator, LEFT_OVER, key.source, words, (), now)
    return stored


def _words(assembly: Assembly, piece: Piece) -> str:
    decoded = assembly.text(piece.alphabet)
    if decoded.problem:
        log.info("text.problem", operator=piece.operator, problem=decoded.problem)
    return decoded.text


def _store(
    session: Session,
    operator: str,
    connection: str,
    phone: str,
    words: str,
    living: Collection[str],
    now: datetime,
) -> list[int]:
    text_id = inbox.store(session, operator, connection, phone, words, now, living=living)
    return [] if text_id is None else [text_id]
