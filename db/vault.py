"""Encryption and keyed hashes under the platform's data keys.

Every purpose has a key of its own, derived by HKDF-SHA-256 (RFC 5869), so that what leaks of one opens no other. Which
data keys there are, and how the secret key protects them, is in `db.keys`.
"""

import hmac
import secrets
from collections.abc import Mapping
from functools import cached_property, lru_cache

SALT = b"InfoServ e-School"
NONCE_BYTES, TAG_BYTES = 12, 16


def extracted(secret_key: bytes) -> bytes:
    """HKDF's extract step: 32 bytes that a secret key of any length gives."""
    return hmac.digest(SALT, secret_key, "sha256")


def derived(extract: bytes, purpose: str) -> bytes:
    """HKDF's expand step, one block of it: the 32-byte key of one purpose."""
    return hmac.digest(extract, purpose.encode() + b"\x01", "sha256")


class Vault:
    """Encrypts, decrypts and hashes; `purpose` is a name such as "national id" and must never change.

    `Vault(key)` is the vault of a platform whose data key was never exchanged: it is the secret key's own.
    """

    def __init__(self, key: bytes, *, data_keys: Mapping[int, bytes] | None = None) -> None:
        """data_keys: 32 bytes by version; the newest is in force, the others read what is left of before."""
        self._data_keys = {1: extracted(key)} if data_keys is None else dict(data_keys)
        self.version = max(self._data_keys)
        """The version of the data key in force."""
        self._data_key = self._data_keys[self.version]
        self._keys: dict[str, bytes] = {}

    @cached_property
    def earlier(self) -> tuple["Vault", ...]:
        """The vaults of the retired data keys, newest first, each with no other key than its own."""
        older = sorted(self._data_keys.items(), reverse=True)[1:]
        return tuple(Vault(b"", data_keys={version: key}) for version, key in older)

    @property
    def first(self) -> "Vault":
        """The vault of the oldest data key: for what cannot be computed anew when the data key is exchanged."""
        return self.earlier[-1] if self.earlier else self

    @property
    def data_keys(self) -> Mapping[int, bytes]:
        """All data keys by version."""
        return self._data_keys

    def key_for(self, purpose: str) -> bytes:
        """The 32-byte key of one purpose."""
        key = self._keys.get(purpose)
        if key is None:
            key = self._keys[purpose] = derived(self._data_key, purpose)
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
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        key = AESGCM(self.key_for(f"{purpose}: encryption"))
        try:
            return key.decrypt(encrypted[:NONCE_BYTES], encrypted[NONCE_BYTES:], None)
        except InvalidTag:
            for vault in self.earlier:
                if vault.reads(purpose, encrypted):
                    return vault.decrypt_bytes(purpose, encrypted)
            raise

    def reads(self, purpose: str, encrypted: bytes) -> bool:
        """Whether it was encrypted for this purpose under the data key in force, and is whole."""
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        try:
            AESGCM(self.key_for(f"{purpose}: encryption")).decrypt(
                encrypted[:NONCE_BYTES], encrypted[NONCE_BYTES:], None
            )
        except (InvalidTag, ValueError):
            return False
        return True


@lru_cache(maxsize=8)
def vault_of(key: bytes) -> Vault:
    """The vault of a secret key alone: of what is no data of the database, such as cookies."""
    return Vault(key)
