"""Exchanging the data key: all that is encrypted or hashed under the former one is written anew, batch by batch.

It may be stopped and begun again at any time: a row tells by itself under which key it is. No other process may work
meanwhile; each refuses to start (`db.keys.KeyRefusedError`).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from sqlalchemy import Row, delete, func, select, tuple_, update

import logs
from db import keys
from db.base import Base
from db.models import InboundText, Lockout, Student, Subscription
from db.session import Database
from db.vault import Vault
from school.security import pins

log = logs.get(__name__)

AT_ONCE = 500
"""Rows of one transaction: a fraction of a second."""

Progress = Callable[[str, int, int], None]
"""Called with a table's name, how many of its rows have been looked at, and how many there are."""


@dataclass(frozen=True, slots=True)
class Exchanged:
    """How many rows were written anew, and how many could not be read with any key and stay as they are."""

    written: int
    unreadable: int


def exchange(database: Database, secret_key: bytes, progress: Progress) -> Exchanged:
    """Give the database a new data key, or go on where this was interrupted, until everything is under it.

    `database`: opened with `unfinished`. Lock-outs begin anew, because nobody knows of whom a hash is. Raises
    OperationError when the database fails; what was done so far stays.
    """
    with database.session() as session:
        keys.lock(session.connection())
        if not keys.is_unfinished(session.connection()):
            keys.begin_another(session.connection(), secret_key)
    vault = database.unlock()
    written = unreadable = 0
    for model, write in _tables().items():
        for done in _batches(database, model, write, vault, progress):
            written, unreadable = written + done.written, unreadable + done.unreadable
    with database.session() as session:
        session.execute(delete(Lockout))
        keys.complete(session.connection())
    if unreadable:
        log.error("key.values_unreadable", unreadable=unreadable)
    return Exchanged(written, unreadable)


Change = Callable[[Row[Any], Vault], Mapping[str, Any] | None]
"""What of a row changes under the vault; None: it is under its key already."""


def _tables() -> dict[type[Base], tuple[Sequence[str], Change]]:
    """Table -> the attributes that are read, and what is written anew of them."""
    found: dict[type[Base], dict[str, str]] = {}
    for model, attribute, purpose in keys.encrypted_columns():
        found.setdefault(model, {})[attribute] = purpose
    tables = {model: (_read(model, purposes), _encrypted(model, purposes)) for model, purposes in found.items()}
    tables[Subscription] = (("pin_hash",), _pin)
    return tables


def _read(model: type[Base], purposes: Mapping[str, str]) -> Sequence[str]:
    return (*purposes, "operator", "phone") if model is InboundText else tuple(purposes)


def _encrypted(model: type[Base], purposes: Mapping[str, str]) -> Change:
    def change(row: Row[Any], vault: Vault) -> Mapping[str, Any] | None:
        values: dict[str, Any] = {}
        for attribute, purpose in purposes.items():
            stored = getattr(row, attribute)
            if stored is None or vault.reads(purpose, stored):
                continue
            plain = vault.decrypt_bytes(purpose, stored)
            values[attribute] = vault.encrypt_bytes(purpose, plain)
            if model is Student:
                values["national_id_hash"] = vault.fingerprint(purpose, plain.decode())
            elif model is InboundText:
                seen = "\0".join((row.operator, row.phone, plain.decode()))
                values["fingerprint"] = vault.fingerprint(purpose, seen)
        return values or None

    return change


def _pin(row: Row[Any], vault: Vault) -> Mapping[str, Any] | None:
    if row.pin_hash is None or (fresh := pins.layered(vault, row.pin_hash)) == row.pin_hash:
        return None
    return {"pin_hash": fresh}


def _batches(
    database: Database, model: type[Base], table: tuple[Sequence[str], Change], vault: Vault, progress: Progress
) -> Iterator[Exchanged]:
    attributes, change = table
    identity = [attribute.key for attribute in model.__mapper__.column_attrs if attribute.columns[0].primary_key]
    key = [getattr(model, name) for name in identity]
    wanted = select(*key, *(getattr(model, name) for name in attributes)).order_by(*key).limit(AT_ONCE)
    with database.reading() as session:
        total = session.scalar(select(func.count()).select_from(model)) or 0
    looked_at, after = 0, None
    while True:
        with database.session() as session:
            rows = session.execute(wanted if after is None else wanted.where(tuple_(*key) > after)).all()
            written, unreadable = [], 0
            for row in rows:
                try:
                    values = change(row, vault)
                except (InvalidTag, ValueError):
                    unreadable += 1
                    continue
                if values is not None:
                    written.append({name: getattr(row, name) for name in identity} | dict(values))
            if written:
                session.execute(update(model), written)
        if not rows:
            return
        looked_at, after = looked_at + len(rows), tuple(getattr(rows[-1], name) for name in identity)
        progress(model.__tablename__, looked_at, total)
        yield Exchanged(len(written), unreadable)
