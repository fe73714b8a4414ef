"""What a migration does to tables in use keeps nobody waiting, whoever wrote it: PostgreSQL is told the gentle way.

A new CHECK or foreign key of a table that was there before is not valid yet: it holds for new rows at once, and the old
ones are read afterwards, while everybody writes. An index of such a table is left out, and built afterwards beside the
table's use. `finish` does both. It looks for what is missing, so it also mends what a run before could not finish.

A unique index or constraint is made at once: what a migration does next may rely on it.
"""

from typing import Any

from alembic import op
from alembic.ddl.postgresql import PostgresqlImpl
from sqlalchemy import CheckConstraint, Connection, Constraint, ForeignKeyConstraint, Index, Table, inspect, text
from sqlalchemy.schema import CreateIndex

import logs
from db.base import Base

log = logs.get(__name__)

OWN_TRANSACTIONS = "own transactions"
"""The attribute of Alembic's configuration by which `db.migrate` says that each step has a transaction of its own."""
LOCK_TIMEOUT = "4s"
"""How long a step may wait for a lock: whoever comes after it waits for as long."""


class OnlineImpl(PostgresqlImpl):
    """Alembic's PostgreSQL; it registers itself in place of Alembic's own by being imported."""

    __dialect__ = "postgresql"
    is_gentle = False
    """Set by the environment where `finish` follows."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._new: set[str] = set()

    def create_table(self, table: Table, **named: Any) -> None:
        """Nobody uses it yet."""
        self._new.add(table.name)
        super().create_table(table, **named)

    def add_constraint(self, const: Constraint, **named: Any) -> None:
        """Valid at once only in a new table."""
        if self._is_used(const.table) and isinstance(const, CheckConstraint | ForeignKeyConstraint):
            const.dialect_options["postgresql"]["not_valid"] = True
        super().add_constraint(const, **named)

    def create_index(self, index: Index, **named: Any) -> None:
        """At once only in a new table, or where it is a rule."""
        if index.unique or index.table is None or not self._is_used(index.table):
            super().create_index(index, **named)

    def drop_index(self, index: Index, **named: Any) -> None:
        """It may have been left out by an earlier step of the same run."""
        if self.is_gentle:
            named["if_exists"] = True
        super().drop_index(index, **named)

    def _is_used(self, table: Table) -> bool:
        return self.is_gentle and table.name not in self._new


def is_gentle() -> bool:
    """Whether others may use the tables while the migration that asks is run."""
    impl = op.get_context().impl
    return isinstance(impl, OnlineImpl) and impl.is_gentle


def finish(connection: Connection) -> None:
    """Check old rows and build indexes while others write. The connection commits each statement."""
    connection.execute(text("SET lock_timeout = 0"))  # it waits for readers, and nobody waits for it meanwhile
    not_valid = connection.execute(
        text(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint "
            "WHERE NOT convalidated AND connamespace = current_schema()::regnamespace ORDER BY 1, 2"
        )
    ).all()
    for table, name in not_valid:
        connection.execute(text(f'ALTER TABLE {table} VALIDATE CONSTRAINT "{name}"'))
    broken = connection.execute(
        text(
            "SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid "
            "WHERE NOT indisvalid AND relnamespace = current_schema()::regnamespace"
        )
    ).scalars()
    for name in broken.all():  # half an index, of a run that was ended
        connection.execute(text(f'DROP INDEX CONCURRENTLY IF EXISTS "{name}"'))
    for index in _missing(connection):
        log.info("database.index_built", index=index.name)
        made = str(CreateIndex(index).compile(dialect=connection.dialect))
        connection.execute(text(made.replace(" INDEX ", " INDEX CONCURRENTLY ", 1)))


def _missing(connection: Connection) -> list[Index]:
    """Indexes of the models that the database has not."""
    inspector = inspect(connection)
    found = []
    for table in Base.metadata.sorted_tables:
        there = {index["name"] for index in inspector.get_indexes(table.name)}
        found += sorted(
            (index for index in table.indexes if index.name not in there), key=lambda index: str(index.name)
        )
    return found
