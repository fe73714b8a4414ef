"""Encryption and keyed hashes under the platform's secret key.

Every purpose has a key of its own, derived by HKDF-SHA-256 (RFC 5869), so that what leaks of one opens no other.
The session carries the secret key (see db.session): `vault(session)` gives what works with it.
"""

import hashlib
import hmac
import secrets
from functools import lru_cache

from sqlalchemy.orm import Session

SALT = b"InfoServ e-School"
NONCE_BYTES = 12


class Vault:
    """Encrypts, decrypts and hashes; `purpose` is a name such as "national id" and must never change."""

    def __init__(self, key: bytes) -> None:
        self._extracted = hmac.digest(SALT, key, "sha256")
        self._keys: dict[str, bytes] = {}

    def key_for(self, purpose: str) -> bytes:
        """The 32-byte key of one purpose: HKDF's expand step, one block of it."""
        key = self._keys.get(purpose)
        if key is None:
            key = self._keys[purpose] = hmac.digest(self._extracted, purpose.encode() + b"\x01", "sha256")
        return key

    def fingerprint(self, purpose: str, text: str) -> bytes:
        """32 bytes by which a text is found again without being stored: HMAC-SHA-256."""
        return hmac.digest(self.key_for(f"{purpose}: fingerprint"), text.encode(), "sha256")

    def encrypt(self, purpose: str, text: str) -> bytes:
        """Nonce and AES-256-GCM ciphertext; the same text gives other bytes every time."""
        return self.encrypt_bytes(purpose, text.encode())

    def encrypt_bytes(self, purpose: str, data: bytes) -> bytes:
        """The same for a whole file."""
        # Imported where it is used: a call's path only hashes, and the plain script should start fast.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + AESGCM(self.key_for(f"{purpose}: encryption")).encrypt(nonce, data, None)

    def decrypt(self, purpose: str, encrypted: bytes) -> str:
        """The text again. Raises cryptography.exceptions.InvalidTag for another key, purpose or altered bytes."""
        return self.decrypt_bytes(purpose, encrypted).decode()

    def decrypt_bytes(self, purpose: str, encrypted: bytes) -> bytes:
        """The file again; raises as `decrypt` does."""
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key = AESGCM(self.key_for(f"{purpose}: encryption"))
        return key.decrypt(encrypted[:NONCE_BYTES], encrypted[NONCE_BYTES:], None)


@lru_cache(maxsize=8)
def vault_of(key: bytes) -> Vault:
    """The vault of one secret key."""
    return Vault(key)


def vault(session: Session) -> Vault:
    """The vault of the platform the session belongs to."""
    return vault_of(session.info["key"])


def scrypt(text: str, salt: bytes, *, n: int, p: int) -> bytes:
    """32 bytes of scrypt (RFC 7914) with r = 8; takes 1024 * n bytes of memory and lets other threads run."""
    return hashlib.scrypt(text.encode(), salt=salt, n=n, r=8, p=p, maxmem=2048 * n + 2**20, dklen=32)
