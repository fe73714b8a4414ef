"""Who may do what only one host does is a lease in the database; ids of what grows for ever have 64 bits.

PostgreSQL writes a table anew to widen a column, and nobody reads or writes it meanwhile. So only tables of up to
`LARGEST` bytes, which take about a second, are widened here; the others as `eschool db widen` does it when the operator
has time. Both widths work with the program. Where nobody uses the tables, as in a restore, all are widened. SQLite's
whole numbers have 64 bits anyway.
"""

import sqlalchemy as sa
from alembic import op

from db.migrations.online import is_gentle

revision = "0025"
down_revision = "0023"
branch_labels = None
depends_on = None

LARGEST = 32 * 1024 * 1024
WIDE = {
    "absence": ("id",),
    "audit": ("id", "entity_id"),
    "brought_grade": ("id",),
    "call": ("id",),
    "call_attempt": ("id", "family_id", "message_id"),
    "call_step": ("call_id",),
    "campaign": ("event_id",),
    "campaign_child": ("family_id",),
    "campaign_family": ("id", "message_id"),
    "campaign_telephone": ("family_id",),
    "enrolment": ("id",),
    "erasure": ("id", "row_id"),
    "grade": ("id",),
    "health_note": ("id",),
    "heard_event": ("event_id",),
    "inbound_text": ("id",),
    "message": ("id",),
    "message_part": ("message_id",),
    "notification": ("id", "event_id", "message_id"),
    "remark": ("id",),
    "sanction": ("id",),
    "school_event": ("id",),
}


def upgrade() -> None:
    op.create_table(
        "lease",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(length=80), nullable=False),
        sa.Column("term", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    if op.get_context().dialect.name == "postgresql":
        for table, columns in WIDE.items():
            if not is_gentle() or _bytes_of(table) <= LARGEST:
                _change(table, columns, "bigint")


def downgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        for table, columns in WIDE.items():
            _change(table, columns, "integer")
    op.drop_table("lease")


def _bytes_of(table: str) -> int:
    found: int = (
        op.get_bind()
        .execute(sa.text("SELECT pg_relation_size(CAST(:name AS regclass))"), {"name": f'"{table}"'})
        .scalar_one()
    )
    return found


def _change(table: str, columns: tuple[str, ...], kind: str) -> None:
    changes = ", ".join(f'ALTER COLUMN "{column}" TYPE {kind}' for column in columns)
    op.execute(f'ALTER TABLE "{table}" {changes}')
    if columns[0] == "id":
        op.execute(f'ALTER SEQUENCE "{table}_id_seq" AS {kind}')
