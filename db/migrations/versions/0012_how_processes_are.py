"""How processes, dialers and links are stood in three tables; it is one, with a row for each part of a process.

Nothing is moved: a row is news of some seconds, and every process says it again five seconds after its start.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("dialer_status")
    op.drop_table("link_status")
    op.drop_table("process_status")
    op.create_table(
        "process_status",
        sa.Column("process", sa.String(length=20), nullable=False),
        sa.Column("instance", sa.String(length=80), nullable=False),
        sa.Column("part", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("works", sa.Boolean(), nullable=False),
        sa.Column("last_error", sa.String(length=200), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("process", "instance", "part", name=op.f("pk_process_status")),
    )


def downgrade() -> None:
    op.drop_table("process_status")
    op.create_table(
        "process_status",
        sa.Column("process", sa.String(length=20), nullable=False),
        sa.Column("instance", sa.String(length=80), nullable=False),
        *_said(),
        sa.PrimaryKeyConstraint("process", "instance", name=op.f("pk_process_status")),
    )
    op.create_table(
        "link_status",
        sa.Column("gateway", sa.String(length=80), nullable=False),
        sa.Column("link", sa.String(length=80), nullable=False),
        sa.Column("operator", sa.String(length=32), nullable=False),
        *_said(),
        sa.PrimaryKeyConstraint("gateway", "link", name=op.f("pk_link_status")),
    )
    op.create_table(
        "dialer_status",
        sa.Column("dialer", sa.String(length=80), nullable=False),
        *_said(),
        sa.PrimaryKeyConstraint("dialer", name=op.f("pk_dialer_status")),
    )


def _said() -> list[sa.Column[object]]:
    return [
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("last_error", sa.String(length=200), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
    ]
