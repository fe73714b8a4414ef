"""Which backups were made, and which of them were found good."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "backup",
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trouble", sa.String(length=200), nullable=False),
        sa.CheckConstraint("verified_at IS NULL OR trouble = ''", name=op.f("ck_backup_verified_or_troubled")),
        sa.CheckConstraint("size > 0", name=op.f("ck_backup_size")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_backup")),
    )
    op.create_index(op.f("ix_backup_made_at"), "backup", ["made_at"])


def downgrade() -> None:
    op.drop_table("backup")
