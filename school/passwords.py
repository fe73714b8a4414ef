"""Staff passwords: scrypt with a random salt, its cost written beside it so that it can grow."""

import hmac
import secrets

from school.secrecy import scrypt

COST_N, COST_P = 2**14, 5
"""As OWASP's password storage guide asks of scrypt (r = 8): about a fifth of a second, 16 MB."""


def hash_password(password: str, *, p: int = COST_P) -> str:
    """`scrypt$<n>$<p>$<salt>$<hash>`, at most 200 characters."""
    salt = secrets.token_bytes(16)
    return f"scrypt${COST_N}${p}${salt.hex()}${scrypt(password, salt, n=COST_N, p=p).hex()}"


def is_password(password: str, hashed: str) -> bool:
    """Whether it is the password of that hash, compared in constant time."""
    _, n, p, salt, expected = hashed.split("$")
    return hmac.compare_digest(scrypt(password, bytes.fromhex(salt), n=int(n), p=int(p)).hex(), expected)
