"""Staff passwords: scrypt with a random salt, its cost written beside it so that it can grow."""

import hmac
import secrets

from school.secrecy import scrypt

COST_N, COST_P = 2**14, 5
"""As OWASP's password storage guide asks of scrypt (r = 8): about a fifth of a second, 16 MB."""
GENERATED_N, GENERATED_P = 2**12, 1
"""For random passwords of 48 bits and more: no list of usual ones helps against them, a cheap hash serves."""


def hash_password(password: str, *, n: int = COST_N, p: int = COST_P) -> str:
    """`scrypt$<n>$<p>$<salt>$<hash>`, at most 200 characters; `n` and `p` are scrypt's cost."""
    salt = secrets.token_bytes(16)
    return f"scrypt${n}${p}${salt.hex()}${scrypt(password, salt, n=n, p=p).hex()}"


def is_password(password: str, hashed: str) -> bool:
    """Whether it is the password of that hash, compared in constant time."""
    _, n, p, salt, expected = hashed.split("$")
    return hmac.compare_digest(scrypt(password, bytes.fromhex(salt), n=int(n), p=int(p)).hex(), expected)
