"""Tries are counted door by door, wrong codes by the hour, and a code may wait for its address to be confirmed.

The counts of failed tries start anew: they mean something else now, and are a day old at most.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

KINDS = (
    "caller",
    "hidden",
    "code_and_caller",
    "code_by_call",
    "code_by_sms",
    "code_by_web",
    "account",
    "account_anywhere",
    "device",
    "old_password",
    "address",
    "web_address",
    "web_network",
    "web_braked",
    "mailbox",
    "letter",
    "reset_letter",
)
KINDS_BEFORE = ("caller", "student", "account", "address")
ONE_WISH = (
    "CASE WHEN student_id IS NULL THEN 0 ELSE 1 END + CASE WHEN subscriber_id IS NULL THEN 0 ELSE 1 END"
    " + CASE WHEN code_encrypted IS NULL THEN 0 ELSE 1 END = 1"
)


def upgrade() -> None:
    _lockouts(KINDS, sa.Column("owner_hash", sa.LargeBinary(), nullable=True))
    op.create_index(op.f("ix_lockout_owner_hash"), "lockout", ["owner_hash"])
    op.create_table(
        "wrong_codes",
        sa.Column("door", sa.String(length=20), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("door IN ('call', 'sms', 'web')", name=op.f("ck_wrong_codes_door")),
        sa.CheckConstraint("count > 0", name=op.f("ck_wrong_codes_count")),
        sa.PrimaryKeyConstraint("door", "since", name=op.f("pk_wrong_codes")),
    )
    with op.batch_alter_table("email_request") as table:
        table.add_column(sa.Column("code_encrypted", sa.LargeBinary(), nullable=True))
        table.drop_constraint(op.f("ck_email_request_student_or_subscriber"), type_="check")
        table.create_check_constraint(op.f("ck_email_request_one_wish"), ONE_WISH)


def downgrade() -> None:
    op.execute("DELETE FROM email_request WHERE code_encrypted IS NOT NULL")
    with op.batch_alter_table("email_request") as table:
        table.drop_constraint(op.f("ck_email_request_one_wish"), type_="check")
        table.create_check_constraint(
            op.f("ck_email_request_student_or_subscriber"), "(student_id IS NULL) <> (subscriber_id IS NULL)"
        )
        table.drop_column("code_encrypted")
    op.drop_table("wrong_codes")
    _lockouts(KINDS_BEFORE)


def _lockouts(kinds: tuple[str, ...], *more: sa.Column[bytes]) -> None:
    """The table of counts, empty, with counts of these kinds."""
    op.drop_table("lockout")
    op.create_table(
        "lockout",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject_hash", sa.LargeBinary(), nullable=False),
        *more,
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("locked_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(sa.column("kind", sa.String()).in_(kinds), name=op.f("ck_lockout_kind")),
        sa.CheckConstraint("failures >= 0", name=op.f("ck_lockout_failures")),
        sa.PrimaryKeyConstraint("kind", "subject_hash", name=op.f("pk_lockout")),
    )
    op.create_index(op.f("ix_lockout_forgotten_at"), "lockout", ["forgotten_at"])
