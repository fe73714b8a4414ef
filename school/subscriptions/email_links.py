"""The links in letters: whoever holds one may see and change what the address is told, and nothing else.

A link's token is derived from a data key, the subscriber and the address: nothing is stored, no token can be
guessed, and all of an address stop working when the subscriber gets another address.
"""

import base64
import hmac

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import Subscriber
from school.security.crypto import Vault, vault

PURPOSE = "e-mail link"
OCTETS = 18
"""Of the keyed hash that stand in the token: 144 bits."""


def token(of: Vault, subscriber_id: int, email: str) -> str:
    """`12-<24 characters>`, for an address below /email."""
    seal = of.fingerprint(PURPOSE, f"{subscriber_id} {email}")[:OCTETS]
    return f"{subscriber_id}-{base64.urlsafe_b64encode(seal).decode()}"


def holder(session: Session, written: str) -> int | None:
    """The subscriber whose token it is; None: it is nobody's (any more)."""
    number, _, _ = written.partition("-")
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        return None
    email = session.scalar(select(Subscriber.email).where(Subscriber.id == int(number)))
    if email is None:
        return None
    now = vault(session)
    # A letter is kept for years: its links outlive an exchange of the data key.
    genuine = (token(of, int(number), email) for of in (now, *now.earlier))
    return int(number) if any(hmac.compare_digest(one.encode(), written.encode()) for one in genuine) else None
