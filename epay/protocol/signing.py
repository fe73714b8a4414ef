"""Checksums: hexadecimal HMAC-SHA1 over a packet's text, or over sorted names with their values.

Sources: https://kb.epay.bg/en/web/web/ (packets), https://kb.epay.bg/en/billing/protocol (fields of Billing) and
https://kb.epay.bg/en/onetouch/onetouch_no_reg (fields of One Touch; the same rule).
"""

import hmac
from collections.abc import Mapping

CHECKSUM_NAMES = frozenset({"CHECKSUM", "checksum"})


def checksum(secret: str, text: str) -> str:
    """40 hexadecimal digits of a packet's text."""
    return hmac.new(secret.encode(), text.encode(), "sha1").hexdigest()


def checksum_of_fields(secret: str, fields: Mapping[str, str]) -> str:
    """40 hexadecimal digits over `NAMEvalue\\n` of each field, sorted by name; the checksum itself is left out."""
    named = sorted((name, value) for name, value in fields.items() if name not in CHECKSUM_NAMES)
    return checksum(secret, "".join(f"{name}{value}\n" for name, value in named))


def is_right(expected: str, given: str) -> bool:
    """Compare in constant time; a checksum in capitals is one too, and what is no text of ASCII is none."""
    return hmac.compare_digest(expected.encode(), given.strip().lower().encode())
