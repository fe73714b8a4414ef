"""Alembic's entry: runs the migrations on the connection that `db.migrate` hands over."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Enum

from db.columns import Hundredths, TZDateTime
from db.migrations.online import OWN_TRANSACTIONS, OnlineImpl
from db.models import Base


def render_item(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write plain types into a migration: it must mean the same when our own types have changed."""
    if kind != "type":
        return False
    if isinstance(item, TZDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, Hundredths):
        return "sa.Integer()"
    if isinstance(item, Enum):
        values = ", ".join(repr(value) for value in item.enums)
        return f"sa.Enum({values}, name={item.name!r}, native_enum=False, create_constraint=True, length={item.length})"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_item=render_item,
    render_as_batch=True,  # SQLite changes a table by copying it
    compare_server_default=True,
    transaction_per_migration=True,  # where the caller has no transaction of its own: PostgreSQL
)
impl = context.get_context().impl
if isinstance(impl, OnlineImpl):
    impl.is_gentle = OWN_TRANSACTIONS in context.config.attributes
with context.begin_transaction():
    context.run_migrations()
