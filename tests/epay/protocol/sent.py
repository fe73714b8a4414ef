"""Packets as ePay.bg sends them."""

import base64

from epay.protocol.packets import Packet
from epay.protocol.signing import checksum

SECRET = "a secret word"


def sent(text: str, secret: str = SECRET) -> Packet:
    """A signed notification of this text."""
    encoded = base64.b64encode(text.encode()).decode("ascii")
    return Packet(encoded, checksum(secret, encoded))
