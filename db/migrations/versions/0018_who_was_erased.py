"""The list of who was erased, by id, so that nobody comes back with a backup; guardians say since when they are known.

An id alone would not do: SQLite gives the id of the last row again once that row is deleted.
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0015"
branch_labels = None
depends_on = None

KINDS = "kind IN ('student', 'guardian', 'subscriber', 'staff')"
GROUNDS = "ground IN ('expired', 'not_needed', 'consent_withdrawn', 'objection', 'unlawful', 'legal_duty')"


def upgrade() -> None:
    op.create_table(
        "erasure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("row_id", sa.Integer(), nullable=False),
        sa.Column("row_created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ground", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(KINDS, name=op.f("ck_erasure_kind")),
        sa.CheckConstraint(GROUNDS, name=op.f("ck_erasure_ground")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_erasure_school_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_erasure_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasure")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_erasure_school_id_at"), "erasure", ["school_id", "at"])
    op.add_column(
        "guardian",
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default="2000-01-01 00:00:00+00:00"),
    )


def downgrade() -> None:
    with op.batch_alter_table("guardian") as table:
        table.drop_column("created_at")
    op.drop_table("erasure")
