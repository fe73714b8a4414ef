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
from collections.abc import Collection
from datetime import date
from itertools import pairwise

from errors import InputError
from school.security.crypto import Vault, scrypt

COST_N = 2**10
SHORTEST, LONGEST = 4, 6
DOWN_THE_KEYPAD = ("2580", "0852")
NOBODY = 0
"""The student id to hash for when a code belongs to nobody."""


def check_format(pin: str) -> None:
    """Raises InputError unless it is 4-6 digits."""
    if not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST):
        raise InputError("A PIN is 4 to 6 digits: choose another.")


def check_choice(pin: str, known: Collection[str] = ()) -> None:
    """Raises InputError unless a person may choose this PIN.

    known: digits that others know of the subscriber, such as the telephone number and the student's code: a PIN that
    one of them contains is refused, and so is what people choose first (`is_weak`).
    """
    check_format(pin)
    if is_weak(pin) or any(pin in digits for digits in known):
        raise InputError("This PIN is too easy to guess: choose another.")


def is_weak(pin: str) -> bool:
    """Whether it is among what is tried first; these are 8 in a hundred of all PINs of four digits.

    Such are one or two digits in turn, a row of digits, a column of the keypad, a year, a day of the year.
    """
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    is_row = len(steps) == 1 and steps <= {0, 1, 9}
    return is_row or pin[2:] == pin[:-2] or pin in DOWN_THE_KEYPAD or _may_be_a_date(pin)


def generate() -> str:
    """A random PIN of 4 digits, for the message that confirms a subscription; never a weak one."""
    while is_weak(pin := f"{secrets.randbelow(10_000):04}"):
        pass
    return pin


def _may_be_a_date(pin: str) -> bool:
    """A day and a month, with or without the year, in any order; or a year in which a parent or child may be born."""
    if len(pin) == 4 and 1930 <= int(pin) <= 2030:
        return True
    if len(pin) == 5:
        return False
    pairs = [int(pin[at : at + 2]) for at in range(0, len(pin), 2)]
    if len(pairs) == 2:
        return _is_day(*pairs) or _is_day(pairs[1], pairs[0])
    first, second, third = pairs
    return _is_day(first, second) or _is_day(second, first) or _is_day(third, second)


def _is_day(day: int, month: int) -> bool:
    try:
        date(2000, month, day)
    except ValueError:
        return False
    return True


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
