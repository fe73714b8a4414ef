"""A text -> the parts of a (long) short message, each at most 140 octets on air.

Sizes are those of 3GPP TS 23.040: 160 septets or 70 UTF-16 units alone; 153 / 67 in a part with an 8-bit reference,
152 / 66 with a 16-bit one. A character of the extension table counts two septets; neither it nor a surrogate pair is
ever cut in two.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple

from smpplib import consts

from smpp.protocol import gsm_alphabet
from smpp.protocol.transliteration import to_latin
from smpp.protocol.user_data_header import concatenation_header

MAX_PARTS = 255


class DefaultAlphabet(StrEnum):
    """What an SMSC means by data_coding 0; the standard leaves it to the SMSC (SMPP 3.4, 5.2.19)."""

    GSM = "gsm"
    LATIN_1 = "latin-1"
    ASCII = "ascii"


class TextTooLongError(ValueError):
    """The text needs more parts than one message may have."""


class Part(NamedTuple):
    """One submit_sm: its short_message with any header, data_coding and whether esm_class must say UDHI."""

    payload: bytes
    data_coding: int
    has_header: bool


def split(
    text: str,
    reference: int,
    *,
    alphabet: DefaultAlphabet = DefaultAlphabet.GSM,
    latin: bool = False,
    wide_reference: bool = False,
    max_parts: int = MAX_PARTS,
) -> tuple[Part, ...]:
    """Split a text. An empty one is one empty part.

    `reference`: 0..255, or 0..65535 with `wide_reference`; the same for all parts of the message and fresh for each
    message to the same number. `latin`: transliterate first. Raises TextTooLongError beyond `max_parts`, ValueError for
    a reference out of range or a text with half a surrogate pair.
    """
    if not 0 <= reference <= (0xFFFF if wide_reference else 0xFF):
        raise ValueError(f"the reference {reference} is out of range")
    if latin:
        text = to_latin(text)
    coding, single, each, cost, encode = _way(text, alphabet, wide_reference)
    pieces = _pieces(text, single, each, cost)
    if len(pieces) > min(max_parts, MAX_PARTS):
        raise TextTooLongError(f"the text needs {len(pieces)} parts, {min(max_parts, MAX_PARTS)} are allowed")
    if len(pieces) == 1:
        return (Part(encode(text), coding, False),)
    return tuple(
        Part(concatenation_header(reference, len(pieces), number, wide_reference) + encode(piece), coding, True)
        for number, piece in enumerate(pieces, start=1)
    )


def _septets(text: str) -> int:
    return len(gsm_alphabet.encode(text))


def _utf16_units(text: str) -> int:
    return len(_utf16(text)) // 2


def _utf16(text: str) -> bytes:
    return text.encode("utf-16-be")


def _latin_1(text: str) -> bytes:
    return text.encode("latin-1")


_Cost = Callable[[str], int]
_Encode = Callable[[str], bytes]


def _way(text: str, alphabet: DefaultAlphabet, wide: bool) -> tuple[int, int, int, _Cost, _Encode]:
    """(data_coding, units of a message alone, units of a part, units of a text, encoder)."""
    if gsm_alphabet.fits(text) and _reaches_smsc(text, alphabet):
        encode = gsm_alphabet.encode if alphabet is DefaultAlphabet.GSM else _latin_1
        return consts.SMPP_ENCODING_DEFAULT, 160, 152 if wide else 153, _septets, encode
    _utf16(text)  # half a surrogate pair is an error of the caller: UnicodeEncodeError is a ValueError
    return consts.SMPP_ENCODING_ISO10646, 70, 66 if wide else 67, _utf16_units, _utf16


def _reaches_smsc(text: str, alphabet: DefaultAlphabet) -> bool:
    """Whether the octets of data_coding 0 can carry the text to this SMSC, which makes septets of them."""
    if alphabet is DefaultAlphabet.GSM:
        return True
    return text.isascii() if alphabet is DefaultAlphabet.ASCII else all(character <= "\xff" for character in text)


def _pieces(text: str, single: int, each: int, cost: _Cost) -> list[str]:
    """The text cut between characters so that no piece costs more than `each`; whole when it fits `single`."""
    if cost(text) <= single:
        return [text]
    pieces: list[str] = []
    start = room = 0
    for position, character in enumerate(text):
        needed = cost(character)
        if needed > room:
            if position:
                pieces.append(text[start:position])
            start, room = position, each
        room -= needed
    pieces.append(text[start:])
    return pieces
