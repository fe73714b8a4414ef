"""A person can work at several schools with one address, which a link to a new one changes; what a school decides about
its next year is kept until it is carried out."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

ACCOUNTS = "account_id IS NULL"
ONE_ACCOUNT = (
    "account_id IS NULL OR (account_id <> id AND school_id IS NOT NULL AND password_hash IS NULL "
    "AND totp_encrypted IS NULL AND totp_pending_encrypted IS NULL)"
)


def upgrade() -> None:
    with op.batch_alter_table("staff") as table:
        table.add_column(sa.Column("account_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True))
        table.add_column(sa.Column("passkeys_know", sa.Integer(), nullable=True))
        table.drop_constraint(op.f("uq_staff_email"), type_="unique")
        table.create_unique_constraint(op.f("uq_staff_id_email"), ["id", "email"])
        table.create_unique_constraint(op.f("uq_staff_school_id_email"), ["school_id", "email"])
        table.create_check_constraint(op.f("ck_staff_one_account"), ONE_ACCOUNT)
        table.create_check_constraint(op.f("ck_staff_joined"), "joined_at IS NULL OR account_id IS NOT NULL")
        table.create_foreign_key(
            op.f("fk_staff_account_id_email"), "staff", ["account_id", "email"], ["id", "email"], onupdate="CASCADE"
        )
    op.create_index(op.f("ix_staff_account_id"), "staff", ["account_id"])
    op.create_index(
        "uq_staff_account_email",
        "staff",
        ["email"],
        unique=True,
        sqlite_where=sa.text(ACCOUNTS),
        postgresql_where=sa.text(ACCOUNTS),
    )
    with op.batch_alter_table("staff_link") as table:
        table.add_column(sa.Column("new_email", sa.String(length=254), nullable=True))
        table.drop_constraint(op.f("ck_staff_link_purpose"), type_="check")
        table.create_check_constraint(op.f("ck_staff_link_purpose"), "purpose IN ('invitation', 'reset', 'new_email')")
        table.create_check_constraint(
            op.f("ck_staff_link_new_email"), "(purpose = 'new_email') = (new_email IS NOT NULL)"
        )
    op.create_table(
        "rollover_draft",
        sa.Column("school_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("start", sa.SmallInteger(), nullable=False),
        sa.Column("wishes", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_rollover_draft_school_id")),
        sa.PrimaryKeyConstraint("school_id", name=op.f("pk_rollover_draft")),
    )


def downgrade() -> None:
    """Who works at several schools keeps the account; the other schools' rows stay, under an address of their own."""
    op.drop_table("rollover_draft")
    op.execute("DELETE FROM staff_link WHERE purpose = 'new_email'")
    with op.batch_alter_table("staff_link") as table:
        table.drop_constraint(op.f("ck_staff_link_new_email"), type_="check")
        table.drop_constraint(op.f("ck_staff_link_purpose"), type_="check")
        table.create_check_constraint(op.f("ck_staff_link_purpose"), "purpose IN ('invitation', 'reset')")
        table.drop_column("new_email")
    op.drop_index("uq_staff_account_email", table_name="staff")
    op.drop_index(op.f("ix_staff_account_id"), table_name="staff")
    with op.batch_alter_table("staff") as table:
        table.drop_constraint(op.f("fk_staff_account_id_email"), type_="foreignkey")
        table.drop_constraint(op.f("ck_staff_joined"), type_="check")
        table.drop_constraint(op.f("ck_staff_one_account"), type_="check")
        table.drop_constraint(op.f("uq_staff_school_id_email"), type_="unique")
        table.drop_constraint(op.f("uq_staff_id_email"), type_="unique")
    op.execute(
        "UPDATE staff SET email = id || '.' || substr(email, 1, 240), is_active = false WHERE account_id IS NOT NULL"
    )
    # Secrets that wait for their first code are begun anew: the column has to carry its CHECK itself again, as 0016
    # drops both together, and copying the table on SQLite has parted them.
    op.execute("UPDATE staff SET totp_pending_encrypted = NULL, totp_pending_until = NULL")
    with op.batch_alter_table("staff") as table:
        table.create_unique_constraint(op.f("uq_staff_email"), ["email"])
        table.drop_constraint(op.f("ck_staff_totp_pending"), type_="check")
        for column in ("passkeys_know", "joined_at", "account_id", "totp_pending_until"):
            table.drop_column(column)
    kind = "TIMESTAMP WITH TIME ZONE" if op.get_bind().dialect.name == "postgresql" else "DATETIME"
    op.execute(
        f"ALTER TABLE staff ADD COLUMN totp_pending_until {kind} CONSTRAINT ck_staff_totp_pending "
        "CHECK ((totp_pending_encrypted IS NULL) = (totp_pending_until IS NULL))"
    )
