"""The outcome of one letter, and which replies of a mail server are permanent.

A reply's first digit tells whether the same letter would be refused again (RFC 5321, 4.2.1). But some that begin
with 5 are about us, not about the recipient: a sender the server does not know, a missing sign-in, a forbidden relay
(RFC 3463, X.7). A wrong setting must not use up every parent's letters, so these are tried again.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from school.outbox import Ending


class Stage(StrEnum):
    """What the server answered to."""

    SENDER = "MAIL"
    RECIPIENT = "RCPT"
    LETTER = "DATA"


@dataclass(frozen=True, slots=True)
class SendOutcome:
    """How a letter ended. `reason` is for people: the server's code and, as a rule, no address.

    `untouched`: the server never heard of the letter, so the attempt does not count. `slow_down`: it wants fewer.
    """

    ending: Ending
    reason: str = ""
    untouched: bool = False
    slow_down: bool = False


SENT = SendOutcome(Ending.SENT)
ABOUT_US = frozenset({502, 503, 530, 534, 535, 538})
"""Bad sequence, no such command, sign-in wanted or wrong (RFC 4954)."""
TOO_LONG = 552
"""The one refusal of a sender's MAIL that is about the letter (RFC 1870)."""
NOT_NOW, NO_ROOM = 421, 452


def refused(stage: Stage, code: int, text: bytes) -> SendOutcome:
    """The outcome of a reply that is no 2xx or 354."""
    enhanced = re.match(rb"([245])\.(\d{1,3})\.(\d{1,3})\b", text.strip())
    reason = f"The mail server refused it: {stage} {code}" + (f" {enhanced[0].decode()}." if enhanced else ".")
    if stage is Stage.SENDER and code != TOO_LONG:
        return SendOutcome(Ending.RETRY, reason, untouched=True, slow_down=True)
    about_us = code in ABOUT_US or (stage is Stage.RECIPIENT and enhanced is not None and enhanced[2] == b"7")
    permanent = 500 <= code < 600 and not about_us
    # 450 and 451 are what a server that greets strangers with patience says of one recipient (greylisting).
    return SendOutcome(Ending.REFUSED if permanent else Ending.RETRY, reason, slow_down=code in (NOT_NOW, NO_ROOM))
