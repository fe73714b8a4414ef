"""After which levels students left a school at the turn of its year."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rollover", sa.Column("finishing", sa.JSON(), server_default="[7, 12]", nullable=False))
    with op.batch_alter_table("rollover") as table:  # Only what was there had the levels that every school has.
        table.alter_column("finishing", server_default=None)


def downgrade() -> None:
    op.drop_column("rollover", "finishing")
