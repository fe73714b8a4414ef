"""Encryption and keyed hashes for the rules: `vault(session)` gives what works with the platform's data keys.

What a vault does is in `db.vault`; how the data keys are kept, in `db.keys`.
"""

import hashlib

from sqlalchemy.orm import Session

from db.vault import Vault, vault_of

__all__ = ["Vault", "scrypt", "vault", "vault_of"]


def vault(session: Session) -> Vault:
    """The vault of the platform the session belongs to."""
    found: Vault = session.info["vault"]
    return found


def scrypt(text: str, salt: bytes, *, n: int, p: int) -> bytes:
    """32 bytes of scrypt (RFC 7914) with r = 8; takes 1024 * n bytes of memory and lets other threads run."""
    return hashlib.scrypt(text.encode(), salt=salt, n=n, r=8, p=p, maxmem=2048 * n + 2**20, dklen=32)
