"""Ids that have 32 bits in a database of before and 64 in the models: which they are, and widening them.

PostgreSQL writes a table and its indexes anew for that, and keeps everybody out of it meanwhile. A migration does so
for small tables only; for others the operator chooses the time.
"""

from dataclasses import dataclass

from sqlalchemy import BigInteger, Connection, inspect, text
from sqlalchemy.dialects import postgresql

from db.models import Base

LARGEST = 2**31 - 1


@dataclass(frozen=True, slots=True)
class NarrowTable:
    """A table with columns to widen. `used`: the share of its ids that are given away, 0 to 1."""

    name: str
    columns: tuple[str, ...]
    bytes: int
    used: float


def narrow(connection: Connection) -> tuple[NarrowTable, ...]:
    """The tables to widen, the fullest first; SQLite has none."""
    if connection.dialect.name != "postgresql":
        return ()
    inspector = inspect(connection)
    found = []
    for table in Base.metadata.sorted_tables:
        wide = {column.name for column in table.c if isinstance(column.type, BigInteger)}
        kinds = {column["name"]: column["type"] for column in inspector.get_columns(table.name)} if wide else {}
        columns = tuple(sorted(name for name in wide if not isinstance(kinds[name], BigInteger | postgresql.BIGINT)))
        if columns:
            found.append(
                NarrowTable(table.name, columns, _bytes(connection, table.name), _used(connection, table.name))
            )
    return tuple(sorted(found, key=lambda one: -one.used))


def widen(connection: Connection, table: NarrowTable) -> None:
    """Write it anew. Repeated, it goes on where it was."""
    changes = ", ".join(f'ALTER COLUMN "{column}" TYPE bigint' for column in table.columns)
    connection.execute(text(f'ALTER TABLE "{table.name}" {changes}'))
    if "id" in table.columns:
        connection.execute(text(f'ALTER SEQUENCE "{table.name}_id_seq" AS bigint'))


def _bytes(connection: Connection, table: str) -> int:
    found: int = connection.execute(
        text("SELECT pg_total_relation_size(CAST(:name AS regclass))"), {"name": f'"{table}"'}
    ).scalar_one()
    return found


def _used(connection: Connection, table: str) -> float:
    """By the sequence that gives the ids; a table without one has those of another."""
    last = connection.execute(
        text("SELECT last_value FROM pg_sequences WHERE schemaname = current_schema() AND sequencename = :name"),
        {"name": f"{table}_id_seq"},
    ).scalar()
    return (last or 0) / LARGEST
