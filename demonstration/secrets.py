"""Passwords and PINs of the demonstration's people.

They are derived from the installation's own first data key: the same whenever they are asked for, and no two
installations share one, so a demonstration that grew into a real platform has no password that is known to the world.
"""

from school.security import pins
from school.security.crypto import Vault


def password_of(vault: Vault, email: str) -> str:
    """What a staff member logs in with, as it was loaded."""
    return f"eschool-{vault.first.fingerprint('demonstration password', email).hex()[:12]}"


def pin_of(vault: Vault, phone: str, student_code: str) -> str:
    """The PIN a subscription was loaded with: 4 digits."""
    number = int.from_bytes(vault.first.fingerprint("demonstration pin", f"{phone} {student_code}")[:8])
    while pins.is_weak(pin := f"{number % 10_000:04}"):
        number += 1
    return pin
