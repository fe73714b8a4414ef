"""What migrations do to big tables while the product works: no lock that writers would wait for.

An index is built beside its table's use. PostgreSQL does so outside a transaction only, so `db.migrate` gives each
migration transactions of its own. What was done before such a step stays done when a later one fails, so each of them
can be repeated.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

OWN_TRANSACTIONS = "own transactions"
"""The attribute of Alembic's configuration by which `db.migrate` says that migrations may commit."""
LOCK_TIMEOUT = "4s"
"""How long a step may wait for a lock: whoever comes after it waits for as long."""


def create_index(name: str, table: str, columns: Sequence[str], *, unique: bool = False, **options: Any) -> None:
    """An index, built while others write. `options`: as for `op.create_index`, such as postgresql_where."""
    if not _may_commit():
        op.create_index(name, table, list(columns), unique=unique, **options)
        return
    with op.get_context().autocommit_block():
        _wait_for_readers()
        if _is_invalid(name):
            op.drop_index(name, table_name=table, postgresql_concurrently=True)
        op.create_index(
            name, table, list(columns), unique=unique, postgresql_concurrently=True, if_not_exists=True, **options
        )
        op.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")


def drop_index(name: str, table: str) -> None:
    """Drop an index while others read and write."""
    if not _may_commit():
        op.drop_index(name, table_name=table)
        return
    with op.get_context().autocommit_block():
        _wait_for_readers()
        op.drop_index(name, table_name=table, postgresql_concurrently=True, if_exists=True)
        op.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")


def _may_commit() -> bool:
    context = op.get_context()
    config = context.config
    return context.dialect.name == "postgresql" and config is not None and OWN_TRANSACTIONS in config.attributes


def _wait_for_readers() -> None:
    """It waits for every transaction that began before it, and nobody waits for it meanwhile."""
    op.execute("SET lock_timeout = 0")


def _is_invalid(name: str) -> bool:
    """Whether an earlier try left half an index."""
    found = sa.text(
        "SELECT 1 FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid "
        "WHERE relname = :name AND relnamespace = current_schema()::regnamespace AND NOT indisvalid"
    )
    return op.get_bind().execute(found, {"name": name}).scalar() is not None
