"""A subscriber's text from octets and data_coding. Nothing is dropped: what is unreadable is marked and reported.

Where the SMSC names a wrong coding, the text is read in the one in which it is Bulgarian (`smpp.protocol.recognition`).
"""

from dataclasses import dataclass

from smpplib import consts

from smpp.protocol import gsm_alphabet, recognition
from smpp.protocol.segmentation import DefaultAlphabet


@dataclass(frozen=True, slots=True)
class Decoded:
    """The text, and in one word what was wrong with the octets; None: nothing.

    Octets that mean nothing in their coding are in the text as U+FFFD or, where a sender likely meant so, as Latin-1.
    """

    text: str
    problem: str | None = None


def decode(octets: bytes, data_coding: int, alphabet: DefaultAlphabet = DefaultAlphabet.GSM) -> Decoded:
    """Decode a short message without its header. Never raises: `Decoded.problem` says when it was not well-formed.

    data_coding 0 (the SMSC's default alphabet), 1 (ASCII), 3 (Latin-1), 6 (ISO-8859-5), 8 (UCS-2: UTF-16, big-endian)
    of SMPP 3.4, 5.2.19, and the GSM groups with a message class (23.038, 4) that some SMSCs pass through.
    """
    named = as_named(octets, data_coding, alphabet)
    read = recognition.read(octets, named.text, lambda some: as_named(some, data_coding, alphabet).text)
    return named if read.codec is None else Decoded(read.text, f"really {read.codec}")


def as_named(octets: bytes, data_coding: int, alphabet: DefaultAlphabet = DefaultAlphabet.GSM) -> Decoded:
    """The same, in the coding that is named and in no other: what we ourselves have written."""
    coding = _plain_coding(data_coding)
    if coding == consts.SMPP_ENCODING_DEFAULT:
        return _default(octets, alphabet)
    if coding == consts.SMPP_ENCODING_IA5:
        return _eight_bit(octets, "ascii", "not ascii")
    if coding == consts.SMPP_ENCODING_ISO88591:
        return Decoded(octets.decode("latin-1"))
    if coding == consts.SMPP_ENCODING_ISO88595:
        return Decoded(octets.decode("iso8859-5"))
    if coding == consts.SMPP_ENCODING_ISO10646:
        return _ucs2(octets)
    return Decoded(octets.decode("latin-1"), f"data_coding {data_coding}")


def _plain_coding(data_coding: int) -> int:
    """The SMPP coding that a GSM data coding scheme amounts to; SMPP's own codings as they are."""
    if 0x10 <= data_coding <= 0x1F:  # general group with a message class: bits 3-2 are the alphabet
        return {0: 0x00, 2: 0x08}.get(data_coding >> 2 & 3, data_coding)
    if data_coding >= 0xF0:  # message class group: bit 2 is 8-bit data
        return data_coding if data_coding & 4 else consts.SMPP_ENCODING_DEFAULT
    return data_coding


def _default(octets: bytes, alphabet: DefaultAlphabet) -> Decoded:
    if alphabet is DefaultAlphabet.GSM:
        text, well = gsm_alphabet.decode(octets)
        return Decoded(text, None if well else "not gsm")
    if alphabet is DefaultAlphabet.ASCII:
        return _eight_bit(octets, "ascii", "not ascii")
    return Decoded(octets.decode("latin-1"))


def _eight_bit(octets: bytes, codec: str, problem: str) -> Decoded:
    try:
        return Decoded(octets.decode(codec))
    except UnicodeDecodeError:
        return Decoded(octets.decode("latin-1"), problem)


def _ucs2(octets: bytes) -> Decoded:
    """UTF-16; a byte order mark is obeyed and taken off, halves of pairs and of units become U+FFFD."""
    codec, body = "utf-16-be", octets
    if octets[:2] == b"\xff\xfe":
        codec, body = "utf-16-le", octets[2:]
    elif octets[:2] == b"\xfe\xff":
        body = octets[2:]
    try:
        return Decoded(body.decode(codec))
    except UnicodeDecodeError:
        return Decoded(body.decode(codec, "replace"), "not ucs-2")
