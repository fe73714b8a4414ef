"""PDUs built octet by octet, so that they can also be wrong."""

import struct


def pdu(command_id: int, sequence: int, body: bytes = b"", status: int = 0, length: int | None = None) -> bytes:
    return struct.pack(">LLLL", 16 + len(body) if length is None else length, command_id, status, sequence) + body


def tlv(tag: int, value: bytes, length: int | None = None) -> bytes:
    return struct.pack(">HH", tag, len(value) if length is None else length) + value


def deliver_body(
    text: bytes = b"12345674",
    *,
    sm_length: int | None = None,
    esm_class: int = 0,
    data_coding: int = 0,
    tlvs: bytes = b"",
    source: str = "1",
) -> bytes:
    """The body of a deliver_sm, complete or not."""
    length = len(text) if sm_length is None else sm_length
    return (
        b"\0\x01\x01" + source.encode() + b"\0\x03\x00" + b"1987\0" + bytes([esm_class, 0, 0]) + b"\0\0"
        + bytes([0, 0, data_coding, 0, length]) + text + tlvs
    )  # fmt: skip


def data_body(tlvs: bytes, esm_class: int = 0) -> bytes:
    """The body of a data_sm."""
    return b"\0\x01\x01" + b"359888123456\0" + b"\x03\x00" + b"1987\0" + bytes([esm_class, 0, 0]) + tlvs


DELIVER_SM = 5
DELIVER_SM_RESP = 0x80000005
DATA_SM = 0x103
