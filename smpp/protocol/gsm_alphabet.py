"""The GSM 7-bit default alphabet and its extension table (3GPP TS 23.038, 6.2.1), unpacked as in SMPP."""

import re

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
"""The character of each septet; 0x1B is no character but the escape to the extension table."""

EXTENSION = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
"""The character of a septet after the escape."""

ESCAPE = 0x1B

SEPTETS: dict[str, bytes] = {character: bytes([code]) for code, character in enumerate(BASIC) if code != ESCAPE} | {
    character: bytes([ESCAPE, code]) for code, character in EXTENSION.items()
}
"""One or two septets of every character there is."""

_AS_UNICODE = {code: ord(character) for code, character in enumerate(BASIC)}
"""For `str.translate`: latin-1 text of septets -> text, where no escape is among them."""


_FITTING = re.compile(f"[{re.escape(''.join(SEPTETS))}]*")


def fits(text: str) -> bool:
    """Whether the alphabet has every character of the text; a Cyrillic one is told by its first letter."""
    return _FITTING.fullmatch(text) is not None


def encode(text: str) -> bytes:
    """The text's septets, one an octet. Raises KeyError for a character the alphabet does not have."""
    return b"".join([SEPTETS[character] for character in text])


def decode(octets: bytes) -> tuple[str, bool]:
    """Text of septets, and whether all was well.

    An escape before a septet without an extension means the basic character (23.038, 6.2.1.1); an escape at the very
    end is a space. An octet above 0x7F cannot be: it is read as Latin-1, which careless senders mean by it.
    """
    if ESCAPE not in octets and octets.isascii():
        return octets.decode("ascii").translate(_AS_UNICODE), True
    text: list[str] = []
    well = True
    escaped = False
    for octet in octets:
        if octet > 0x7F:
            text.append(chr(octet))
            well = False
        elif escaped:
            well = well and octet in EXTENSION
            text.append(EXTENSION.get(octet) or (" " if octet == ESCAPE else BASIC[octet]))
        elif octet == ESCAPE:
            escaped = True
            continue
        else:
            text.append(BASIC[octet])
        escaped = False
    if escaped:
        text.append(" ")
    return "".join(text), well and not escaped
