"""PDUs as typed values. Incoming ones are read strictly; smpplib writes those that are seldom sent."""

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum
from functools import lru_cache
from typing import Any, NamedTuple

from smpplib import command_codes, consts, smpp

from smpp.protocol.framing import HEADER, Frame
from smpp.protocol.user_data_header import Concatenation, checked

RESPONSE = 0x80000000
UDHI: int = consts.SMPP_GSMFEAT_UDHI
_CODES: dict[str, int] = command_codes.commands
_TAGS: dict[str, int] = consts.OPTIONAL_PARAMS


class Command(IntEnum):
    """The command_ids that a link knows; a response's is its request's with RESPONSE set (SMPP 3.4, 5.1.2.1)."""

    BIND_RECEIVER = _CODES["bind_receiver"]
    BIND_TRANSMITTER = _CODES["bind_transmitter"]
    BIND_TRANSCEIVER = _CODES["bind_transceiver"]
    SUBMIT_SM = _CODES["submit_sm"]
    DELIVER_SM = _CODES["deliver_sm"]
    DATA_SM = _CODES["data_sm"]
    UNBIND = _CODES["unbind"]
    ENQUIRE_LINK = _CODES["enquire_link"]
    ALERT_NOTIFICATION = _CODES["alert_notification"]
    OUTBIND = _CODES["outbind"]
    GENERIC_NACK = _CODES["generic_nack"]


LONGEST_STRINGS = {"system_id": 15, "password": 8, "system_type": 12, "service_type": 5, "address": 20, "time": 16}
"""Octets of the C-octet strings without their NUL (SMPP 3.4, 4 and 5.2). smpplib cuts longer ones silently."""


class MalformedError(Exception):
    """A request whose body does not add up; `status` is the command_status of the answer it gets."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


class Address(NamedTuple):
    """An address on the wire with its type of number and numbering plan (SMPP 3.4, 5.2.5, 5.2.6)."""

    number: str
    ton: int = 0
    npi: int = 0


@dataclass(slots=True)
class Submit:
    """A submit_sm to be. Raises ValueError for a field that does not fit its place.

    `payload`: at most 254 octets, any header included. `tlvs`: (tag, value) of the operator's own optional parameters.
    `note`: the application's own, by which it knows the message again when its answer comes late.
    """

    source: Address
    destination: Address
    payload: bytes
    data_coding: int = 0
    has_header: bool = False
    service_type: str = ""
    receipt: bool = True
    validity: timedelta | None = None
    tlvs: tuple[tuple[int, bytes], ...] = ()
    note: object = field(default=None, compare=False, repr=False)

    def __post_init__(self) -> None:
        _check_fits("address", self.source.number)
        _check_fits("address", self.destination.number)
        _check_fits("service_type", self.service_type)
        if len(self.payload) > 254:
            raise ValueError(f"short_message has {len(self.payload)} octets, 254 are allowed")


def _check_fits(kind: str, text: str) -> None:
    if len(text) > LONGEST_STRINGS[kind] or not text.isascii():
        raise ValueError(f"this {kind} does not fit: at most {LONGEST_STRINGS[kind]} ASCII characters")


class Message(NamedTuple):
    """A deliver_sm, data_sm or submit_sm as it came; `payload` is short_message or, when empty, message_payload."""

    command_id: int
    sequence: int
    source: Address
    destination: Address
    esm_class: int
    data_coding: int
    payload: bytes
    service_type: str
    registered_delivery: int
    tlvs: Mapping[int, bytes]
    flaw: str = ""
    """What was wrong behind the text and was passed over."""

    @property
    def has_header(self) -> bool:
        """Whether the payload begins with a user data header."""
        return bool(self.esm_class & UDHI)

    @property
    def receipted_message_id(self) -> str | None:
        """The parameter of that name, which receipts may have."""
        value = self.tlvs.get(_TAGS["receipted_message_id"])
        return None if value is None else value.split(b"\0")[0].decode("latin-1")

    @property
    def message_state(self) -> int | None:
        """The parameter of that name, which receipts may have."""
        value = self.tlvs.get(_TAGS["message_state"])
        return value[0] if value else None

    @property
    def network_error(self) -> str | None:
        """network_error_code as `type:code`, `3:1` for GSM error 1; None also when it has not its three octets."""
        value = self.tlvs.get(_TAGS["network_error_code"], b"")
        return f"{value[0]}:{value[1] << 8 | value[2]}" if len(value) == 3 else None

    @property
    def sar(self) -> Concatenation | None:
        """Concatenation told by the sar_* parameters."""
        names = ("sar_msg_ref_num", "sar_total_segments", "sar_segment_seqnum")
        values = [self.tlvs.get(_TAGS[name]) for name in names]
        if None in values:
            return None
        reference, total, number = (int.from_bytes(value or b"", "big") for value in values)
        return checked(Concatenation("sar", reference, total, number))


class Bind(NamedTuple):
    """A bind request as it came."""

    command_id: int
    sequence: int
    system_id: str
    password: str


def bind_request(kind: str, sequence: int, **fields: Any) -> bytes:
    """A bind_`kind` (transceiver, transmitter, receiver); `fields` are those of smpplib's class."""
    return _generate(f"bind_{kind}", sequence, interface_version=consts.SMPP_VERSION_34, **fields)


def submit_request(submit: Submit, sequence: int) -> bytes:
    """A submit_sm (SMPP 3.4, 4.4.1), octet by octet what smpplib makes of it, in a tenth of its time."""
    destination = submit.destination
    body = b"".join(
        (
            _sender(submit.service_type, submit.source),
            bytes((0, destination.ton, destination.npi)),
            destination.number.encode("ascii"),
            # esm_class, protocol_id, priority_flag and no schedule_delivery_time
            bytes((0, UDHI if submit.has_header else 0, 0, 0, 0)),
            _validity_period(submit.validity),
            # registered_delivery, replace_if_present_flag, data_coding, sm_default_msg_id, sm_length
            bytes((0, submit.receipt, 0, submit.data_coding, 0, len(submit.payload))),
            submit.payload,
            *(struct.pack(">HH", tag, len(value)) + value for tag, value in submit.tlvs),
        )
    )
    return bare(Command.SUBMIT_SM, sequence, body=body)


@lru_cache(maxsize=1024)
def _sender(service_type: str, source: Address) -> bytes:
    """How every submit_sm of an operator begins."""
    return service_type.encode("ascii") + bytes((0, source.ton, source.npi)) + source.number.encode("ascii")


@lru_cache(maxsize=1024)
def _validity_period(span: timedelta | None) -> bytes:
    return relative_time(span).encode("ascii") if span else b""


def deliver_request(
    sequence: int,
    *,
    source: Address,
    destination: Address,
    payload: bytes,
    esm_class: int = 0,
    data_coding: int = 0,
    **parameters: Any,
) -> bytes:
    """A deliver_sm, as an SMSC sends it; `parameters` are optional ones by smpplib's names."""
    return _generate(
        "deliver_sm",
        sequence,
        source_addr_ton=source.ton,
        source_addr_npi=source.npi,
        source_addr=source.number,
        dest_addr_ton=destination.ton,
        dest_addr_npi=destination.npi,
        destination_addr=destination.number,
        esm_class=esm_class,
        data_coding=data_coding,
        short_message=payload,
        **parameters,
    )


def bare(command_id: int, sequence: int, status: int = consts.SMPP_ESME_ROK, body: bytes = b"") -> bytes:
    """A PDU of a header and perhaps a ready body: enquire_link, unbind, generic_nack and the responses."""
    return HEADER.pack(HEADER.size + len(body), command_id, status, sequence) + body


def relative_time(span: timedelta) -> str:
    """A span as `YYMMDDhhmmss000R` (SMPP 3.4, 7.1.1), from 1 second to 30 days."""
    seconds = min(max(int(span.total_seconds()), 1), 30 * 24 * 3600)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"0000{days:02}{hours:02}{minutes:02}{seconds:02}000R"


def read_message(frame: Frame) -> Message:
    """Read a deliver_sm, data_sm or submit_sm. Raises MalformedError with the status to answer.

    Unknown optional parameters are kept and mean nothing. What is wrong with them costs no parent's text: where the
    text is whole, parameters of the wrong size and octets that are none are passed over, and `flaw` says so.
    """
    body = frame.body
    is_data_sm = frame.command_id == Command.DATA_SM
    longest = 64 if is_data_sm else LONGEST_STRINGS["address"]
    service_type, position = _string(body, 0, 64, consts.SMPP_ESME_RINVSERTYP)
    source, position = _address(body, position, longest, consts.SMPP_ESME_RINVSRCADR)
    destination, position = _address(body, position, longest, consts.SMPP_ESME_RINVDSTADR)
    payload = b""
    try:
        if is_data_sm:
            esm_class, registered, coding = body[position], body[position + 1], body[position + 2]
            position += 3
        else:
            esm_class = body[position]
            _, position = _string(body, position + 3, 16, consts.SMPP_ESME_RINVSCHED)
            _, position = _string(body, position, 16, consts.SMPP_ESME_RINVEXPIRY)
            registered, coding, length = body[position], body[position + 2], body[position + 4]
            payload = body[position + 5 : position + 5 + length]
            position += 5 + length
    except IndexError:
        raise MalformedError(consts.SMPP_ESME_RINVCMDLEN, "the body ends too early") from None
    if position > len(body):
        raise MalformedError(consts.SMPP_ESME_RINVMSGLEN, "sm_length goes beyond the body")
    tlvs, flaw = _tlvs(body, position) if position < len(body) else ({}, None)
    payload = payload or tlvs.get(_TAGS["message_payload"], b"")
    if flaw and not payload and _TAGS["receipted_message_id"] not in tlvs:
        raise flaw
    return Message(
        frame.command_id,
        frame.sequence,
        source,
        destination,
        esm_class,
        coding,
        payload,
        service_type,
        registered,
        tlvs,
        str(flaw or ""),
    )


def read_bind(frame: Frame) -> Bind:
    """Read a bind request. Raises MalformedError."""
    system_id, position = _string(frame.body, 0, LONGEST_STRINGS["system_id"], consts.SMPP_ESME_RINVSYSID)
    password, _ = _string(frame.body, position, LONGEST_STRINGS["password"], consts.SMPP_ESME_RINVPASWD)
    return Bind(frame.command_id, frame.sequence, system_id, password)


def read_message_id(frame: Frame) -> str:
    """The message_id of a submit_sm_resp; empty when it has none. A missing NUL is forgiven."""
    return frame.body.split(b"\0", 1)[0].decode("latin-1")


def _generate(name: str, sequence: int, **fields: Any) -> bytes:
    pdu = smpp.make_pdu(name, sequence=sequence, **fields)
    pdu.sequence = sequence  # the keyword only keeps smpplib from asking a Client for one
    octets: bytes = pdu.generate()
    return octets


def _string(body: bytes, start: int, longest: int, status: int) -> tuple[str, int]:
    """A C-octet string and where the next field begins."""
    end = body.find(b"\0", start, start + longest + 1)
    if end < 0:
        raise MalformedError(status, "a string without end")
    return body[start:end].decode("latin-1"), end + 1


def _address(body: bytes, start: int, longest: int, status: int) -> tuple[Address, int]:
    if start + 2 > len(body):
        raise MalformedError(consts.SMPP_ESME_RINVCMDLEN, "the body ends too early")
    number, position = _string(body, start + 2, longest, status)
    return Address(number, body[start], body[start + 1]), position


_SIZES = {
    _TAGS["message_state"]: 1,
    _TAGS["sar_msg_ref_num"]: 2,
    _TAGS["sar_total_segments"]: 1,
    _TAGS["sar_segment_seqnum"]: 1,
}
"""Optional parameters that a link relies on, with their octets."""


def _tlvs(body: bytes, start: int) -> tuple[dict[int, bytes], MalformedError | None]:
    """The parameters that are well, and what was wrong first with the others or with octets that are none."""
    found: dict[int, bytes] = {}
    flaw: MalformedError | None = None
    while start < len(body):
        if start + 4 > len(body):
            flaw = flaw or MalformedError(consts.SMPP_ESME_RINVOPTPARSTREAM, "an optional parameter is cut off")
            break
        tag, length = struct.unpack_from(">HH", body, start)
        start += 4
        if start + length > len(body):
            reason = "an optional parameter goes beyond the body"
            flaw = flaw or MalformedError(consts.SMPP_ESME_RINVOPTPARSTREAM, reason)
            break
        if _SIZES.get(tag, length) == length:
            found[tag] = body[start : start + length]
        else:
            flaw = flaw or MalformedError(consts.SMPP_ESME_RINVPARLEN, f"parameter 0x{tag:04x} has {length} octets")
        start += length
    return found, flaw
