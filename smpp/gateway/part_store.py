"""Parts of long texts in the database, so that they survive a crash and several gateways share them."""

from collections.abc import Iterable
from datetime import datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, delete, insert, select, text, tuple_
from sqlalchemy.orm import Session

from db.models import InboundPart
from school.security.crypto import vault
from smpp.protocol.reassembly import Assembly, Key, PartPayload

PURPOSE = "inbound part"
AT_ONCE = 200


class PartStore:
    """The Store of `smpp.protocol.reassembly`, in one transaction. Octets are encrypted: parents write national ids."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._vault = vault(session)

    def load(self, key: Key) -> Assembly | None:
        """The assembly under the key; whoever else wants it waits until this transaction ends."""
        if self._session.get_bind().dialect.name == "postgresql":
            name = "\0".join((key.operator, key.source, key.destination, key.kind, str(key.reference)))
            number = int.from_bytes(self._vault.fingerprint(PURPOSE, name)[:8], "big", signed=True)
            self._session.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": number})
        return self._assembly(self._session.scalars(select(InboundPart).where(_is(key))).all())

    def save(self, key: Key, assembly: Assembly) -> None:
        """Insert or replace."""
        self.remove(key)
        self._session.execute(
            insert(InboundPart),
            [
                {
                    "operator": key.operator,
                    "source": key.source,
                    "destination": key.destination,
                    "kind": key.kind,
                    "reference": key.reference,
                    "number": number,
                    "total": assembly.total,
                    "octets": self._vault.encrypt(PURPOSE, part.octets.decode("latin-1")),
                    "data_coding": part.data_coding,
                    "first_at": assembly.first_at,
                }
                for number, part in assembly.parts.items()
            ],
        )

    def remove(self, key: Key) -> None:
        """Forget."""
        self._session.execute(delete(InboundPart).where(_is(key)).execution_options(synchronize_session=False))

    def begun_before(self, moment: datetime) -> Iterable[tuple[Key, Assembly]]:
        """Some assemblies whose first part came before the moment; nobody else gets the same at the same time."""
        columns = (
            InboundPart.operator,
            InboundPart.source,
            InboundPart.destination,
            InboundPart.kind,
            InboundPart.reference,
        )
        rows = self._session.scalars(
            select(InboundPart)
            .where(
                tuple_(*columns).in_(select(*columns).where(InboundPart.first_at < moment).distinct().limit(AT_ONCE))
            )
            .with_for_update(skip_locked=True)
        ).all()
        found: dict[Key, list[InboundPart]] = {}
        for row in rows:
            key = Key(row.operator, row.source, row.destination, row.kind, row.reference)
            found.setdefault(key, []).append(row)
        return [(key, assembly) for key, of_key in found.items() if (assembly := self._assembly(of_key))]

    def _assembly(self, rows: Iterable[InboundPart]) -> Assembly | None:
        parts: dict[int, PartPayload] = {}
        first: Any = None
        for row in rows:
            octets = self._vault.decrypt(PURPOSE, row.octets).encode("latin-1")
            parts[row.number] = PartPayload(octets, row.data_coding)
            first = first or row
        return Assembly(first.total, first.first_at, MappingProxyType(parts)) if first else None


def _is(key: Key) -> ColumnElement[bool]:
    return (
        (InboundPart.operator == key.operator)
        & (InboundPart.source == key.source)
        & (InboundPart.destination == key.destination)
        & (InboundPart.kind == key.kind)
        & (InboundPart.reference == key.reference)
    )
