"""ENCODED: lines `KEY=value` as base64 in one line, and the CHECKSUM over that.

https://kb.epay.bg/en/web/web/. What is sent has no line breaks; what is received may have them, and a plus sign that
a form's decoding made a space of.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass

from epay.protocol.signing import checksum, is_right
from errors import InputError

Line = tuple[str, str]
"""A key and its value."""


@dataclass(frozen=True, slots=True)
class Packet:
    """A request or a notification as it travels."""

    encoded: str
    checksum: str

    def is_of(self, secret: str) -> bool:
        """Whether whoever made it knows the secret."""
        return is_right(checksum(secret, self.encoded), self.checksum)


def packed(lines: Sequence[Line], secret: str) -> Packet:
    """A signed packet. Raises ValueError for a key or value that would begin a line of its own."""
    for key, value in lines:
        if not key or "=" in key or any(end in key + value for end in "\r\n"):
            raise ValueError("a key or value of a packet has a line break in it, or the key is none")
    text = "\n".join(f"{key}={value}" for key, value in lines)
    encoded = base64.b64encode(text.encode()).decode("ascii")
    return Packet(encoded, checksum(secret, encoded))


def received(encoded: str, given_checksum: str) -> Packet:
    """A packet as a form or query gave it."""
    return Packet(encoded.replace(" ", "+"), given_checksum)


def text_of(packet: Packet) -> str:
    """The text of a packet whose checksum was found right. Raises InputError when it is none."""
    try:
        return base64.b64decode("".join(packet.encoded.split()), validate=True).decode()
    except (binascii.Error, ValueError):
        raise InputError("ENCODED is no base64 of UTF-8 text.") from None


def lines_of(packet: Packet) -> dict[str, str]:
    """The keys and values of a request; of a key that stands twice the first. Raises InputError as `text_of` does."""
    found: dict[str, str] = {}
    for line in text_of(packet).splitlines():
        key, equals, value = line.partition("=")
        if equals:
            found.setdefault(key.strip(), value.strip())
    return found
