"""The second step of signing in: the last code that was accepted, passkeys, recovery codes, and who must have one.

Secrets that telephones know already stay valid. The first code of each is accepted whatever its time step, because
none is remembered yet.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff", sa.Column("totp_last_step", sa.BigInteger(), nullable=True))
    op.add_column("staff", sa.Column("totp_pending_encrypted", sa.LargeBinary(), nullable=True))
    # Both databases take a column with its CHECK in one statement; Alembic would copy the table on SQLite.
    kind = "TIMESTAMP WITH TIME ZONE" if op.get_bind().dialect.name == "postgresql" else "DATETIME"
    op.execute(
        f"ALTER TABLE staff ADD COLUMN totp_pending_until {kind} CONSTRAINT ck_staff_totp_pending "
        "CHECK ((totp_pending_encrypted IS NULL) = (totp_pending_until IS NULL))"
    )
    _passkeys()
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("length(code_hash) = 32", name=op.f("ck_recovery_code_hash")),
        _of_staff("recovery_code"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("staff_id", "code_hash", name=op.f("uq_recovery_code_staff_id_code_hash")),
    )
    _demands()


def downgrade() -> None:
    for name in ("second_factor_demand", "recovery_code", "passkey_challenge", "passkey"):
        op.drop_table(name)
    # Both databases drop the CHECK with its column. A copy of the table would take roles and sessions along on SQLite.
    for column in ("totp_pending_until", "totp_pending_encrypted", "totp_last_step"):
        op.drop_column("staff", column)


def _passkeys() -> None:
    op.create_table(
        "passkey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("sign_count >= 0", name=op.f("ck_passkey_sign_count")),
        sa.CheckConstraint("length(name) > 0", name=op.f("ck_passkey_name")),
        _of_staff("passkey"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
    )
    op.create_index(op.f("ix_passkey_staff_id"), "passkey", ["staff_id"])
    op.create_table(
        "passkey_challenge",
        sa.Column("token_hash", sa.LargeBinary(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("challenge", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("purpose IN ('sign_in', 'register', 'prove')", name=op.f("ck_passkey_challenge_purpose")),
        sa.CheckConstraint("(staff_id IS NULL) = (purpose = 'sign_in')", name=op.f("ck_passkey_challenge_staff")),
        sa.CheckConstraint("length(challenge) >= 16", name=op.f("ck_passkey_challenge_challenge")),
        _of_staff("passkey_challenge"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_passkey_challenge")),
    )
    op.create_index(op.f("ix_passkey_challenge_expires_at"), "passkey_challenge", ["expires_at"])


def _demands() -> None:
    op.create_table(
        "second_factor_demand",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("scope", sa.String(length=10), nullable=False),
        sa.Column("school_id", sa.Integer(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "scope = CASE WHEN school_id IS NULL THEN 'platform' ELSE 'school' END",
            name=op.f("ck_second_factor_demand_scope"),
        ),
        sa.ForeignKeyConstraint(
            ["school_id"], ["school.id"], name=op.f("fk_second_factor_demand_school_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["decided_by"], ["staff.id"], name=op.f("fk_second_factor_demand_decided_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factor_demand")),
    )
    for name, condition, column in (
        ("uq_second_factor_demand_school", "school_id IS NOT NULL", "school_id"),
        ("uq_second_factor_demand_platform", "school_id IS NULL", "scope"),
    ):
        where = sa.text(condition)
        op.create_index(name, "second_factor_demand", [column], unique=True, sqlite_where=where, postgresql_where=where)


def _of_staff(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_staff_id")
    return sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=name, ondelete="CASCADE")
