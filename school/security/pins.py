"""PINs of subscriptions: 4-6 digits, stored hashed.

So few digits are quickly tried out by whoever holds the hashes: what protects them is that the salt is derived from
the data key, which the secret key unlocks, and at the telephone the lock-outs. The hash itself is modest, about 3 ms,
because it is computed while a caller waits.

A PIN is not stored, so its hash cannot be computed anew when the data key is exchanged. Instead a keyed hash under the
new data key is laid over the hash that is there: without the new key nobody can try PINs, and parents keep theirs.

The salt belongs to the student, not to the subscription: a typed PIN is hashed once, whichever and however many
subscriptions the student has, and a wrong code costs the same time as a wrong PIN.
"""

import hmac
import secrets

from errors import InputError
from school.security.crypto import Vault, scrypt

COST_N = 2**10
SHORTEST, LONGEST = 4, 6
NOBODY = 0
"""The student id to hash for when a code belongs to nobody."""


def check_format(pin: str) -> None:
    """Raises InputError unless it is 4-6 digits."""
    if not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST):
        raise InputError("A PIN is 4 to 6 digits: choose another.")


def generate() -> str:
    """A random PIN of 4 digits, for the message that confirms a subscription."""
    return f"{secrets.randbelow(10_000):04}"


def hash_pin(vault: Vault, student_id: int, pin: str) -> str:
    """`<version of the data key>$<64 digits>`: scrypt salted under the first data key, then a layer for each later."""
    salt = vault.first.fingerprint("pin", str(student_id))
    return layered(vault, f"{vault.first.version}${scrypt(pin, salt, n=COST_N, p=1).hex()}")


def layered(vault: Vault, stored: str) -> str:
    """A stored hash with a layer for each data key that came after it; one that has them all stays as it is.

    Raises ValueError for a hash of a later data key than the vault's.
    """
    version, _, digits = stored.partition("$")
    if int(version) > vault.version:
        raise ValueError(f"a PIN's hash is of the data key {version}, which is not known")
    if int(version) == vault.version:
        return stored
    for one in (*reversed(vault.earlier), vault):
        if one.version > int(version):
            digits = one.fingerprint("pin layer", digits).hex()
    return f"{vault.version}${digits}"


def same(hashed: str, stored: str | None) -> bool:
    """Whether two PIN hashes are equal, in constant time; no PIN stored is equal to none."""
    return hmac.compare_digest(hashed, stored or "")
