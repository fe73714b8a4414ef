"""Subscribers to whom calls speak slowly."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0036"
branch_labels = None
depends_on = None

INDEX = "ix_subscriber_slow_speech"


def upgrade() -> None:
    op.add_column("subscriber", sa.Column("slow_speech", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(
        INDEX,
        "subscriber",
        ["slow_speech"],
        sqlite_where=sa.text("slow_speech = 1"),
        postgresql_where=sa.text("slow_speech"),
    )


def downgrade() -> None:
    op.drop_index(INDEX, table_name="subscriber")
    op.drop_column("subscriber", "slow_speech")
