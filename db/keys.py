"""The secret key and the data keys: which key belongs to this database, and proving it at every start.

What the database holds is encrypted under a data key. The data keys lie in the database, each wrapped with the secret
key (envelope encryption), with the secret key's fingerprint beside it. So a missing or another key is noticed before
anything is read or written with it, and exchanging the secret key costs as many rows as there are data keys.

The first data key is the secret key's own derivation: databases from before there were data keys need no change.
"""

import hmac
import secrets
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select, text, update

import logs
from db.base import Base
from db.models import DataKey
from db.vault import NONCE_BYTES, TAG_BYTES, Vault, derived, extracted
from errors import OperationError

log = logs.get(__name__)

ENCRYPTED = "encrypted"
"""The key of a column's `info` that names the purpose it is encrypted for."""
SAMPLES = 3
"""Values of each column, from either end, that are tried before a key is believed."""


class KeyRefusedError(OperationError):
    """The secret key is not the database's, or its data key is being exchanged: nothing is read, nothing written."""


def fingerprint(secret_key: bytes) -> str:
    """`3f2a-91bc-07de-5544`: tells two secret keys apart and helps nobody to guess one."""
    digits = derived(extracted(secret_key), "fingerprint of the secret key")[:8].hex()
    return "-".join(digits[start : start + 4] for start in range(0, 16, 4))


def opened(connection: Connection, secret_key: bytes, *, unfinished: bool = False) -> Vault | None:
    """The vault of this database; None: it has no data key yet, see `establish`.

    Raises KeyRefusedError for another secret key, and while a data key is being exchanged unless `unfinished`.
    """
    rows = connection.execute(
        select(DataKey.version, DataKey.secret_key, DataKey.wrapped, DataKey.completed_at).order_by(DataKey.version)
    ).all()
    if not rows:
        return None
    own = fingerprint(secret_key)
    if any(not hmac.compare_digest(row.secret_key, own) for row in rows):
        raise KeyRefusedError(
            f"The secret key is not this database's (its fingerprint is {own}, the database was written with "
            f"{rows[-1].secret_key}): put back the right <home>/secret.key or ESCHOOL_SECRET_KEY, or run "
            "`eschool key rotate` again if it was interrupted."
        )
    if rows[-1].completed_at is None and not unfinished:
        raise KeyRefusedError(
            "The data key of this database is being exchanged: wait for `eschool key rotate --data-keys` to end, "
            "or run it again if it was interrupted."
        )
    data_keys = {row.version: _unwrapped(secret_key, row.version, row.wrapped) for row in rows}
    return Vault(secret_key, data_keys=data_keys)


def establish(connection: Connection, secret_key: bytes) -> Vault:
    """The vault of this database, whose first data key is noted if there is none; for a transaction that may write.

    Raises KeyRefusedError for another secret key: one that opens nothing of what is there is another one too.
    """
    found = opened(connection, secret_key, unfinished=True)
    if found is None:
        lock(connection)
        found = opened(connection, secret_key, unfinished=True)
    if found is not None:
        return found
    vault = Vault(secret_key)
    read, unreadable = tried(connection, vault)
    if unreadable and not read:
        raise KeyRefusedError(
            f"The secret key (fingerprint {fingerprint(secret_key)}) opens nothing of what this database holds "
            "encrypted: put back the right <home>/secret.key or ESCHOOL_SECRET_KEY."
        )
    if unreadable:
        log.error("key.values_unreadable", read=read, unreadable=unreadable)
    now = datetime.now(UTC)
    connection.execute(
        insert(DataKey).values(
            version=1, secret_key=fingerprint(secret_key), wrapped=None, created_at=now, completed_at=now
        )
    )
    log.info("key.noted", fingerprint=fingerprint(secret_key))
    return vault


def lock(connection: Connection) -> None:
    """Let one transaction at a time change the keys: SQLite's BEGIN IMMEDIATE does already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("LOCK TABLE data_key IN SHARE ROW EXCLUSIVE MODE"))


def rewrap(connection: Connection, old: bytes, new: bytes) -> None:
    """Wrap all data keys with another secret key. Raises KeyRefusedError as `opened` does."""
    vault = opened(connection, old, unfinished=True)
    if vault is None:
        vault = establish(connection, old)
    for version, data_key in vault.data_keys.items():
        connection.execute(
            update(DataKey)
            .where(DataKey.version == version)
            .values(secret_key=fingerprint(new), wrapped=_wrapped(new, version, data_key))
        )


def begin_another(connection: Connection, secret_key: bytes) -> None:
    """Add a random data key, under which everything is to be encrypted from now on."""
    vault = establish(connection, secret_key)
    connection.execute(
        insert(DataKey).values(
            version=vault.version + 1,
            secret_key=fingerprint(secret_key),
            wrapped=_wrapped(secret_key, vault.version + 1, secrets.token_bytes(32)),
            created_at=datetime.now(UTC),
            completed_at=None,
        )
    )


def is_unfinished(connection: Connection) -> bool:
    """Whether a data key is being exchanged."""
    statement = select(DataKey.version).where(DataKey.completed_at.is_(None)).limit(1)
    return connection.execute(statement).first() is not None


def complete(connection: Connection) -> None:
    """Everything is encrypted under the newest data key."""
    connection.execute(update(DataKey).where(DataKey.completed_at.is_(None)).values(completed_at=datetime.now(UTC)))


def written_with(connection: Connection) -> str | None:
    """The fingerprint of the secret key that the database was written with; None: it holds none yet."""
    return connection.execute(select(DataKey.secret_key).order_by(DataKey.version.desc()).limit(1)).scalar()


def encrypted_columns() -> list[tuple[type[Base], str, str]]:
    """(model, attribute, purpose) of every column that holds encrypted bytes."""
    return [
        (mapper.class_, attribute.key, column.info[ENCRYPTED])
        for mapper in Base.registry.mappers
        for attribute in mapper.column_attrs
        for column in attribute.columns
        if ENCRYPTED in column.info
    ]


def tried(connection: Connection, vault: Vault) -> tuple[int, int]:
    """How many of some encrypted values, the oldest and the newest of each kind, this vault reads, and how many not."""
    read = unreadable = 0
    for model, attribute, purpose in encrypted_columns():
        column = getattr(model, attribute)
        first_column = model.__mapper__.primary_key[0]
        for order in (first_column.asc(), first_column.desc()):
            for value in connection.execute(
                select(column).where(column.is_not(None)).order_by(order).limit(SAMPLES)
            ).scalars():
                if len(value) < NONCE_BYTES + TAG_BYTES:
                    continue  # nothing that was ever encrypted
                if vault.reads(purpose, value):
                    read += 1
                else:
                    unreadable += 1
    return read, unreadable


def _wrapping_key(secret_key: bytes) -> bytes:
    return derived(extracted(secret_key), "wrapping of data keys")


def _wrapped(secret_key: bytes, version: int, data_key: bytes) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(_wrapping_key(secret_key)).encrypt(nonce, data_key, str(version).encode())


def _unwrapped(secret_key: bytes, version: int, wrapped: bytes | None) -> bytes:
    if wrapped is None:
        return extracted(secret_key)
    # Imported where it is used: the plain script should start fast.
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        return AESGCM(_wrapping_key(secret_key)).decrypt(
            wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], str(version).encode()
        )
    except InvalidTag:
        raise KeyRefusedError(
            f"The data key {version} of this database is damaged: restore the table data_key from a backup."
        ) from None
